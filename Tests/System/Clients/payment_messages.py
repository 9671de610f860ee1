"""Messages of a payment provider, many at once: signed by carbon-layer and by Stripe's SDK, repeated, shuffled, forged.

Reads {"url", "secret", "objects"} and prints what was answered, by kind, and where the SDK and the server disagree.
"""

import asyncio
import collections
import json
import random
import sys
import time

import httpx
import stripe
from carbon.webhook.payloads import _build_stripe_payload
from carbon.webhook.sender import _apply_signature_mode, _sign_stripe

asked = json.load(sys.stdin)
url, secret = asked["url"], asked["secret"]
random.seed(7)


def events():
    for thing in asked["objects"]:
        for kind in ["payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.created", "made.up"]:
            yield json.dumps(_build_stripe_payload(
                event_type=kind, entity_type="payment", remote_id=thing["id"], metadata=thing,
                account_id="acc_carbon")).encode()


async def storm(mode, repeat):
    sent = [body for body in events() for _ in range(repeat)]
    random.shuffle(sent)
    gate = asyncio.Semaphore(50)
    signer = "wrong_" + secret if mode == "wrong_secret" else secret

    async def post(client, body):
        async with gate:
            headers = _apply_signature_mode(_sign_stripe(body, signer), mode)
            return (await client.post(url, content=body, headers=headers, timeout=30)).status_code

    async with httpx.AsyncClient() as client:
        return collections.Counter(await asyncio.gather(*[post(client, body) for body in sent]))


def differential():
    """Where Stripe's own check and the server's answer do not say the same."""
    found = []
    body = next(events()).decode()
    now = int(time.time())

    def sign(at, key=secret, text=body):
        return stripe.WebhookSignature._compute_signature(f"{at}.{text}", key)

    with httpx.Client() as client:
        for name, header in {
            "good": f"t={now},v1={sign(now)}",
            "any of several": f"t={now},v1={'0' * 64},v1={sign(now)}",
            "another scheme": f"t={now},v0={sign(now)}",
            "no time": f"v1={sign(now)}",
            "another time": f"t={now - 1},v1={sign(now)}",
            "old": f"t={now - 302},v1={sign(now - 302)}",
            "nearly old": f"t={now - 295},v1={sign(now - 295)}",
            "other secret": f"t={now},v1={sign(now, 'whsec_other')}",
            "other body": f"t={now},v1={sign(now, text=body + ' ')}",
            "empty": "",
            "cut": f"t={now},v1={sign(now)[:-1]}",
        }.items():
            try:
                stripe.Webhook.construct_event(body, header, secret)
                wanted = 200
            except (stripe.SignatureVerificationError, ValueError):
                wanted = 400
            status = client.post(url, content=body, headers={"Stripe-Signature": header}, timeout=30).status_code
            if status != wanted:
                found.append(f"{name}: Stripe's SDK says {wanted}, the server {status}")
    return found


mode = sys.argv[1]
if mode == "differential":
    print(json.dumps({"disagreements": differential()}))
else:
    counted = asyncio.run(storm(mode, int(sys.argv[2])))
    print(json.dumps({str(status): count for status, count in counted.items()}))
