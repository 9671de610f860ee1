"""Asks for prices with OpenFeature's own SDK and remote provider, unmodified.

usage: openfeature_flags.py BASE_URL KEY WIDGET_KEY SKU COUNT
Prints one JSON object.
"""
import json
import sys

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

base, key, widget, sku, count = *sys.argv[1:5], int(sys.argv[5])


def client(bearer):
    provider = OFREPProvider(base, headers_factory=lambda: {"Authorization": "Bearer " + bearer})
    api.set_provider_and_wait(provider)
    return api.get_client()


def told(details):
    return {
        "value": details.value, "reason": details.reason and str(details.reason.value), "variant": details.variant,
        "error": details.error_code and details.error_code.value, "message": details.error_message,
        "metadata": dict(details.flag_metadata or {}),
    }


flags = client(key)
flag = "price." + sku
answers = []
for number in range(count):
    context = EvaluationContext(f"shopper-{number}", {"country": "DE"})
    answers.append({
        "shopper": f"shopper-{number}",
        "major": told(flags.get_float_details(flag, -1.0, context)),
        "minor": told(flags.get_integer_details(flag + ".minor", -1, context)),
        "quote": told(flags.get_object_details(flag + ".quote", {}, context)),
    })
ada = EvaluationContext("ada")
out = {
    "answers": answers,
    "unknown": told(flags.get_float_details("price.none", -1.0, ada)),
    "nobody": told(flags.get_float_details(flag, -1.0)),
    "wrong_type": told(flags.get_integer_details(flag, -1, ada)),
    "bad_context": told(flags.get_float_details(flag, -1.0, EvaluationContext("\n"))),
    "whole": told(flags.get_float_details("price.whole", -1.0, ada)),
}
out["stranger"] = told(client("ck_nobody").get_float_details(flag, -1.0, ada))
out["widget"] = told(client(widget).get_float_details(flag, -1.0, ada))
print(json.dumps(out))
