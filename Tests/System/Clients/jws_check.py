"""Checks a signed quote with joserfc and with PyJWT, from the published keys alone.

usage: jws_check.py KEYS_URL   (compact JWS on standard input, one a line)
Prints one JSON object a line: the claims as each library reads them, and how many damaged ones each accepted.
"""
import json
import random
import sys
import urllib.request

import jwt
from joserfc import jws
from joserfc.jwk import KeySet

published = json.load(urllib.request.urlopen(sys.argv[1]))
keys = KeySet.import_key_set(published)
client = jwt.PyJWKClient(sys.argv[1])
random.seed(20261121)
alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def by_joserfc(text):
    return json.loads(jws.deserialize_compact(text, keys, algorithms=["ES256"]).payload)


def by_pyjwt(text):
    return jwt.decode(text, client.get_signing_key_from_jwt(text).key, algorithms=["ES256"])


for line in sys.stdin:
    text = line.strip()
    accepted = 0
    for _ in range(100):
        # The last letter of a part has bits that stand for nothing; it is left as it is.
        part = random.randrange(3)
        parts = text.split(".")
        place = random.randrange(len(parts[part]) - 1)
        letter = random.choice([x for x in alphabet if x != parts[part][place]])
        parts[part] = parts[part][:place] + letter + parts[part][place + 1:]
        for check in (by_joserfc, by_pyjwt):
            try:
                check(".".join(parts))
                accepted += 1
            except Exception:
                pass
    thumbprints = all(key.thumbprint() == key.kid for key in keys.keys)
    print(json.dumps({
        "joserfc": by_joserfc(text), "pyjwt": by_pyjwt(text), "accepted": accepted, "thumbprints": thumbprints,
    }))
