#define OPENSSL_SUPPRESS_DEPRECATED
#include "include/copenssl.h"

#include <pthread.h>
#include <string.h>

/// At the process' end nothing is taken down: a thread that ends at that moment reads what was freed (seen as a crash of a server
/// that had done all its work). Before whoever else uses the library, as its first use decides it (OPENSSL_init_crypto(3),
/// OPENSSL_INIT_NO_ATEXIT).
__attribute__((constructor)) static void keep_until_the_end(void) { OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL); }

void copenssl_sha256_begin(SHA256_CTX *state) { SHA256_Init(state); }

void copenssl_sha256_update(SHA256_CTX *state, const void *bytes, size_t count) {
    if (count > 0) SHA256_Update(state, bytes, count);
}

static copenssl_digest digest_of(const uint8_t bytes[32]) {
    copenssl_digest digest;
    for (int i = 0; i < 4; i++) {
        uint64_t word;
        memcpy(&word, bytes + 8 * i, 8);
        digest.word[i] = __builtin_bswap64(word);
    }
    return digest;
}

copenssl_digest copenssl_sha256_finish(SHA256_CTX *state) {
    uint8_t bytes[32];
    SHA256_Final(bytes, state);
    return digest_of(bytes);
}

/// The state after one whole block.
static void after_block(SHA256_CTX *state, const uint32_t words[8]) {
    SHA256_Init(state);
    for (int i = 0; i < 8; i++) state->h[i] = words[i];
    state->Nl = 512;  // bits hashed so far
}

copenssl_hmac_key copenssl_hmac_prepare(const uint8_t *key, size_t count) {
    uint8_t block[64] = {0};
    if (count > sizeof block) {
        SHA256(key, count, block);
    } else if (count > 0) {
        memcpy(block, key, count);
    }
    copenssl_hmac_key prepared;
    SHA256_CTX state;
    for (int i = 0; i < 64; i++) block[i] ^= 0x36;
    SHA256_Init(&state);
    SHA256_Update(&state, block, sizeof block);
    for (int i = 0; i < 8; i++) prepared.inner[i] = state.h[i];
    for (int i = 0; i < 64; i++) block[i] ^= 0x36 ^ 0x5c;
    SHA256_Init(&state);
    SHA256_Update(&state, block, sizeof block);
    for (int i = 0; i < 8; i++) prepared.outer[i] = state.h[i];
    OPENSSL_cleanse(block, sizeof block);
    OPENSSL_cleanse(&state, sizeof state);
    return prepared;
}

void copenssl_hmac_begin(const copenssl_hmac_key *key, SHA256_CTX *state) { after_block(state, key->inner); }

copenssl_digest copenssl_hmac_finish(const copenssl_hmac_key *key, SHA256_CTX *state) {
    uint8_t bytes[32];
    SHA256_Final(bytes, state);
    after_block(state, key->outer);
    SHA256_Update(state, bytes, sizeof bytes);
    SHA256_Final(bytes, state);
    return digest_of(bytes);
}

static EVP_CIPHER *gcm;
static pthread_once_t gcm_once = PTHREAD_ONCE_INIT;
static void fetch_gcm(void) { gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL); }

/// Runs the cipher over all of `input`, in steps that fit libcrypto's int.
static int update(EVP_CIPHER_CTX *context, uint8_t *output, const uint8_t *input, size_t count) {
    while (count > 0) {
        int step = count > (1 << 30) ? (1 << 30) : (int)count, written = 0;
        if (EVP_CipherUpdate(context, output, &written, input, step) != 1) return 0;
        if (output) output += written;
        input += step;
        count -= (size_t)step;
    }
    return 1;
}

/// `tag` is written when sealing and read when opening.
static int gcm_run(int sealing, const uint8_t key[32], const uint8_t nonce[12], const void *aad, size_t aad_count,
                   const void *input, size_t count, uint8_t *output, uint8_t tag[16]) {
    pthread_once(&gcm_once, fetch_gcm);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t rest[16];
    int last = 0;
    int ok = gcm && context && EVP_CipherInit_ex2(context, gcm, key, nonce, sealing, NULL) == 1 &&
             update(context, NULL, aad, aad_count) && update(context, output, input, count) &&
             (sealing || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, 16, tag) == 1) &&
             EVP_CipherFinal_ex(context, rest, &last) == 1 &&
             (!sealing || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, tag) == 1);
    EVP_CIPHER_CTX_free(context);
    return ok;
}

int copenssl_gcm_seal(const uint8_t key[32], const uint8_t nonce[12], const void *aad, size_t aad_count,
                      const void *plaintext, size_t count, uint8_t *output, uint8_t tag[16]) {
    return gcm_run(1, key, nonce, aad, aad_count, plaintext, count, output, tag);
}

int copenssl_gcm_open(const uint8_t key[32], const uint8_t nonce[12], const void *aad, size_t aad_count,
                      const void *ciphertext, size_t count, uint8_t *output, const uint8_t tag[16]) {
    uint8_t expected[16];
    memcpy(expected, tag, sizeof expected);
    return gcm_run(0, key, nonce, aad, aad_count, ciphertext, count, output, expected);
}
