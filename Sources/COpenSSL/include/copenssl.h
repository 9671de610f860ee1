// OpenSSL's libcrypto as Swift can call it.
#pragma once
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

// SHA-256 and HMAC over OpenSSL's plain SHA256_CTX, not over EVP: an EVP context is fetched,
// allocated and locked, which for the 150 bytes of a quote costs several times the hashing
// itself. A SHA256_CTX is a value; copying one is how a keyed HMAC is shared between threads.
// (OpenSSL 3 marks these calls deprecated to steer applications to EVP's providers; they run the
// same assembly.)

/// A digest as four big-endian words: comparing words is comparing bytes.
typedef struct {
    uint64_t word[4];
} copenssl_digest;

void copenssl_sha256_begin(SHA256_CTX *state);
void copenssl_sha256_update(SHA256_CTX *state, const void *bytes, size_t count);
/// Leaves `state` unusable.
copenssl_digest copenssl_sha256_finish(SHA256_CTX *state);

/// The two compression states after HMAC's padded keys (RFC 2104); as secret as the key.
typedef struct {
    uint32_t inner[8];
    uint32_t outer[8];
} copenssl_hmac_key;

copenssl_hmac_key copenssl_hmac_prepare(const uint8_t *key, size_t count);
void copenssl_hmac_begin(const copenssl_hmac_key *key, SHA256_CTX *state);
/// Leaves `state` unusable.
copenssl_digest copenssl_hmac_finish(const copenssl_hmac_key *key, SHA256_CTX *state);

/// AES-256-GCM with a 12-byte nonce and a 16-byte tag. `output` holds `count` bytes.
/// Returns 1, or 0 when libcrypto fails (no memory).
int copenssl_gcm_seal(const uint8_t key[32], const uint8_t nonce[12], const void *aad, size_t aad_count,
                      const void *plaintext, size_t count, uint8_t *output, uint8_t tag[16]);
/// Returns 1 if the tag is right, else 0; `output` is then not to be looked at.
int copenssl_gcm_open(const uint8_t key[32], const uint8_t nonce[12], const void *aad, size_t aad_count,
                      const void *ciphertext, size_t count, uint8_t *output, const uint8_t tag[16]);

/// Keys on the curve P-256. Signing and verifying only read a key, from any thread.
///
/// The key of the secret scalar `scalar` (big-endian), or NULL if it is 0 or not below the curve's order.
EVP_PKEY *copenssl_p256_from_scalar(const uint8_t scalar[32]);
/// The key of a point, x and y, or NULL if it is not on the curve.
EVP_PKEY *copenssl_p256_from_point(const uint8_t point[64]);
/// The key in a PEM block, private or public; NULL if there is none or it is of another kind. Never asks for a password.
EVP_PKEY *copenssl_p256_from_pem(const void *bytes, size_t count);
/// Whether it can sign.
int copenssl_p256_is_private(const EVP_PKEY *key);
/// Writes x and y. Returns 1, or 0 when libcrypto fails.
int copenssl_p256_point(const EVP_PKEY *key, uint8_t point[64]);
/// ECDSA with SHA-256; r and s of 32 bytes each. Returns 1, or 0 when libcrypto fails.
int copenssl_p256_sign(EVP_PKEY *key, const void *message, size_t count, uint8_t signature[64]);
/// Returns 1 if the signature is right, else 0.
int copenssl_p256_verify(EVP_PKEY *key, const void *message, size_t count, const uint8_t signature[64]);
