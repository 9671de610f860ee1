"""Worst error of each special function over a grid with its extremes in it, beside SciPy's on the same grid.

Usage: accuracy.py COURNOT [--worst]    the binary that answers `stats`; --worst names the worst point of each.
"""

import json
import math
import subprocess
import sys

import numpy as np
import scipy.special as sp
import scipy.stats as st
from mpmath import mp, mpf
import mpmath

import reference as ref

EPS = 2.0**-53 * 2


def around_beta(seed):
    """Shapes from 1e-3 to 1e12 and points from deep in a tail to the mean and beyond it."""
    rng = np.random.default_rng(seed)
    cases = []
    for a in (1e-3, 0.3, 0.5, 1.0, 2.0, 7.5, 40.0, 300.0, 3e3, 1e5, 1e7):
        for b in (1e-3, 0.5, 1.0, 3.0, 25.0, 900.0, 1e5, 1e8, 1e12):
            if min(a, b) > 1e5 and max(a, b) > 1e8:
                continue
            mean = a / (a + b)
            sd = math.sqrt(mean * (1 - mean) / (a + b + 1))
            for z in (-12, -4, -1, 0.1, 2, 7, 30):
                x = mean + z * sd * (1 + 0.1 * rng.random())
                if x <= 0:
                    x = mean * 10.0 ** (-abs(z) * (0.3 + rng.random()))
                if x >= 1:
                    x = 1 - (1 - mean) * 10.0 ** (-abs(z) * 0.3)
                if 0 < x < 1:
                    cases.append((a, b, float(x)))
    return cases


def shrink(values, keep):
    rng = np.random.default_rng(5)
    return [values[i] for i in rng.permutation(len(values))[:keep]]


def probabilities():
    out = [1e-300, 1e-250, 1e-100, 1e-40, 1e-20, 1e-12, 1e-9, 1e-6, 1e-4, 0.001, 0.01, 0.025, 0.05, 0.1]
    return out + [0.2, 0.3, 0.45, 0.499999, 0.5, 0.500001, 0.55, 0.6, 0.75, 0.9, 0.975, 0.99, 0.999, 1 - 1e-6, 1 - 1e-10]


def reals():
    out = []
    for x in (1e-300, 1e-100, 1e-20, 1e-9, 1e-3, 0.1, 0.3, 0.5, 0.9, 1.0, 1.3, 1.7, 2.4, 3.1, 4.7, 6.0, 8.5, 12, 20, 26, 30, 37):
        out += [x, -x]
    return out


def positive():
    return [1e-300, 1e-100, 1e-20, 1e-9, 1e-5, 0.01, 0.1, 0.25, 0.5, 0.75, 0.95, 1.05, 1.25, 1.4616, 1.5, 1.9, 2.1, 2.5,
            3.3, 5, 7.9, 8.1, 12.5, 33, 100.5, 1e3, 1e5, 1e8, 1e12, 1e17, 1e100, 1e300]


def grids():
    """name: (inputs, points, reference, SciPy's)."""
    beta = around_beta(1)
    gamma = []
    for a in (1e-10, 1e-4, 0.3, 0.5, 1, 2.5, 10, 33, 150, 201, 1e3, 1e4, 1e6):
        for z in (-8, -3, -1, -0.1, 0.5, 2, 5, 12):
            x = a + z * math.sqrt(a)
            if x <= 0:
                x = a * 10.0 ** (z * 1.5)
            gamma.append((a, x))
    gamma += [(0.01, 1e-200), (3.0, 1e-60), (5.0, 600.0), (0.5, 700.0), (100.0, 700.0), (1e6, 1.005e6)]
    t = [(v, nu) for nu in (0.2, 0.7, 1, 2, 3.7, 10, 30, 200, 1e4, 1e6, 1e10, 1e15)
         for v in (1e-8, 0.01, 0.5, 1.3, 2.5, 6, 15, 37, 1e3, 1e8)]
    g = {}
    g["lgamma"] = (("x",), [(x,) for x in positive() + [-0.5, -1.5, -2.3, -10.7, -0.01]],
                   lambda x: mp.log(abs(mp.gamma(mpf(x)))) if abs(x) < 1e6 else mp.loggamma(mpf(x)), sp.gammaln)
    g["digamma"] = (("x",), [(x,) for x in positive() + [-0.5, -1.3, -7.9]], lambda x: mp.digamma(mpf(x)), sp.digamma)
    g["trigamma"] = (("x",), [(x,) for x in positive()[2:] + [-0.5, -1.3, -7.9]], lambda x: mp.psi(1, mpf(x)),
                     lambda x: sp.polygamma(1, x))
    g["erf"] = (("x",), [(x,) for x in reals()], lambda x: mp.erf(mpf(x)), sp.erf)
    g["erfc"] = (("x",), [(x,) for x in reals() if x < 26.5], lambda x: mp.erfc(mpf(x)), sp.erfc)
    g["norm_cdf"] = (("x",), [(x,) for x in reals()], lambda x: ref.normal_upper(-mpf(x)), st.norm.cdf)
    g["norm_sf"] = (("x",), [(x,) for x in reals()], lambda x: ref.normal_upper(x), st.norm.sf)
    g["norm_logcdf"] = (("x",), [(x,) for x in reals() + [-100, -1e4, -1e8, -1e150]],
                        lambda x: _log_cdf(x), st.norm.logcdf)
    g["norm_ppf"] = (("p",), [(p,) for p in probabilities() + [5e-324, 1e-310]],
                     lambda p: ref.normal_quantile(p, sp.ndtri(p)) if p != 0.5 else mpf(0), sp.ndtri)
    g["norm_isf"] = (("q",), [(p,) for p in probabilities() + [1e-310]],
                     lambda p: -ref.normal_quantile(p, sp.ndtri(p)) if p != 0.5 else mpf(0), st.norm.isf)
    g["gamma_p"] = (("a", "x"), gamma, lambda a, x: ref.gamma_tails(a, x)[0], sp.gammainc)
    g["gamma_q"] = (("a", "x"), gamma, lambda a, x: ref.gamma_tails(a, x)[1], sp.gammaincc)
    shapes = (1e-3, 0.05, 0.5, 1, 3.3, 30, 201, 1e4)
    some = [1e-250, 1e-100, 1e-20, 1e-9, 1e-4, 0.05, 0.5, 0.9, 0.999]
    inverse = [(a, p) for a in shapes for p in some]
    g["gamma_p_inv"] = (("a", "p"), inverse, _gamma_inverse(0), sp.gammaincinv)
    g["gamma_q_inv"] = (("a", "q"), inverse, _gamma_inverse(1), sp.gammainccinv)
    g["beta_inc"] = (("a", "b", "x"), shrink(beta, 260), lambda a, b, x: ref.beta_tails(a, b, x)[0], sp.betainc)
    g["beta_inc_c"] = (("a", "b", "x"), shrink(beta, 260), lambda a, b, x: ref.beta_tails(a, b, x)[1], sp.betaincc)
    pairs = [(a, b) for a in (0.01, 0.5, 1, 3, 40, 1e4, 1e6) for b in (0.05, 1, 2.5, 300, 1e5, 1e11)]
    inverse = shrink([(a, b, p) for a, b in pairs for p in some], 150)
    g["beta_inc_inv"] = (("a", "b", "p"), inverse, _beta_inverse(0), sp.betaincinv)
    g["beta_inc_c_inv"] = (("a", "b", "q"), inverse, _beta_inverse(1), sp.betainccinv)
    g["lbeta"] = (("a", "b"), [(a, b) for a in positive()[4:-3] for b in positive()[3:-2:2]], ref.log_beta, sp.betaln)
    g["t_cdf"] = (("t", "nu"), [(s * v, nu) for v, nu in shrink(t, 60) for s in (1, -1)],
                  lambda v, nu: ref.t_tails(v, nu)[0], st.t.cdf)
    g["t_sf"] = (("t", "nu"), shrink(t, 90), lambda v, nu: ref.t_tails(v, nu)[1], st.t.sf)
    g["t_ppf"] = (("p", "nu"), [(p, nu) for nu in (0.2, 1, 2.5, 12, 300, 1e6, 1e12) for p in some], _t_inverse, st.t.ppf)
    chi = [(2 * x, 2 * a) for a, x in gamma if a > 1e-3]
    g["chi2_sf"] = (("x", "k"), chi, lambda x, k: ref.gamma_tails(mpf(k) / 2, mpf(x) / 2)[1], st.chi2.sf)
    g["chi2_ppf"] = (("p", "k"), [(p, k) for k in (0.1, 1, 2, 7, 60, 500, 1e5) for p in some],
                     lambda p, k: 2 * _gamma_inverse(0)(mpf(k) / 2, p), st.chi2.ppf)
    g["f_sf"] = (("f", "d1", "d2"), [(f, d1, d2) for f in (1e-6, 0.3, 1, 2.2, 9, 400, 1e8) for d1 in (0.7, 1, 5, 60)
                                     for d2 in (1, 8, 300, 1e6)],
                 lambda f, d1, d2: ref.beta_tails(mpf(d2) / 2, mpf(d1) / 2, mpf(d2) / (mpf(d2) + mpf(d1) * mpf(f)),
                                                  mpf(d1) * mpf(f) / (mpf(d2) + mpf(d1) * mpf(f)))[0], st.f.sf)
    binomial = []
    for n in (1, 10, 1000, 10**6, 10**9, 10**12):
        for p in (1e-9, 1e-4, 0.03, 0.5, 0.97):
            for z in (-6, -1, 0.3, 3):
                k = math.floor(n * p + z * math.sqrt(n * p * (1 - p)))
                if 0 <= k < n:
                    binomial.append((k, n, p))
    g["binom_cdf"] = (("k", "n", "p"), shrink(sorted(set(binomial)), 60),
                      lambda k, n, p: ref.beta_tails(k + 1, n - k, p)[1], st.binom.cdf)
    g["poisson_cdf"] = (("k", "lambda"), [(k, m) for m in (1e-9, 0.3, 5.0, 80.0, 1e4, 1e6) for k in
                                          sorted({0, 1, int(m), int(m + 3 * math.sqrt(m)), int(max(0, m - 6 * math.sqrt(m)))})],
                        lambda k, m: ref.gamma_tails(k + 1, m)[1], st.poisson.cdf)
    g["nct_cdf"] = (("t", "nu", "delta"), [(v, nu, d) for v in (-2, 0, 1.5, 4, 12) for nu in (1, 4, 30, 400, 1e5)
                                           for d in (-1, 0.5, 3, 8)], ref.noncentral_t_cdf, st.nct.cdf)
    g["lambert_w0"] = (("x",), [(x,) for x in (-0.36787944117144233, -0.3678, -0.36, -0.3, -0.2, -0.1, -1e-3, -1e-20,
                                               1e-300, 1e-10, 0.01, 0.3, 1, 2, 2.718281828459045, 10, 99, 1e3, 1e5, 1e20, 1e300)],
                       lambda x: mp.lambertw(mpf(x)).real, lambda x: sp.lambertw(x).real)
    return g


def _log_cdf(x):
    if x > -1000:
        return mp.log(ref.normal_upper(-mpf(x))) if x < 0 else mp.log1p(-ref.normal_upper(x))
    t = mpf(-x)
    series = 1 - 1 / t**2 + 3 / t**4 - 15 / t**6
    return -t * t / 2 - mp.log(2 * mp.pi) / 2 - mp.log(t) + mp.log(series)


def _gamma_inverse(side):
    def inverse(a, p):
        p = mpf(p)
        with mp.workdps(50):
            start = mpf((sp.gammaincinv if side == 0 else sp.gammainccinv)(float(a), float(p)))
            if start < 1e-280:
                start = mp.exp(((mp.log(p) if side == 0 else mp.log1p(-p)) + mp.loggamma(1 + mpf(a))) / a)
                if start < mpf(10) ** -400:
                    return start
            return _log_newton(lambda x: ref.gamma_tails(a, x)[side], lambda x: ref.gamma_density(a, x), p, start, side)
    return inverse


def _beta_inverse(side):
    def inverse(a, b, p):
        p = mpf(p)
        with mp.workdps(50):
            start = mpf((sp.betaincinv if side == 0 else sp.betainccinv)(float(a), float(b), float(p)))
            if not start > 1e-280:
                start = mp.exp(((mp.log(p) if side == 0 else mp.log1p(-p)) + mp.log(mpf(a)) + ref.log_beta(a, b)) / a)
                if start < mpf(10) ** -400:
                    return start
            if start >= 1 - mpf(10) ** -14:
                return _beta_from_above(a, b, p, side)
            return _log_newton(lambda x: ref.beta_tails(a, b, x)[side], lambda x: ref.beta_density(a, b, x), p, start, side)
    return inverse


def _beta_from_above(a, b, p, side):
    """Quantiles next to 1, through 1 - x of the mirrored variable."""
    y = mpf((sp.betainccinv if side == 0 else sp.betaincinv)(float(b), float(a), float(p)))
    if y < 1e-280:
        y = mp.exp(((mp.log1p(-p) if side == 0 else mp.log(p)) + mp.log(mpf(b)) + ref.log_beta(a, b)) / b)
        if y < mpf(10) ** -400:
            return mpf(1)
    return 1 - _log_newton(lambda v: ref.beta_tails(b, a, v, 1 - v)[1 - side], lambda v: ref.beta_density(b, a, v), p, y, 1 - side)


def _log_newton(tail, density, p, start, side):
    """Newton on the logarithm of the tail and of x."""
    x = start
    for _ in range(40):
        value = tail(x)
        step = (mp.log(p) - mp.log(value)) * value / (density(x) * x)
        if side == 1:
            step = -step
        step = max(min(step, mpf(3)), mpf(-3))
        x *= mp.exp(step)
        if abs(step) < mpf(10) ** -25:
            break
    return x


def _t_inverse(p, nu):
    p = mpf(p)
    if p == mpf(1) / 2:
        return mpf(0)
    with mp.workdps(50):
        flip = p > mpf(1) / 2
        target = 1 - p if flip else p
        x = mpf(abs(st.t.ppf(float(p), nu)))
        if not mp.isfinite(x) or x == 0:
            x = mpf(10) ** 3
        for _ in range(60):
            value = ref.t_tails(x, nu)[1]
            logdensity = (-ref.log_beta(mpf(nu) / 2, mpf(1) / 2) - mp.log(nu) / 2
                          - (mpf(nu) + 1) / 2 * mp.log1p(x * x / nu))
            step = (mp.log(value) - mp.log(target)) * value / (mp.exp(logdensity) * x)
            step = max(min(step, mpf(200)), mpf(-200))
            x *= mp.exp(step)
            if abs(step) < mpf(10) ** -25:
                break
        return x if flip else -x


TOLERANCES = {}
for line in """lgamma 4e-15 1e-15;digamma 1e-13 2e-16;trigamma 1e-13 0;erf 2e-15 0;erfc 4e-15 0;norm_cdf 5e-15 0;
norm_sf 5e-15 0;norm_logcdf 1e-14 0;norm_ppf 2e-15 0;norm_isf 2e-15 0;gamma_p 1e-13 0;gamma_q 1e-13 0;
gamma_p_inv 1e-12 0;gamma_q_inv 1e-12 0;beta_inc 2e-13 1e-300;beta_inc_c 2e-13 1e-300;beta_inc_inv 1e-11 0;
beta_inc_c_inv 1e-11 0;lbeta 1e-13 0;t_cdf 1e-12 0;t_sf 1e-12 0;t_ppf 1e-12 1e-15;chi2_sf 1e-12 0;chi2_ppf 1e-12 0;
f_sf 1e-12 0;binom_cdf 1e-11 1e-300;poisson_cdf 1e-12 0;nct_cdf 1e-9 0;lambert_w0 1e-13 0""".replace("\n", "").split(";"):
    name, rel, absolute = line.split()
    TOLERANCES[name] = (float(rel), float(absolute))


def to_float(value):
    return float(value) if not isinstance(value, str) else float(value.replace("nan", "nan"))


def error(got, want):
    """Relative error; numbers below the least normal one are held to an absolute one."""
    if got is None or math.isnan(got):
        return math.inf
    if math.isinf(got):
        return 0.0 if abs(want) > mpf(2) ** 1024 else math.inf
    floor = mpf(2) ** -1022
    return float(abs(mpf(got) - want) / max(abs(want), floor))


def main():
    cournot = sys.argv[1]
    show_worst = "--worst" in sys.argv
    only = [a for a in sys.argv[2:] if not a.startswith("--")]
    all_grids = {k: v for k, v in grids().items() if not only or k in only}
    questions, owners = [], []
    for name, (inputs, points, _, _) in all_grids.items():
        for point in points:
            questions.append(json.dumps({"fn": name, "inputs": dict(zip(inputs, point))}))
            owners.append(name)
    answers = subprocess.run([cournot, "stats"], input="\n".join(questions) + "\n", capture_output=True, text=True).stdout
    replies = [json.loads(line) for line in answers.splitlines()]
    assert len(replies) == len(questions), (len(replies), len(questions))
    position = 0
    print("| function | points | tolerance | our worst | ulps | SciPy's worst | ulps |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    failed = False
    for name, (inputs, points, oracle, scipy_function) in all_grids.items():
        rel, absolute = TOLERANCES[name]
        worst, worst_scipy, where, beyond = 0.0, 0.0, None, 0
        for point in points:
            reply = replies[position]
            position += 1
            want = oracle(*point)
            value = reply.get("result")
            got = to_float(value) if value is not None else None
            ours = error(got, want)
            if got is not None and not math.isnan(got) and abs(mpf(got) - want) <= absolute:
                ours = min(ours, rel)
            if ours > rel:
                beyond += 1
                if show_worst:
                    print(f"    {name}{point}: {got} instead of {mp.nstr(want, 17)}, error {ours:.2g}; {reply.get('error', '')}")
            if ours > worst:
                worst, where = ours, (point, got, want)
            with np.errstate(all="ignore"):
                try:
                    worst_scipy = max(worst_scipy, error(float(scipy_function(*point)), want))
                except Exception:
                    worst_scipy = math.inf
        failed = failed or beyond > 0
        mark = f" ({beyond} beyond)" if beyond else ""
        print(f"| `{name}` | {len(points)} | {rel:.0e} | {worst:.1e}{mark} | {ulps(worst)} | {worst_scipy:.1e} | {ulps(worst_scipy)} |",
              flush=True)
    sys.exit(1 if failed else 0)


def ulps(relative):
    if math.isinf(relative):
        return "no digit"
    if relative >= 0.5:
        return "no digit"
    return f"{relative / EPS:.1f}" if relative < 1e-12 else f"{relative / EPS:.0f}"


if __name__ == "__main__":
    main()
