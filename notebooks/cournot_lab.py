"""What the notebooks share: the engine behind a few calls, and a shop whose demand is known.

Reports on files and single numbers come from the `cournot` binary (COURNOT_BINARY, or `cournot` on PATH). Where
COURNOT_URL and COURNOT_KEY, a merchant's key, name a server, it is asked over plain HTTP.
"""
import datetime
import json
import math
import os
import pathlib
import random
import subprocess
import urllib.error
import urllib.request

DATA = pathlib.Path(__file__).resolve().parent.parent / "notebooks-data"
URL = os.environ.get("COURNOT_URL", "").rstrip("/")
KEY = os.environ.get("COURNOT_KEY", "")
LIVE = bool(URL and KEY)
BINARY = os.environ.get("COURNOT_BINARY", "cournot")

# Okabe and Ito's colours: told apart by colour-blind eyes, and in grey.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#767676"


def _run(arguments, text=None):
    done = subprocess.run([BINARY, *arguments], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return done.stdout


def published(name):
    """A file of notebooks-data and its published answers."""
    return DATA / f"{name}.csv", json.loads((DATA / f"{name}.published.json").read_text())


def analyze(path, *options):
    """The report on a file, as the API gives it."""
    return json.loads(_run(["analyze", str(path), "--json", *options]))


def stats(function, questions):
    """Answers of one function to several questions, each a dictionary of its inputs."""
    lines = "".join(json.dumps({"fn": function, "inputs": question}) + "\n" for question in questions)
    answers = [json.loads(line) for line in _run(["stats"], lines).splitlines()]
    for answer in answers:
        if "error" in answer:
            raise ValueError(answer["error"]["detail"])
    return [answer["result"] for answer in answers]


def api(method, path, body=None):
    """What the server answers to one request."""
    request = urllib.request.Request(
        f"{URL}/api/v1{path}", method=method, data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{method} {path}: {error.read().decode()}") from None


def metric(report, name):
    """One metric of a report."""
    return next(metric for metric in report["metrics"] if metric["name"] == name)


def purchase_probability(price, half_price, steepness):
    """Of a shopper: 20% at most, half of that at `half_price`; logistic in the price, in dollars."""
    return 0.2 / (1 + math.exp(steepness * (price - half_price)))


def simulated_experiment(name, prices, shoppers, seed, unit_cost, half_price, steepness):
    """Runs an experiment on the server with shoppers whose demand is known, and returns its id.

    Prices and costs are whole dollars. Each shopper asks for a price, and buys with the probability above.
    """
    dice = random.Random(seed)
    tag = f"{name}-{datetime.datetime.now(datetime.timezone.utc):%Y%m%dT%H%M%S%f}"

    def money(dollars):
        return {"amount": round(dollars * 100), "currency": "USD"}

    api("POST", "/products",
        {"sku": tag, "title": name, "list_price": money(prices[0]), "unit_cost": money(unit_cost)})
    variants = [{"name": "control" if index == 0 else f"at {price}", "price": money(price), "weight": 1}
                for index, price in enumerate(prices)]
    experiment = api("POST", "/experiments",
                     {"name": name, "products": [tag], "currency": "USD", "variants": variants})["id"]
    api("POST", f"/experiments/{experiment}/start", {})
    for start in range(0, shoppers, 500):
        asked = [{"shopper": f"{tag}-{number}", "product": tag} for number in range(start, min(start + 500, shoppers))]
        quotes = [one["quote"] for one in api("POST", "/quotes/batch", {"quotes": asked})["data"]]
        sales = []
        for question, quote in zip(asked, quotes):
            price = quote["price"]["amount"] / 100
            if dice.random() < purchase_probability(price, half_price, steepness):
                sales.append({"id": f"sale-{question['shopper']}", "type": "conversion", "quote": quote["id"],
                              "shopper": question["shopper"], "order": f"order-{question['shopper']}",
                              "timestamp": quote["issued_at"]})
        if sales:
            answer = api("POST", "/events", sales)
            assert answer["accepted"] == len(sales), answer
    return experiment
