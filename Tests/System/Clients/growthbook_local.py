"""Evaluates a feature for many ids with GrowthBook's own SDK, unmodified, against a running server.

usage: growthbook_local.py BASE_URL SDK_KEY FEATURE COUNT
Prints one line an id: the id, the value, and the variation's key ("-" without one). The last line tells of remote
evaluation for the first id: "remote", the value, the experiment's and variation's keys as they were tracked.
"""
import sys

from growthbook import GrowthBook

base, key, feature, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
COUNTRIES = ["DE", "FR", "US"]
ALPHABETS = ["shopper-{}", "kunde-ü-{}", "買い物客{}", "🛒{}"]


def identifier(number):
    return ALPHABETS[number % 4].format(number)


book = GrowthBook(api_host=base, client_key=key)
book.load_features()
for number in range(count):
    book.set_attributes({"id": identifier(number), "country": COUNTRIES[number % 3]})
    result = book.eval_feature(feature)
    inside = result.experimentResult is not None and result.experimentResult.inExperiment
    print(identifier(number), result.value, result.experimentResult.key if inside else "-")
book.destroy()

tracked = []
remote = GrowthBook(
    api_host=base, client_key=key, remote_eval=True, cache_ttl=0,
    attributes={"id": identifier(0), "country": COUNTRIES[0]}, forced_variations={"whatever": 1},
    on_experiment_viewed=lambda experiment, result, **_: tracked.append((experiment.key, result.key)))
remote.load_features()
value = remote.get_feature_value(feature, -1)
print("remote", value, *(tracked[0] if tracked else ("-", "-")))
remote.destroy()
