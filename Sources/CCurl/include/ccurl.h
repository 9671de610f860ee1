#pragma once
// Swift imports no variadic functions: setopt and getinfo by the types they take.
#include <curl/curl.h>

CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value);
CURLcode ccurl_set_size(CURL *easy, CURLoption option, curl_off_t value);
CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, const void *value);
CURLcode ccurl_set_callback(
    CURL *easy, CURLoption option, size_t (*callback)(char *bytes, size_t one, size_t count, void *context));
CURLMcode ccurl_limit(CURLM *multi, CURLMoption option, long value);
// Takes a transfer that has ended out of `multi`'s messages; NULL where there is none.
CURL *ccurl_next_ended(CURLM *multi, CURLcode *outcome);
