"""Reference values at 50 digits and more, from definitions rather than from libraries' own shortcuts."""

from mpmath import mp, mpf
import mpmath

mp.dps = 50


def log_beta(a, b):
    """log B(a, b); forty further digits make up for the cancellation of large arguments."""
    with mp.workdps(mp.dps + 40):
        a, b = mpf(a), mpf(b)
        return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def _beta_fraction(a, b, x):
    """I_x(a, b) for x at or below the mean, by the continued fraction of Didonato & Morris (1992), eq. 9."""
    y = 1 - x
    prefix = mp.exp(a * mp.log(x) + b * mp.log(y) - log_beta(a, b))
    d = a - (a + b) * x
    f = a * (d + 1) / (a + 1)
    c, e, m = f, mpf(0), 1
    tiny = mpf(10) ** (-mp.dps + 8)
    while m < 400000:
        odd = a + 2 * m - 1
        alpha = (a + m - 1) / odd * ((a + b + m - 1) / odd) * (m * (b - m) * x * x)
        beta = m + m * (b - m) * x / odd + (a + m) * (d + 1 + m * (1 + y)) / (odd + 2)
        e = 1 / (beta + alpha * e)
        c = beta + alpha / c
        f *= c * e
        if abs(c * e - 1) < tiny:
            return prefix / f
        m += 1
    raise ArithmeticError("no convergence")


def _beta_quadrature(a, b, x):
    """The same by integration in logit x, for parameters so large that the fraction is slow."""
    scale = mp.sqrt(1 / a + 1 / b)
    u = mp.log(x) - mp.log(1 - x)
    lb = log_beta(a, b)

    def density(v):
        return mp.exp(a * v - (a + b) * mp.log1p(mp.exp(v)) - lb)

    slope = a - (a + b) * x
    width = min(scale, 1 / slope if slope > 0 else scale)
    edges = [u]
    for k in (2, 5, 9, 14, 20, 28, 40, 60, 100, 160):
        edges.append(u - k * width)
    return mp.quad(density, edges[::-1], method="gauss-legendre", maxdegree=6)


def beta_tails(a, b, x, y=None):
    """(I_x(a, b), 1 - I_x(a, b)), each to its own relative accuracy."""
    a, b, x = mpf(a), mpf(b), mpf(x)
    y = 1 - x if y is None else mpf(y)
    if x <= 0:
        return mpf(0), mpf(1)
    if y <= 0:
        return mpf(1), mpf(0)

    def smaller(a, b, x):
        return _beta_fraction(a, b, x) if min(a, b) < 1e7 else _beta_quadrature(a, b, x)

    with mp.workdps(mp.dps + 20):
        if a * y >= b * x:
            p = smaller(a, b, x)
            return p, 1 - p
        q = smaller(b, a, y)
        return 1 - q, q


def gamma_tails(a, x):
    """(P(a, x), Q(a, x))."""
    a, x = mpf(a), mpf(x)
    if x == 0:
        return mpf(0), mpf(1)
    with mp.workdps(mp.dps + 30 + int(abs(mp.log10(a)))):
        prefix = mp.exp(a * mp.log(x) - x - mp.loggamma(a))
        tiny = mpf(10) ** (-mp.dps)
        if x < a + 1:
            term = total = 1 / a
            n = a
            while True:
                n += 1
                term *= x / n
                total += term
                if term < tiny * total:
                    break
            p = prefix * total
            return p, 1 - p
        b = x + 1 - a
        c, d = mpf(10) ** 200, 1 / b
        h = d
        i = 1
        while i < 2000000:
            an = -i * (i - a)
            b += 2
            d = 1 / (an * d + b)
            c = b + an / c
            h *= d * c
            if abs(d * c - 1) < tiny:
                break
            i += 1
        q = prefix * h
        return 1 - q, q


def normal_upper(x):
    return mp.erfc(mpf(x) / mp.sqrt(2)) / 2


def t_tails(t, nu):
    """(P(T <= t), P(T > t))."""
    t, nu = mpf(t), mpf(nu)
    square = t * t
    two = beta_tails(nu / 2, mpf(1) / 2, nu / (nu + square), square / (nu + square))[0]
    return (1 - two / 2, two / 2) if t >= 0 else (two / 2, 1 - two / 2)


def newton(function, density, start, steps=60):
    """The root of a monotone function by Newton at full precision from a good double."""
    x = mpf(start)
    for _ in range(steps):
        step = function(x) / density(x)
        x -= step
        if abs(step) < abs(x) * mpf(10) ** (-40):
            break
    return x


def normal_quantile(p, start):
    p = mpf(p)
    if p < mpf(1) / 2:
        return newton(lambda x: normal_upper(-x) - p, lambda x: mp.npdf(x), start)
    return newton(lambda x: 1 - normal_upper(x) - p, lambda x: mp.npdf(x), start)


def beta_density(a, b, x):
    a, b, x = mpf(a), mpf(b), mpf(x)
    return mp.exp((a - 1) * mp.log(x) + (b - 1) * mp.log1p(-x) - log_beta(a, b))


def gamma_density(a, x):
    a, x = mpf(a), mpf(x)
    return mp.exp((a - 1) * mp.log(x) - x - mp.loggamma(a))


def noncentral_t_cdf(t, nu, delta):
    """P(T <= t) = integral of Phi(t s - delta) over s = sqrt(chi2/nu)."""
    t, nu, delta = mpf(t), mpf(nu), mpf(delta)
    a = nu / 2

    def integrand(u):
        ratio = mp.exp(2 * u)
        return 2 * mp.exp(a * mp.log(a) + a * (2 * u - ratio) - mp.loggamma(a)) * normal_upper(delta - t * mp.exp(u))

    scale = 1 / mp.sqrt(2 * nu)
    edges = [k * scale for k in (-60, -30, -16, -10, -6, -3, -1, 0, 1, 2, 4, 6, 9, 13)]
    with mp.workdps(30):
        return mp.quad(integrand, edges)
