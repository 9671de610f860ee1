"""BM25 as PyPI has it, over the same texts: quality and milliseconds a query. Called by bench/retrieval/run: DATA."""

import collections
import csv
import json
import math
import re
import statistics
import sys
import time

import bm25s
import numpy as np
from rank_bm25 import BM25Okapi

folder = sys.argv[1]
products = [json.loads(line) for line in open(folder + "/products.ndjson")]
ratings = collections.defaultdict(dict)
for row in csv.DictReader(open(folder + "/ratings.csv")):
    ratings[row["query"]][row["sku"]] = float(row["rating"])
skus = [product["sku"] for product in products]


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def text(product):
    values = [value for value in product["attributes"].values() if isinstance(value, str)]
    return " ".join([product["title"], product["description"], *values])


corpus = [words(text(product)) for product in products]


def report(name, ranking):
    gains, recalls, times = [], [], []
    for query, judged in ratings.items():
        start = time.perf_counter()
        found = ranking(words(query))
        times.append((time.perf_counter() - start) * 1e3)
        ideal = sum((2**r - 1) / math.log2(i + 2) for i, r in enumerate(sorted(judged.values(), reverse=True)[:10]))
        if ideal:
            gains.append(sum((2 ** judged.get(s, 0) - 1) / math.log2(i + 2) for i, s in enumerate(found[:10])) / ideal)
        relevant = {sku for sku, r in judged.items() if r >= 2}
        if relevant:
            recalls.append(len(relevant & set(found[:100])) / len(relevant))
    print(f"{name}: nDCG@10 {statistics.mean(gains):.3f}, recall@100 {statistics.mean(recalls):.3f}, "
          f"{statistics.median(times):.3f} ms median")


okapi = BM25Okapi(corpus)


def by_okapi(query):
    scores = okapi.get_scores(query)
    return [skus[i] for i in np.argsort(-scores, kind="stable")[:100] if scores[i] > 0]


sparse = bm25s.BM25()
sparse.index(corpus, show_progress=False)


def by_sparse(query):
    known = [word for word in query if word in sparse.vocab_dict]
    if not known:
        return []
    rows, _ = sparse.retrieve([known], k=100, show_progress=False)
    return [skus[i] for i in rows[0]]


report("rank_bm25", by_okapi)
report(f"bm25s {bm25s.__version__}", by_sparse)
