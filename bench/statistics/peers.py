"""The peers' half of `bench/statistics/run`: one line a measurement, its name, a tab, who, a tab, nanoseconds.

Timed by the rule of Timing.swift: as many calls as fill a round, the best of several rounds.
"""

import math
import sys
import time
import warnings

import numpy as np
import scipy.special as sp

warnings.simplefilter("ignore")


def nanoseconds(body, rounds=5, fill=0.05):
    calls = 1
    while True:
        start = time.perf_counter()
        for _ in range(calls):
            body()
        if time.perf_counter() - start > fill / 4:
            break
        calls *= 2
    best = math.inf
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            body()
        best = min(best, (time.perf_counter() - start) / calls)
    return best * 1e9


def report(name, who, value):
    print(f"{name}\t{who}\t{value}", flush=True)


def miller(aA, bA, aB, bB):
    """Miller's sum for P(B > A), the way it is usually written: a log-beta or three a term."""
    total = 0.0
    for i in range(int(aB)):
        total += math.exp(sp.betaln(aA + i, bB + bA) - math.log(bB + i) - sp.betaln(1 + i, bB) - sp.betaln(aA, bA))
    return total


def quadrature(aA, bA, aB, bB):
    """The same and both losses by SciPy: Gauss-Legendre, 200 nodes across both posteriors."""
    nodes, weights = _rule
    spread = [math.sqrt(a * b / (a + b) ** 2 / (a + b + 1)) for a, b in ((aA, bA), (aB, bB))]
    low = max(0.0, min(aA / (aA + bA) - 9 * spread[0], aB / (aB + bB) - 9 * spread[1]))
    high = min(1.0, max(aA / (aA + bA) + 9 * spread[0], aB / (aB + bB) + 9 * spread[1]))
    x = low + (high - low) * nodes
    w = (high - low) * weights
    FA, FB = sp.betainc(aA, bA, x), sp.betainc(aB, bB, x)
    fB = np.exp((aB - 1) * np.log(x) + (bB - 1) * np.log1p(-x) - sp.betaln(aB, bB))
    return (w * fB * FA).sum(), (w * FB * (1 - FA)).sum(), (w * FA * (1 - FB)).sum()


_rule = np.polynomial.legendre.leggauss(200)
_rule = ((_rule[0] + 1) / 2, _rule[1] / 2)


def comparisons():
    import gbstats.bayesian.tests as gb
    from gbstats.models.statistics import ProportionStatistic

    settings = [("10 of 100", 100, 10, 100, 14), ("100 of 1,000", 1000, 100, 1000, 112),
                ("5,000 of 50,000", 50_000, 5000, 50_000, 5130), ("1e5 of 1e6", 10**6, 10**5, 10**6, 100_700),
                ("1e11 of 1e12", 10**12, 10**11, 10**12, 10**11 + 400_000)]
    for name, nA, xA, nB, xB in settings:
        a, b = ProportionStatistic(n=nA, sum=xA), ProportionStatistic(n=nB, sum=xB)
        config = gb.EffectBayesianConfig(difference_type="absolute")
        name = f"P(B>A), losses: {name}"
        report(name, "gbstats (normal approximation)", nanoseconds(lambda: gb.EffectBayesianABTest(a, b, config).compute_result()))
        shapes = (xA + 1, nA - xA + 1, xB + 1, nB - xB + 1)
        report(name, "SciPy quadrature", nanoseconds(lambda: quadrature(*shapes)))
        if xB <= 5130:
            report(name, "Miller's sum (P only)", nanoseconds(lambda: miller(*shapes)))


def special_functions():
    for name, size in (("small", 10.0), ("medium", 300.0), ("large", 1e5)):
        r = np.random.default_rng(7)
        p, n = r.random(10_000), size * (0.5 + r.random(10_000))
        a, b = n * p + 0.5, n * (1 - p) + 0.5
        x = np.clip(p + np.sqrt(p * (1 - p) / n) * 2 * (r.random(10_000) - 0.5), 0.001, 0.999)
        report(f"incomplete beta, {name}", "SciPy", nanoseconds(lambda: sp.betainc(a, b, x), rounds=7) / 10_000)


def sequences():
    r = np.random.default_rng(11)
    try:
        import confseq.betting as betting

        x = (r.random(300) * r.random(300))
        value = nanoseconds(lambda: betting.hedged_cs(x, alpha=0.05, breaks=1000, running_intersection=True), rounds=2) / 300
        report("betting confidence sequence, an update (n = 10,000)", "confseq (n = 300, grid of 1,000)", value)
    except ImportError:
        print("confseq is not installed", file=sys.stderr)
    from statsmodels.stats.multitest import multipletests

    p = r.random(10_000)
    report("Benjamini-Hochberg, 10,000 p-values", "statsmodels", nanoseconds(lambda: multipletests(p, 0.05, "fdr_bh")))


def pairs():
    import gbstats.bayesian.tests as gb
    import gbstats.frequentist.tests as freq
    from gbstats.models.statistics import ProportionStatistic, SampleMeanStatistic

    def analysis(a, b):
        """What the report says of a pair: both scales, sequential, fixed-horizon and Bayesian."""
        for scale in ("absolute", "relative"):
            freq.SequentialTwoSidedTTest(a, b, freq.SequentialConfig(difference_type=scale)).compute_result()
            freq.TwoSidedTTest(a, b, freq.FrequentistConfig(difference_type=scale)).compute_result()
            gb.EffectBayesianABTest(a, b, gb.EffectBayesianConfig(difference_type=scale)).compute_result()

    import gbstats.gbstats as pipeline
    from gbstats.models.settings import AnalysisSettingsForStatsEngine, MetricSettingsForStatsEngine

    def metric(kind, sums, squares):
        """One metric of two variants the way GrowthBook runs it: one engine, one scale."""
        rows = [dict(dimension="", variation=str(i), users=10_000, count=10_000, main_sum=sums[i], main_sum_squares=squares[i])
                for i in (0, 1)]
        settings = MetricSettingsForStatsEngine(id="m", name="m", statistic_type="mean", main_metric_type=kind)
        analysis = AnalysisSettingsForStatsEngine(var_names=["a", "b"], var_ids=["0", "1"], weights=[0.5, 0.5])
        return lambda: pipeline.process_single_metric(rows, settings, [analysis])

    a, b = ProportionStatistic(n=10_000, sum=1000), ProportionStatistic(n=10_000, sum=1080)
    report("metric analysis, conversion", "gbstats, its pipeline, one engine and scale",
           nanoseconds(metric("binomial", (1000, 1080), (1000, 1080))))
    report("metric analysis, conversion", "gbstats, its tests alone, all of ours", nanoseconds(lambda: analysis(a, b)))
    c = SampleMeanStatistic(n=10_000, sum=42_000.0, sum_squares=10_000 * 4.2**2 + 9999 * 180.0)
    d = SampleMeanStatistic(n=10_000, sum=45_000.0, sum_squares=10_000 * 4.5**2 + 9999 * 190.0)
    report("metric analysis, revenue", "gbstats, its pipeline, one engine and scale",
           nanoseconds(metric("count", (42_000.0, 45_000.0), (c.sum_squares, d.sum_squares))))
    report("metric analysis, revenue", "gbstats, its tests alone, all of ours", nanoseconds(lambda: analysis(c, d)))

    try:
        import pandas as pd
        import spotify_confidence as sc

        frame = pd.DataFrame(dict(group=["a", "b"], sum=[1000, 1080], n=[10_000, 10_000]))

        def spotify():
            test = sc.ZTest(frame, numerator_column="sum", numerator_sum_squares_column="sum", denominator_column="n",
                            categorical_group_columns="group", interval_size=0.95)
            test.difference(level_1="a", level_2="b")

        report("metric analysis, conversion", "spotify-confidence (z test alone)", nanoseconds(spotify, rounds=2))
    except Exception as error:
        print(f"spotify-confidence: {error}", file=sys.stderr)


def prices():
    import statsmodels.api as sm

    price = np.array([9.0, 10, 11, 12])
    counts = np.array([[120, 880], [101, 899], [83, 917], [61, 939]])
    X = sm.add_constant(price)

    def fit():
        result = sm.GLM(counts, X, sm.families.Binomial()).fit()
        a, b = result.params
        w = sp.lambertw(np.exp(a + 4 * b - 1)).real
        share = w / (1 + w)
        gradient = np.array([-share / b, -4 * share / b + (1 + w) / b**2])
        return 4 - (1 + w) / b, math.sqrt(gradient @ result.cov_params() @ gradient)

    report("logit demand: fit, optimal price, interval", "statsmodels", nanoseconds(fit))


if __name__ == "__main__":
    comparisons()
    special_functions()
    sequences()
    pairs()
    prices()
