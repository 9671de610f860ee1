#include "include/copenssl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <string.h>

/// A key of its parts; `scalar` is NULL for a public one. `point` is 65 bytes, uncompressed.
static EVP_PKEY *key_of(const uint8_t point[65], const BIGNUM *scalar) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    int ok = builder && context &&
             OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
             OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, 65) == 1 &&
             (!scalar || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1) &&
             (parameters = OSSL_PARAM_BLD_to_param(builder)) != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
             EVP_PKEY_fromdata(context, &key, scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, parameters) == 1;
    if (!ok) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    return key;
}

EVP_PKEY *copenssl_p256_from_scalar(const uint8_t scalar[32]) {
    EVP_PKEY *key = NULL;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = group ? EC_POINT_new(group) : NULL;
    BIGNUM *number = BN_secure_new();
    uint8_t encoded[65];
    if (point && number && BN_bin2bn(scalar, 32, number) && !BN_is_zero(number) &&
        BN_cmp(number, EC_GROUP_get0_order(group)) < 0) {
        BN_set_flags(number, BN_FLG_CONSTTIME);
        if (EC_POINT_mul(group, point, number, NULL, NULL, NULL) == 1 &&
            EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, encoded, sizeof encoded, NULL) == 65)
            key = key_of(encoded, number);
    }
    BN_clear_free(number);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    return key;
}

EVP_PKEY *copenssl_p256_from_point(const uint8_t point[64]) {
    uint8_t encoded[65];
    encoded[0] = POINT_CONVERSION_UNCOMPRESSED;
    memcpy(encoded + 1, point, 64);
    return key_of(encoded, NULL);
}

static int no_password(char *buffer, int size, int writing, void *unused) {
    (void)buffer, (void)size, (void)writing, (void)unused;
    return -1;
}

static int is_p256(const EVP_PKEY *key) {
    char name[32];
    size_t count = 0;
    return EVP_PKEY_get_group_name(key, name, sizeof name, &count) == 1 && strcmp(name, "prime256v1") == 0;
}

EVP_PKEY *copenssl_p256_from_pem(const void *bytes, size_t count) {
    if (count > 1 << 16) return NULL;
    EVP_PKEY *key = NULL;
    BIO *input = BIO_new_mem_buf(bytes, (int)count);
    if (input) key = PEM_read_bio_PrivateKey(input, NULL, no_password, NULL);
    BIO_free(input);
    if (!key && (input = BIO_new_mem_buf(bytes, (int)count))) {
        key = PEM_read_bio_PUBKEY(input, NULL, no_password, NULL);
        BIO_free(input);
    }
    ERR_clear_error();
    if (key && !is_p256(key)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

int copenssl_p256_is_private(const EVP_PKEY *key) {
    BIGNUM *number = NULL;
    int ok = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1;
    BN_clear_free(number);
    ERR_clear_error();
    return ok;
}

int copenssl_p256_point(const EVP_PKEY *key, uint8_t point[64]) {
    BIGNUM *x = NULL, *y = NULL;
    int ok = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
             EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1 && BN_bn2binpad(x, point, 32) == 32 &&
             BN_bn2binpad(y, point + 32, 32) == 32;
    BN_free(x);
    BN_free(y);
    return ok;
}

int copenssl_p256_sign(EVP_PKEY *key, const void *message, size_t count, uint8_t signature[64]) {
    uint8_t der[80];
    size_t length = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int ok = context && EVP_DigestSignInit_ex(context, NULL, "SHA256", NULL, NULL, key, NULL) == 1 &&
             EVP_DigestSign(context, der, &length, message, count) == 1;
    EVP_MD_CTX_free(context);
    const uint8_t *cursor = der;
    ECDSA_SIG *pair = ok ? d2i_ECDSA_SIG(NULL, &cursor, (long)length) : NULL;
    ok = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32) == 32 &&
         BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32) == 32;
    ECDSA_SIG_free(pair);
    return ok;
}

int copenssl_p256_verify(EVP_PKEY *key, const void *message, size_t count, const uint8_t signature[64]) {
    uint8_t *der = NULL;
    int length = 0, ok = 0;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, 32, NULL), *s = BN_bin2bn(signature + 32, 32, NULL);
    if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL;  // the pair's now
        length = i2d_ECDSA_SIG(pair, &der);
    }
    if (length > 0) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        ok = context && EVP_DigestVerifyInit_ex(context, NULL, "SHA256", NULL, NULL, key, NULL) == 1 &&
             EVP_DigestVerify(context, der, (size_t)length, message, count) == 1;
        EVP_MD_CTX_free(context);
    }
    OPENSSL_free(der);
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    ERR_clear_error();
    return ok;
}
