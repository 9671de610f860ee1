"""Random and extreme questions to `cournot stats`, answered again by other people's libraries.

Usage: differential.py COURNOT [--seed N] [--cases M]    M cases of every function that has an oracle

A disagreement beyond the tolerance of the statistics page is printed with both values; the exit code is 1 if any is
left. Where an oracle is known to be wrong (1 - cdf in a tail, sums of squares at an offset) the exact definition takes
its place, in mpmath or rationals.
"""

import argparse
import json
import math
import subprocess
import sys
import warnings
from collections import Counter
from fractions import Fraction

import numpy as np
import scipy.stats as st
import scipy.special as sp
import statsmodels.api as sm
from mpmath import mp, mpf
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower, TTestIndPower
from statsmodels.stats.weightstats import ttost_ind
from statsmodels.stats.meta_analysis import combine_effects

import gbstats.bayesian.tests as gb_bayes
import gbstats.frequentist.tests as gb_freq
from gbstats.models.statistics import ProportionStatistic, QuantileStatistic, RatioStatistic, SampleMeanStatistic

import confseq.boundaries as boundaries
import confseq.betting as betting
import confseq.predmix as predmix
import confseq.quantiles as quantiles

import reference as ref

warnings.simplefilter("ignore")
mp.dps = 40
ORACLES = []


def oracle(fn, rel, absolute=0.0, share=1.0):
    """Registers a generator of (inputs, expected); `share` of the cases where the oracle is slow."""
    def register(make):
        ORACLES.append((fn, rel, absolute, share, make))
        return make
    return register


def count(r, low=1, high=12):
    """A whole number from 1 to 10^high, every magnitude alike."""
    return int(10 ** r.uniform(math.log10(low), high))


def arm(r, high=12):
    n = count(r, 2, high)
    rate = r.choice([10 ** r.uniform(-9, 0), r.uniform(0, 1), 1 - 10 ** r.uniform(-6, 0)])
    x = int(r.choice([min(n, round(n * rate)), 0, n], p=[0.9, 0.05, 0.05]))
    return n, x


def near_arm(r, n, x, high=12):
    """An arm that may be close or far away."""
    m = max(2, int(n * 10 ** r.uniform(-0.5, 0.5)))
    rate = (x + 0.5) / (n + 1)
    sd = math.sqrt(rate * (1 - rate) * (1 / n + 1 / m))
    y = int(min(m, max(0, round(m * (rate + r.normal() * 10 ** r.uniform(-1, 1) * sd)))))
    return m, y


def sample(r, size=None):
    size = size or int(r.integers(2, 40))
    offset = r.choice([0, 1, 1e3, 1e6, 1e9])
    scale = 10 ** r.uniform(-3, 3)
    return [float(v) for v in offset + scale * r.normal(size=size)]


def exact(values):
    """(n, mean, variance) in rationals."""
    f = [Fraction(v) for v in values]
    mean = sum(f) / len(f)
    variance = sum((v - mean) ** 2 for v in f) / (len(f) - 1) if len(f) > 1 else None
    return len(f), mean, variance


def m(fraction):
    return mpf(fraction.numerator) / fraction.denominator


# Conversion


def beta_upset(aA, bA, aB, bB):
    """P(A > B) and E[(A - B)+] for whole counts, by the finite sum in rationals' place: 40 digits."""
    term = mp.exp(ref.log_beta(aB, bA + bB) - ref.log_beta(aB, bB))
    probability, excess = mpf(0), mpf(0)
    total = mpf(bA + aB + bB)
    for j in range(int(aA)):
        probability += term
        excess += term * (aA - j) / (total + j)
        term *= (aB + mpf(j)) * (bA + j) / ((total + j) * (1 + j))
    return probability, excess * mpf(bA + bB) / (aA + bA)


@oracle("beta_ab", 1e-9, share=0.5)
def beta_ab(r):
    n, x = arm(r)
    x = min(x, 3000)
    k, y = near_arm(r, n, x)
    y = min(y, 3000)
    aA, bA, aB, bB = x + 1, n - x + 1, y + 1, k - y + 1
    p, e = beta_upset(aA, bA, aB, bB)
    q, f = beta_upset(aB, bB, aA, bA)
    return dict(nA=n, xA=x, nB=k, xB=y, priorAlpha=1, priorBeta=1), dict(
        probAbeatsB=p, probBbeatsA=q, expectedLossChooseB=e, expectedLossChooseA=f)


@oracle("beta_ab", 1e-9, share=0.4)
def beta_ab_real(r):
    """Priors that are not whole: 2-dimensional truth by tanh-sinh over one distribution function."""
    n, x = arm(r, 5)
    k, y = near_arm(r, n, x)
    prior = [float(round(10 ** r.uniform(-0.7, 1), 3)), float(round(10 ** r.uniform(-0.7, 1), 3))]
    aA, bA, aB, bB = (mpf(v) for v in (x + prior[0], n - x + prior[1], y + prior[0], k - y + prior[1]))
    with mp.workdps(22):
        lb = ref.log_beta(aB, bB)
        mode, scale = mp.log(aB / bB), mp.sqrt(1 / aB + 1 / bB)

        def integrand(u):
            e = mp.exp(u)
            theta = e / (1 + e)
            return mp.exp(aB * u - (aB + bB) * mp.log1p(e) - lb) * ref.beta_tails(aA, bA, theta, 1 / (1 + e))[0]

        far = [60 / min(aB, 1), 60 / min(bB, 1)]
        edges = [mode - far[0]] + [mode + scale * k for k in (-40, -16, -9, -5, -2, 0, 2, 5, 9, 16, 40)] + [mode + far[1]]
        edges = sorted(set(edges))
        p = mp.quad(integrand, edges, method="gauss-legendre", maxdegree=6)
    if p < mpf("1e-12"):
        return None
    return dict(nA=n, xA=x, nB=k, xB=y, priorAlpha=prior[0], priorBeta=prior[1]), dict(probBbeatsA=p)


def beta_interval(fn, rel, shapes, levels):
    @oracle(fn, rel, 1e-300, share=0.5)
    def check(r):
        n, x = arm(r)
        a, b = shapes(n, x)
        if not (a > 0 and b > 0):
            return None
        level = float(r.choice([0.05, 0.01, 0.2, 1e-6]))
        tail = level / 2
        lower, upper = sp.betaincinv(a, b, tail), sp.betainccinv(a, b, tail)
        lower = refine(lambda v: ref.beta_tails(a, b, v)[0], lambda v: ref.beta_density(a, b, v), tail, lower, 0)
        upper = refine(lambda v: ref.beta_tails(a, b, v)[1], lambda v: ref.beta_density(a, b, v), tail, upper, 1)
        want = dict(lower=lower, upper=upper)
        if fn == "jeffreys_ci":
            want = dict(lower=0 if x == 0 else lower, upper=1 if x == n else upper)
        return levels(n, x, level), want


def refine(tail, density, p, start, side):
    if not start > 1e-290 or not start < 1:
        return mpf(start)
    x = mpf(float(start))
    for _ in range(30):
        value = tail(x)
        step = (mp.log(p) - mp.log(value)) * value / (density(x) * x)
        x *= mp.exp(max(min(-step if side else step, mpf(2)), mpf(-2)))
        if abs(step) < mpf(10) ** -22:
            break
    return x


beta_interval("beta_eti", 1e-10, lambda n, x: (x + 1, n - x + 1),
              lambda n, x, level: dict(n=n, x=x, priorAlpha=1, priorBeta=1, mass=1 - level))
beta_interval("jeffreys_ci", 1e-8, lambda n, x: (x + 0.5, n - x + 0.5), lambda n, x, level: dict(n=n, x=x, alpha=level))


@oracle("clopper_pearson_ci", 1e-8, 1e-300, share=0.5)
def clopper(r):
    n, x = arm(r)
    alpha = float(r.choice([0.05, 0.01, 1e-6]))
    lower, upper = mpf(0), mpf(1)
    if x > 0:
        lower = refine(lambda v: ref.beta_tails(x, n - x + 1, v)[0], lambda v: ref.beta_density(x, n - x + 1, v),
                       alpha / 2, sp.betaincinv(x, n - x + 1, alpha / 2), 0)
    if x < n:
        upper = refine(lambda v: ref.beta_tails(x + 1, n - x, v)[1], lambda v: ref.beta_density(x + 1, n - x, v),
                       alpha / 2, sp.betainccinv(x + 1, n - x, alpha / 2), 1)
    return dict(n=n, x=x, alpha=alpha), dict(lower=lower, upper=upper)


@oracle("wilson_ci", 1e-9, 1e-16)
def wilson(r):
    n, x = arm(r)
    alpha = float(r.choice([0.05, 0.01, 1e-6, 0.5]))
    z = -ref.normal_quantile(mpf(alpha) / 2, sp.ndtri(alpha / 2))
    nn, p = mpf(n), mpf(x) / n
    centre, half = p + z * z / (2 * nn), z * mp.sqrt(p * (1 - p) / nn + z * z / (4 * nn * nn))
    scale = 1 + z * z / nn
    return dict(n=n, x=x, alpha=alpha), dict(lower=(centre - half) / scale, upper=(centre + half) / scale)


@oracle("two_prop_z", 1e-9, 1e-300)
def two_prop(r):
    n1, x1 = arm(r)
    n2, x2 = near_arm(r, n1, x1)
    p1, p2, pool = mpf(x1) / n1, mpf(x2) / n2, mpf(x1 + x2) / (n1 + n2)
    if pool in (0, 1):
        return None
    d = p2 - p1
    z = d / mp.sqrt(pool * (1 - pool) * (1 / mpf(n1) + 1 / mpf(n2)))
    return dict(n1=n1, x1=x1, n2=n2, x2=x2, alpha=0.05), dict(
        diff=d, zPooled=z, pPooled=2 * ref.normal_upper(abs(z)))


@oracle("fisher_exact", 1e-7, 1e-300)
def fisher(r):
    n1, x1 = arm(r, 4)
    n2, x2 = near_arm(r, n1, x1)
    table = [[x1, n1 - x1], [x2, n2 - x2]]
    two = st.fisher_exact(table)[1]
    greater, less = st.fisher_exact(table, "less")[1], st.fisher_exact(table, "greater")[1]
    if min(two, greater, less) < 1e-250:
        return None
    return dict(n1=n1, x1=x1, n2=n2, x2=x2), dict(twoSided=two, p2Greater=greater, p2Less=less)


@oracle("chi2_independence", 1e-10)
def chi2(r):
    table = [[int(v) for v in row] for row in r.integers(1, count(r, 3, 6), size=(int(r.integers(2, 5)), int(r.integers(2, 4))))]
    c = st.chi2_contingency(table, correction=False)
    g = st.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    if min(c[1], g[1]) < 1e-290 or g[0] < 1e-3:
        return None
    return dict(table=table), dict(chi2=c[0], dof=c[2], p=ref.gamma_tails(mpf(c[2]) / 2, mpf(c[0]) / 2)[1])


@oracle("srm_binom_exact", 1e-8)
def binom_exact(r):
    n, x = arm(r, 6)
    p = float(r.choice([0.5, 0.1, 0.01, round(r.uniform(0.01, 0.99), 3)]))
    x = int(min(n, max(0, round(n * p + r.normal() * 3 * math.sqrt(n * p * (1 - p))))))
    return dict(x=x, n=n, p=p), st.binomtest(x, n, p).pvalue


@oracle("srm_chi2", 1e-12)
def srm(r):
    k = int(r.integers(2, 7))
    weights = [float(v) for v in np.round(r.uniform(0.05, 1, k), 3)]
    total = count(r, 50, 12)
    share = np.array(weights) / sum(weights)
    observed = [int(max(0, total * s + r.normal() * 2 * math.sqrt(total * s))) for s in share]
    n = mpf(sum(observed))
    w = [mpf(v) for v in weights]
    chi = sum((o - n * v / sum(w)) ** 2 / (n * v / sum(w)) for o, v in zip(observed, w))
    return dict(observed=observed, weights=weights), dict(chi2=chi, p=ref.gamma_tails(mpf(k - 1) / 2, chi / 2)[1])


@oracle("srm_sequential", 1e-8, 1e-9)
def srm_sequential(r):
    k = int(r.integers(2, 5))
    theta = [float(v) for v in np.round(r.dirichlet(np.ones(k) * 5), 4)]
    theta[-1] = float(1 - sum(theta[:-1]))
    total = count(r, 1, 12)
    counts = [int(max(0, total * s + r.normal() * 2 * math.sqrt(total * s))) for s in theta]
    c = mpf(100)
    n, whole = sum(counts), sum(mpf(t) for t in theta)
    with mp.workdps(60):
        value = mp.loggamma(c) - mp.loggamma(c + n)
        for t, o in zip(theta, counts):
            share = mpf(t) / whole
            value += mp.loggamma(c * share + o) - mp.loggamma(c * share) - o * mp.log(share)
    return dict(counts=counts, theta0=theta, concentration=100), dict(logBayesFactor=value)


# Means


@oracle("moments", 1e-15)
def moments(r):
    data = sample(r, int(r.integers(2, 60)))
    n, mean, variance = exact(data)
    return dict(data=data), dict(n=n, mean=m(mean), variance=m(variance))


@oracle("welch_t", 1e-8, 1e-300, share=0.5)
def welch(r):
    x, y = sample(r), sample(r)
    (n1, m1, v1), (n2, m2, v2) = exact(x), exact(y)
    a, b = m(v1) / n1, m(v2) / n2
    d = m(m2) - m(m1)
    t, df = d / mp.sqrt(a + b), (a + b) ** 2 / (a * a / (n1 - 1) + b * b / (n2 - 1))
    return dict(x=x, y=y, alpha=0.05), dict(diff=d, t=t, df=df, p=2 * ref.t_tails(abs(t), df)[1])


@oracle("student_t", 1e-8, 1e-12, share=0.5)
def student(r):
    x, y = sample(r), sample(r)
    (n1, m1, v1), (n2, m2, v2) = exact(x), exact(y)
    df = n1 + n2 - 2
    pooled = ((n1 - 1) * m(v1) + (n2 - 1) * m(v2)) / df
    t = (m(m2) - m(m1)) / mp.sqrt(pooled * (mpf(1) / n1 + mpf(1) / n2))
    return dict(x=x, y=y), dict(t=t, p=2 * ref.t_tails(abs(t), df)[1])


@oracle("tost", 1e-9, 1e-300)
def tost(r):
    x = [float(v) for v in r.normal(size=int(r.integers(3, 30)))]
    y = [float(v) for v in r.normal(0.2, 1.5, size=int(r.integers(3, 30)))]
    p, lower, upper = ttost_ind(y, x, -1.0, 1.2, usevar="unequal")
    return dict(x=x, y=y, low=-1.0, high=1.2), dict(p=p, pLower=lower[1], pUpper=upper[1])


def gb_arm(r, kind):
    n = count(r, 5, 7)
    if kind == "p":
        return [n, int(n * r.uniform(0.01, 0.6)) + 1]
    mean, sd = r.uniform(0.5, 20), 10 ** r.uniform(-0.5, 1.5)
    return [n, float(n * mean), float(n * mean**2 + (n - 1) * sd**2)]


def gb_stat(values):
    return ProportionStatistic(n=values[0], sum=values[1]) if len(values) == 2 else SampleMeanStatistic(
        n=values[0], sum=values[1], sum_squares=values[2])


def flat(result):
    return [float(v) if v is not None else None for v in result]


@oracle("gb_ttest", 1e-8, 1e-12)
def gb_ttest(r):
    kind = str(r.choice(["p", "m"]))
    a, b = gb_arm(r, kind), gb_arm(r, kind)
    scale = str(r.choice(["relative", "absolute"]))
    alternative = str(r.choice(["two", "greater", "less"]))
    test = {"two": gb_freq.TwoSidedTTest, "greater": gb_freq.OneSidedTreatmentGreaterTTest,
            "less": gb_freq.OneSidedTreatmentLesserTTest}[alternative]
    out = test(gb_stat(a), gb_stat(b), gb_freq.FrequentistConfig(difference_type=scale, alpha=0.05)).compute_result()
    want = dict(expected=out.expected)
    if out.p_value is not None:
        want["p"] = out.p_value
    for key, value in zip(("ciLower", "ciUpper"), out.ci):
        if value is not None and np.isfinite(value):
            want[key] = value
    return dict(a=a, b=b, differenceType=scale, alternative=alternative, alpha=0.05), want


@oracle("asymptotic_cs_gb", 1e-9, 1e-13)
def gb_sequential(r):
    kind = str(r.choice(["p", "m"]))
    a, b = gb_arm(r, kind), gb_arm(r, kind)
    scale = str(r.choice(["relative", "absolute"]))
    tuning = float(r.choice([500, 5000, 1e6]))
    config = gb_freq.SequentialConfig(difference_type=scale, alpha=0.05, sequential_tuning_parameter=tuning)
    out = gb_freq.SequentialTwoSidedTTest(gb_stat(a), gb_stat(b), config).compute_result()
    want = dict(expected=out.expected, ciLower=out.ci[0], ciUpper=out.ci[1])
    if out.p_value is not None:
        want["pValue"] = out.p_value
    return dict(kind=kind, a=a, b=b, differenceType=scale, tuningN=tuning, alpha=0.05), want


@oracle("gb_effect_bayes", 1e-9, 1e-13)
def gb_effect(r):
    kind = str(r.choice(["p", "m"]))
    a, b = gb_arm(r, kind), gb_arm(r, kind)
    scale = str(r.choice(["relative", "absolute"]))
    inverse = bool(r.integers(0, 2))
    proper = bool(r.integers(0, 2))
    mean, variance = (float(round(r.normal() * 0.1, 3)), float(round(r.uniform(0.01, 0.5), 3))) if proper else (None, None)
    prior = gb_bayes.GaussianPrior(mean=mean, variance=variance, proper=True) if proper else gb_bayes.GaussianPrior()
    config = gb_bayes.EffectBayesianConfig(difference_type=scale, inverse=inverse, prior_type=scale, prior_effect=prior, alpha=0.05)
    out = gb_bayes.EffectBayesianABTest(gb_stat(a), gb_stat(b), config).compute_result()
    want = dict(chanceToWin=out.chance_to_win, expected=out.expected, ciLower=out.ci[0], ciUpper=out.ci[1],
                riskControl=out.risk[0], riskTreatment=out.risk[1])
    return dict(kind=kind, a=a, b=b, differenceType=scale, priorMean=mean, priorVariance=variance, priorType=scale,
                inverse=inverse, alpha=0.05), want


@oracle("mann_whitney", 1e-9)
def mann_whitney(r):
    ties = bool(r.integers(0, 2))
    x, y = r.normal(size=int(r.integers(3, 40))), r.normal(0.3, 1.2, size=int(r.integers(3, 40)))
    if ties:
        x, y = np.round(x), np.round(y)
    x, y = [float(v) for v in x], [float(v) for v in y]
    out = st.mannwhitneyu(x, y, alternative="two-sided", method="asymptotic")
    if not np.isfinite(out.pvalue):
        return None
    return dict(x=x, y=y), dict(U1=out.statistic, pAsymptotic=out.pvalue)


@oracle("quantile", 1e-12)
def quantile(r):
    data = [float(v) for v in r.lognormal(size=int(r.integers(1, 50)))]
    p = [float(v) for v in r.uniform(size=4)] + [0.0, 1.0, 0.5]
    return dict(data=data, p=p, type=7), list(np.quantile(data, p))


@oracle("harrell_davis", 1e-9)
def harrell(r):
    data = [float(v) for v in r.lognormal(size=int(r.integers(2, 60)))]
    p = [0.1, 0.5, 0.93]
    return dict(data=data, p=p), list(st.mstats.hdquantiles(data, p))


@oracle("quantile_order_ci", 1e-9)
def order_ci(r):
    n, p, alpha = count(r, 1, 5), float(round(r.uniform(0.02, 0.98), 3)), 0.05
    k = np.arange(n + 1)
    cdf, sf = st.binom.cdf(k, n, p), st.binom.sf(k - 1, n, p)
    lower = int(np.sum(cdf <= alpha / 2))
    upper = int(np.argmax(sf <= alpha / 2)) if np.any(sf <= alpha / 2) else n + 1
    return dict(n=n, p=p, alpha=alpha), dict(lowerRank=lower, upperRank=upper)


@oracle("winsorize_upper", 1e-12)
def winsor(r):
    x = [float(v) for v in r.lognormal(size=int(r.integers(2, 60)))]
    share = float(r.choice([0, 0.01, 0.05, 0.2]))
    w = st.mstats.winsorize(np.array(x), limits=(0, share))
    return dict(x=x, upperFraction=share), dict(mean=float(w.mean()), max=float(w.max()))


@oracle("gb_quantile_variance", 1e-9)
def quantile_variance(r):
    n, hat = count(r, 20, 6), r.uniform(1, 10)
    inputs = dict(n=n, nStar=n, nu=float(r.choice([0.5, 0.9, 0.99])), quantileHat=hat, quantileLower=hat * 0.9, quantileUpper=hat * 1.2)
    s = QuantileStatistic(n=n, n_star=n, nu=inputs["nu"], quantile_hat=hat, quantile_lower=hat * 0.9, quantile_upper=hat * 1.2)
    return inputs, s.variance


@oracle("ratio_delta", 1e-8, 1e-12)
def ratio(r):
    def units():
        d = r.poisson(2, int(r.integers(10, 80))) + 1.0
        return [float(v) for v in d * r.lognormal(size=d.size)], [float(v) for v in d]
    (mA, dA), (mB, dB) = units(), units()
    def stat(mm, dd):
        mm, dd = np.array(mm), np.array(dd)
        return RatioStatistic(n=len(mm), m_statistic=SampleMeanStatistic(n=len(mm), sum=mm.sum(), sum_squares=(mm**2).sum()),
                              d_statistic=SampleMeanStatistic(n=len(dd), sum=dd.sum(), sum_squares=(dd**2).sum()),
                              m_d_sum_of_products=(mm * dd).sum())
    a, b = stat(mA, dA), stat(mB, dB)
    return dict(mA=mA, dA=dA, mB=mB, dB=dB, alpha=0.05), dict(ratioA=a.mean, varA=a.variance, ratioB=b.mean, varB=b.variance)


# Several comparisons


@oracle("adjust", 1e-10, 1e-300)
def adjust(r):
    k = int(r.choice([0, 1, 2, 5, 30, 200]))
    p = [float(v) for v in np.where(r.random(k) < 0.3, 10 ** r.uniform(-250, 0, k), r.random(k))]
    if k > 2:
        p[1] = p[0]
    method = str(r.choice(["bonferroni", "sidak", "holm", "holm-sidak", "simes-hochberg", "hommel", "fdr_bh", "fdr_by", "fdr_tsbh"]))
    if method in ("sidak", "holm-sidak"):
        p = [max(v, 1e-3) for v in p]
    if k == 0:
        return dict(p=p, method=method, alpha=0.05), dict(adjusted=[])
    if method == "hommel" and k > 60:
        return None
    return dict(p=p, method=method, alpha=0.05), dict(adjusted=list(multipletests(p, 0.05, method)[1]))


@oracle("meta_re", 1e-5, 1e-8)
def meta(r):
    k = int(r.integers(3, 12))
    se = r.uniform(0.1, 2, k)
    y = r.normal(0, 1, k) * 1.5 + se * r.normal(size=k)
    dl, pm = combine_effects(y, se**2, method_re="chi2"), combine_effects(y, se**2, method_re="iterated")
    return dict(y=[float(v) for v in y], se=[float(v) for v in se]), dict(Q=dl.q, tau2_DL=max(0, dl.tau2), tau2_PM=max(0, pm.tau2), mu_fixed=dl.mean_effect_fe)


# Power


@oracle("power_means", 1e-7, 1e-10)
def power_means(r):
    d, n, ratio = float(round(r.uniform(-1.5, 1.5), 3)) or 0.1, int(r.integers(3, 500)), float(r.choice([0.5, 1, 2]))
    alternative = str(r.choice(["two-sided", "larger", "smaller"]))
    z = NormalIndPower().power(d, n, 0.05, ratio, alternative)
    t = TTestIndPower().power(d, n, 0.05, ratio=ratio, alternative=alternative)
    if not np.isfinite(t) or min(z, t) < 1e-6:
        return None
    return dict(effectSizeD=d, n1=n, ratio=ratio, alpha=0.05, alternative=alternative), dict(zPower=z, tPower=t)


@oracle("power_chi2", 1e-8)
def power_chi2(r):
    w, n, df = float(round(r.uniform(0.01, 0.6), 3)), int(10 ** r.uniform(1, 4)), int(r.integers(1, 12))
    value = st.ncx2.sf(st.chi2.isf(0.05, df), df, n * w * w)
    return dict(effectW=w, n=n, df=df, alpha=0.05), float(value)


@oracle("sample_size_means_t", 1e-6)
def sample_size(r):
    d, power, ratio = float(round(r.uniform(0.05, 1.2), 3)), float(r.choice([0.8, 0.9])), float(r.choice([1, 2]))
    n = TTestIndPower().solve_power(d, None, 0.05, power, ratio)
    return dict(effectSizeD=d, alpha=0.05, power=power, ratio=ratio), dict(n1=float(np.ravel(n)[0]))


# Prices


def demand(r):
    k = int(r.integers(2, 7))
    price = sorted(float(v) for v in np.round(r.uniform(5, 50, k), 2) * 10 ** r.integers(0, 4))
    n = [int(v) for v in r.integers(200, 20000, k)]
    z = (np.array(price) - np.mean(price)) / (np.std(price) or 1)
    rate = 1 / (1 + np.exp(-(-2 + r.normal() * 0.5 - abs(r.normal()) * 0.4 * z)))
    return price, n, [int(r.binomial(a, b)) for a, b in zip(n, rate)]


@oracle("binomial_glm", 1e-5, 1e-8)
def glm(r):
    price, n, x = demand(r)
    if min(x) == 0 or len(set(price)) < 2:
        return None
    link = str(r.choice(["logit", "probit", "cloglog"]))
    family = sm.families.Binomial({"logit": sm.families.links.Logit, "probit": sm.families.links.Probit,
                                   "cloglog": sm.families.links.CLogLog}[link]())
    scale = max(price)
    X = sm.add_constant(np.array(price) / scale)
    fit = sm.GLM(np.column_stack([x, np.array(n) - x]), X, family).fit(tol=1e-13, maxiter=200)
    return dict(price=price, n=n, x=x, link=link), dict(coef=[fit.params[0], fit.params[1] / scale], se=[fit.bse[0], fit.bse[1] / scale])


@oracle("constant_elasticity_poisson", 1e-6, 1e-10)
def poisson(r):
    price, n, x = demand(r)
    if sum(v > 0 for v in x) < 2 or len(set(price)) < 2:
        return None
    logs = np.log(price)
    X = sm.add_constant(logs - logs.mean())
    fit = sm.GLM(x, X, sm.families.Poisson(), offset=np.log(n)).fit(tol=1e-14, maxiter=200)
    return dict(price=price, n=n, x=x, unitCost=1.0), dict(elasticity=fit.params[1], seElasticity=fit.bse[1])


@oracle("logit_optimal_price", 1e-10, 1e-300)
def optimal(r):
    a, b, c = float(r.normal() * 5), -float(10 ** r.uniform(-4, 1)), float(10 ** r.uniform(-1, 3))
    with mp.workdps(40):
        w = mp.lambertw(mp.exp(mpf(a) + mpf(b) * c - 1)).real
        price = c - (1 + w) / mpf(b)
    return dict(a=a, b=b, unitCost=c), dict(price=price)


@oracle("isotonic_decreasing", 1e-11)
def isotonic(r):
    k = int(r.integers(1, 20))
    y, w = r.normal(size=k), r.uniform(0.1, 5, k)
    fit = st  # scipy's own pool-adjacent-violators
    from scipy.optimize import isotonic_regression
    return dict(y=[float(v) for v in y], weights=[float(v) for v in w]), list(isotonic_regression(y, weights=w, increasing=False).x)


# At any time


@oracle("normal_mixture_bound_vopt", 1e-8)
def mixture(r):
    v = [float(10 ** r.uniform(-2, 9)) for _ in range(4)]
    alpha, opt, two = float(r.choice([0.05, 1e-3, 1e-8])), float(10 ** r.uniform(0, 5)), bool(r.integers(0, 2))
    return dict(v=v, alpha=alpha, vOpt=opt, alphaOpt=0.05, twoSided=two), [
        float(boundaries.normal_mixture_bound(t, alpha, opt, 0.05, not two)) for t in v]


@oracle("beta_binomial_bound", 1e-6)
def beta_binomial(r):
    v = [float(10 ** r.uniform(0, 6)) for _ in range(3)]
    g = float(round(r.uniform(0.05, 0.95), 3))
    opt, two = float(10 ** r.uniform(1, 4)), bool(r.integers(0, 2))
    return dict(v=v, alpha=0.05, vOpt=opt, g=g, h=1 - g, alphaOpt=0.05, twoSided=two), [
        float(boundaries.beta_binomial_mixture_bound(t, 0.05, opt, g, 1 - g, 0.05, not two)) for t in v]


@oracle("bernoulli_cs", 0, 2e-6)
def bernoulli(r):
    n, x = arm(r, 6)
    opt = float(10 ** r.uniform(1, 5))
    lower, upper = boundaries.bernoulli_confidence_interval(x, n, 0.05, opt, 0.05)
    return dict(x=x, n=n, alpha=0.05, tOpt=opt, alphaOpt=0.05), dict(lower=float(lower), upper=float(upper))


def unit_sample(r):
    k = int(r.integers(1, 120))
    kind = int(r.integers(0, 4))
    if kind == 0:
        return r.binomial(1, r.uniform(), k).astype(float)
    if kind == 1:
        return r.beta(10, 30, k)
    if kind == 2:
        return np.full(k, float(r.choice([0.0, 1.0, 0.5, 0.3])))
    return r.beta(0.3, 0.3, k)


def wealth_root(x, alpha, theta, trunc):
    """The interval at the last observation, by bisection on confseq's own wealth."""
    def rejects(mean):
        return betting.betting_mart(x, mean, alpha=alpha, theta=theta, trunc_scale=trunc)[-1] >= 1 / alpha
    inside = next((v for v in np.concatenate([[x.mean()], np.linspace(0.001, 0.999, 400)]) if 0 < v < 1 and not rejects(v)), None)
    if inside is None:
        return None
    ends = []
    for outside in (1e-9, 1 - 1e-9):
        if not rejects(outside):
            ends.append(round(outside))
            continue
        lo, hi = inside, outside
        for _ in range(45):
            mid = (lo + hi) / 2
            lo, hi = (lo, mid) if rejects(mid) else (mid, hi)
        ends.append((lo + hi) / 2)
    return ends


@oracle("hedged_cs", 0, 1e-6, share=0.3)
def hedged(r):
    x = unit_sample(r)
    ends = wealth_root(x, 0.05, 0.5, 0.5)
    if ends is None:
        return None
    return dict(x=[float(v) for v in x], alpha=0.05, theta=0.5, truncScale=0.5, runningIntersection=False), dict(lower=ends[0], upper=ends[1])


@oracle("hedged_cs", 0, 1e-6, share=0.2)
def hedged_running(r):
    x = unit_sample(r)[:40]
    lower, upper = 0.0, 1.0
    for k in range(1, len(x) + 1):
        ends = wealth_root(x[:k], 0.05, 0.5, 0.5)
        if ends is None:
            return None
        lower, upper = max(lower, ends[0]), min(upper, ends[1])
    return dict(x=[float(v) for v in x], alpha=0.05, theta=0.5, truncScale=0.5, runningIntersection=True), dict(lower=lower, upper=upper)


@oracle("predmix_empbern_cs", 1e-9, 1e-12)
def empbern(r):
    x = unit_sample(r)
    lower, upper = predmix.predmix_empbern_twosided_cs(x, alpha=0.05, truncation=0.5)
    return dict(x=[float(v) for v in x], alpha=0.05, truncation=0.5), dict(lower=float(lower[-1]), upper=float(upper[-1]))


@oracle("hedged_capital_log", 1e-9, 1e-11)
def capital(r):
    x = unit_sample(r)
    means = [float(v) for v in np.round(r.uniform(0.02, 0.98, 3), 3)]
    want = [float(np.log(betting.betting_mart(x, v, alpha=0.05, theta=0.5, trunc_scale=0.5)[-1])) for v in means]
    if not all(np.isfinite(want)):
        return None
    return dict(x=[float(v) for v in x], m=means, alpha=0.05, theta=0.5, truncScale=0.5), dict(logCapital=want)


@oracle("quantile_double_stitching", 1e-8)
def stitching(r):
    p, opt = float(round(r.uniform(0.05, 0.95), 2)), float(r.choice([10, 100, 1000]))
    t = [int(10 ** r.uniform(1, 6)) for _ in range(3)]
    want = [float(quantiles.double_stitching_bound(p, v, 0.05, opt, 0.5, 1.4, 2.0)) for v in t]
    return dict(p=p, t=t, alpha=0.05, tOpt=opt, delta=0.5, s=1.4, eta=2.0), want


@oracle("msprt_normal", 1e-10, 1e-12)
def msprt(r):
    n, d = count(r, 1, 12), float(r.normal() * 10 ** r.uniform(-5, 0))
    s2, t2 = float(10 ** r.uniform(-3, 4)), float(10 ** r.uniform(-8, 1))
    v = 2 * mpf(s2)
    log = mp.log(v / (v + n * mpf(t2))) / 2 + mpf(n) ** 2 * mpf(t2) * mpf(d) ** 2 / (2 * v * (v + n * mpf(t2)))
    return dict(nPerArm=n, meanDiff=d, sigma2=s2, tau2=t2, alpha=0.05), dict(logLR=log, pValue=min(mpf(1), mp.exp(-log)))


# Regressions


@oracle("ancova", 1e-8, 1e-9)
def ancova(r):
    k = int(r.integers(8, 60))
    x, treat = r.normal(10, 3, k), np.arange(k) % 2
    y = 1 + 0.5 * x + treat + r.normal(size=k)
    X = np.column_stack([np.ones(k), treat, x - x.mean()])
    fit = sm.OLS(y, X).fit()
    return dict(x=[float(v) for v in x], y=[float(v) for v in y], treat=[int(v) for v in treat]), dict(
        coef=list(fit.params), seClassic=list(fit.bse), seHC0=list(fit.HC0_se), seHC1=list(fit.HC1_se),
        seHC2=list(fit.HC2_se), seHC3=list(fit.HC3_se))


@oracle("cluster_robust_ols", 1e-8)
def cluster(r):
    k = int(r.integers(20, 80))
    groups = r.integers(0, 8, k)
    treat = groups % 2
    y = 1 + 0.3 * treat + r.normal(size=8)[groups] + r.normal(size=k)
    if len(set(groups)) < 3 or len(set(treat)) < 2:
        return None
    fit = sm.OLS(y, sm.add_constant(treat.astype(float))).fit(cov_type="cluster", cov_kwds={"groups": groups})
    return dict(y=[float(v) for v in y], treat=[int(v) for v in treat], cluster=[int(v) for v in groups]), dict(coef=list(fit.params), se=list(fit.bse))


@oracle("switchback_hac", 1e-8)
def hac(r):
    k, lags = int(r.integers(12, 80)), int(r.integers(0, 6))
    treat = (np.arange(k) // 2) % 2
    y = 10 + 0.4 * treat + np.convolve(r.normal(size=k + 2), [0.5, 0.3, 0.2], "valid")
    fit = sm.OLS(y, sm.add_constant(treat.astype(float))).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    return dict(y=[float(v) for v in y], treat=[int(v) for v in treat], maxLags=lags), dict(coef=list(fit.params), se=list(fit.bse))


# Other posteriors


@oracle("gamma_ab", 1e-9, 1e-300, share=0.4)
def gamma_ab(r):
    eA, eB = count(r, 1, 6), count(r, 1, 6)
    rate = 10 ** r.uniform(-2, 2)
    sA, sB = int(eA * rate) + int(r.integers(0, 5)), int(eB * rate * r.uniform(0.8, 1.2)) + int(r.integers(0, 5))
    aA, bA, aB, bB = sA + 1, eA + 1, sB + 1, eB + 1
    if max(aA, aB) > 3e5:
        return None
    x = mpf(bA) / (bA + bB)
    return dict(exposureA=eA, sumA=sA, exposureB=eB, sumB=sB, priorShape=1, priorRate=1), dict(
        probBbeatsA=ref.beta_tails(aA, aB, x)[0])


@oracle("normal_prob_best", 1e-7, 1e-12)
def normal_best(r):
    mean, sd = [float(v) for v in r.normal(size=2)], [float(v) for v in 10 ** r.uniform(-3, 1, 2)]
    z = (mpf(mean[0]) - mpf(mean[1])) / mp.sqrt(mpf(sd[0]) ** 2 + mpf(sd[1]) ** 2)
    return dict(mean=mean, sd=sd), dict(probBest=[ref.normal_upper(-z), ref.normal_upper(z)])


def compare(got, want, rel, absolute, path, out):
    if isinstance(want, dict):
        for key, value in want.items():
            compare(got.get(key) if isinstance(got, dict) else None, value, rel, absolute, f"{path}.{key}", out)
    elif isinstance(want, (list, tuple, np.ndarray)):
        if not isinstance(got, list) or len(got) != len(want):
            out.append((path, got, want, None))
            return
        for i, value in enumerate(want):
            compare(got[i], value, rel, absolute, f"{path}[{i}]", out)
    else:
        value = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}.get(got, got) if isinstance(got, str) else got
        if value is None or isinstance(value, (str, dict, list)):
            out.append((path, got, want, None))
            return
        want = mpf(want)
        if mp.isinf(want) or mp.isnan(want):
            return
        error = abs(mpf(value) - want) if not math.isnan(value) else mp.inf
        underflows = abs(want) < mpf("1e-307") and abs(value) < 1e-300
        if not error <= absolute + rel * abs(want) and not underflows:
            out.append((path, value, want, float(error / max(abs(want), mpf("1e-320")))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cournot")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    cases = []
    for index, (fn, rel, absolute, share, make) in enumerate(ORACLES):
        if arguments.only and fn not in arguments.only.split(","):
            continue
        r = np.random.default_rng([arguments.seed, index])
        for _ in range(max(1, int(arguments.cases * share))):
            try:
                made = make(r)
            except Exception as error:
                print(f"  {make.__name__}: the oracle failed: {type(error).__name__} {error}")
                continue
            if made is not None:
                cases.append((fn, rel, absolute, *made))
    questions = "".join(json.dumps({"fn": fn, "inputs": inputs}) + "\n" for fn, _, _, inputs, _ in cases)
    answers = subprocess.run([arguments.cournot, "stats"], input=questions, capture_output=True, text=True).stdout.splitlines()
    assert len(answers) == len(cases), (len(answers), len(cases))
    asked, wrong = Counter(), Counter()
    for (fn, rel, absolute, inputs, want), line in zip(cases, answers):
        asked[fn] += 1
        reply = json.loads(line)
        differences = []
        if "error" in reply:
            differences.append(("", reply["error"], want, None))
        else:
            compare(reply["result"], want, rel, absolute, "", differences)
        if differences:
            wrong[fn] += 1
            text = json.dumps(inputs)
            print(f"{fn} {text[:400]}")
            for path, got, value, error in differences[:4]:
                shown = mp.nstr(value, 17) if isinstance(value, mpf) else value
                print(f"    {path or 'result'}: {got} instead of {shown}" + (f", relative {error:.2g}" if error is not None else ""))
    for fn in sorted(asked):
        print(f"{fn:32} {asked[fn]:5} asked {wrong[fn]:4} disagree")
    print(f"{sum(asked.values())} cases, seed {arguments.seed}: {sum(wrong.values())} disagree")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
