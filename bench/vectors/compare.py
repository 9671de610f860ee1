"""Runs ours and the peers by turns over the same rows and prints one table. Called by bench/vectors/run."""

import statistics
import subprocess
import sys
import time

import faiss
import numpy as np
import usearch
from usearch.index import Index, MetricKind, search

program, folder, rows, dimension, rounds, shape = sys.argv[1:]
rows, dimension, rounds = int(rows), int(dimension), int(rounds)
K = 10
faiss.omp_set_num_threads(1)

matrix = np.fromfile(f"{folder}/rows.f32", dtype=np.float32).reshape(rows, dimension)
queries = np.fromfile(f"{folder}/queries.f32", dtype=np.float32).reshape(-1, dimension)

flat = faiss.IndexFlatIP(dimension)
flat.add(matrix)
coded = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
coded.train(matrix)
coded.add(matrix)
bytes_ = np.clip(np.rint(matrix * (127 / np.abs(matrix).max(axis=1, keepdims=True))), -127, 127).astype(np.int8)
byte_queries = np.clip(np.rint(queries * (127 / np.abs(queries).max(axis=1, keepdims=True))), -127, 127).astype(np.int8)


def top(scores):
    part = np.argpartition(-scores, K, axis=-1)[..., :K]
    order = np.argsort(-np.take_along_axis(scores, part, -1), axis=-1, kind="stable")
    return np.take_along_axis(part, order, -1)


def one(q):
    return queries[q : q + 1]


contenders = {
    "numpy": lambda q: top(matrix @ queries[q]),
    "faiss flat": lambda q: flat.search(one(q), K)[1],
    "usearch exact": lambda q: search(matrix, one(q), K, MetricKind.Cos, exact=True, threads=1).keys,
    "faiss SQ8": lambda q: coded.search(one(q), K)[1],
    "usearch exact int8": lambda q: search(bytes_, byte_queries[q : q + 1], K, MetricKind.Cos, exact=True, threads=1).keys,
}
together = {
    "numpy, batch": lambda: top(queries @ matrix.T),
    "faiss flat, batch": lambda: flat.search(queries, K)[1],
    "usearch exact, batch": lambda: search(matrix, queries, K, MetricKind.Cos, exact=True, threads=1).keys,
}

times = {}
facts = {}


def note(name, milliseconds):
    times.setdefault(name, []).append(milliseconds)


def timed(name, body):
    start = time.perf_counter()
    result = body()
    note(name, (time.perf_counter() - start) * 1e3)
    return result


ours = {}
for round_ in range(rounds):
    answer = subprocess.run([program, "run", folder, str(rows), str(dimension)], capture_output=True, text=True, check=True)
    for line in answer.stdout.splitlines():
        words = line.split("\t") if "\t" in line else line.split()
        if words[0] in ("kernel", "recall"):
            facts[words[0]] = words[1]
        else:
            ours.setdefault(words[0], []).append((float(words[1]), float(words[2])))
    for q in range(12):
        for name, body in contenders.items():
            timed(name, lambda: body(q))
    for _ in range(3):
        for name, body in together.items():
            timed(name, body)

exact = top(queries.astype(np.float64) @ matrix.T.astype(np.float64))
found = np.fromfile(f"{folder}/answers.i32", dtype=np.int32).reshape(len(queries), K)


def recall(keys):
    return sum(len(set(a) & set(b)) for a, b in zip(keys, exact)) / exact.size


def figures(name):
    if name in ours:
        return min(b for b, _ in ours[name]), statistics.median(m for _, m in ours[name])
    return min(times[name]), statistics.median(times[name])


print(f"{rows:,} x {dimension} Float32, {shape}; top-{K} by cosine, one thread; OpenBLAS kernel {facts['kernel']}")
print(f"faiss {faiss.__version__}, usearch {usearch.__version__}, numpy {np.__version__}; milliseconds, best and median")
print()
print(f"{'':34}{'best':>9}{'median':>9}   held against{'':14}{'best':>6}{'median':>8}")


def line(label, name, against=None, as_speed=False, more=""):
    best, median = figures(name)
    text = f"{label:34}{best:9.3f}{median:9.3f}"
    if against:
        other = figures(against)
        ratios = (other[0] / best, other[1] / median) if as_speed else (best / other[0], median / other[1])
        text += f"   {against + (', times faster' if as_speed else ''):24}  {ratios[0]:6.2f}{ratios[1]:8.2f}"
    print(text + more)


bandwidth = matrix.nbytes / figures("read")[0] * 1e-6
line("reading the matrix once", "read", more=f"   {bandwidth:.1f} GB/s")
line("Cournot, one query", "float32", "read")
for name in ("numpy", "faiss flat", "usearch exact"):
    line(name + ", one query", name, "read")
line("Cournot int8, one query", "int8", "float32", True, f"   recall@10 {float(facts['recall']):.4f}")
keys = np.vstack([contenders["faiss SQ8"](q) for q in range(len(queries))])
line("faiss SQ8, one query", "faiss SQ8", "faiss flat", True, f"   recall@10 {recall(keys):.4f}")
keys = np.vstack([contenders["usearch exact int8"](q) for q in range(len(queries))])
line("usearch exact int8, one query", "usearch exact int8", "usearch exact", True, f"   recall@10 {recall(keys):.4f}")
line("bare SGEMM, 64 queries", "sgemm")
line("Cournot, 64 queries", "batch", "sgemm")
for name in together:
    line(name, name, "sgemm")
line("Cournot, half the rows allowed", "float32, half", "read")
line("Cournot, 1% allowed", "float32, 1%", "read")
line("Cournot int8, half allowed", "int8, half", "float32, half", True)
print()
print(f"Cournot's answers that numpy's in double precision are, in order: {(found == exact).mean():.4f}")
