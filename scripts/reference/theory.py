"""Writes test/reference/theory.json: error functions, divergences, densities and Dirac-GAN radii by scipy and numpy.

Divergences on the line are by scipy's QUADPACK, in the plane by sums over a fine grid (for smooth densities that vanish
at its edge such sums converge faster than any power). The swiss roll's density is a sum over 2,000,000 angles, its
probability of a box a sum over the same angles. Run: /usr/bin/python3 scripts/reference/theory.py
"""

import numpy as np
from reference_file import number, write
from scipy import integrate, special, stats

LINE = {
    "apart": ([(-2, 0.5, 0.5), (2, 0.5, 0.5)], [(0, 1, 1)]),
    "close": ([(0, 1, 1)], [(0.3, 1.2, 1)]),
    "far": ([(-10, 0.5, 1)], [(10, 0.5, 1)]),
    "narrow": ([(-3, 0.01, 0.25), (1, 0.4, 0.75)], [(-3, 0.02, 0.5), (1, 0.4, 0.5)]),
}
PLANE = {
    "ring": (
        [(1, 0, 0.3, 1), (0, 1, 0.3, 1), (-1, 0, 0.3, 1), (0, -1, 0.3, 1)],
        [(0, 0, 0.8, 1)],
    ),
    "two": ([(-1, 0.5, 0.4, 1), (1, -0.5, 0.2, 3)], [(-1, 0.5, 0.3, 1)]),
}


def normalised(parts):
    total = sum(part[-1] for part in parts)
    return [(*part[:-1], part[-1] / total) for part in parts]


def log_line(parts, x):
    terms = [np.log(w) + stats.norm.logpdf(x, c, s) for c, s, w in normalised(parts)]
    return special.logsumexp(terms, axis=0)


def log_plane(parts, x, y):
    terms = [
        np.log(w) + stats.norm.logpdf(x, cx, s) + stats.norm.logpdf(y, cy, s) for cx, cy, s, w in normalised(parts)
    ]
    return special.logsumexp(terms, axis=0)


def integrands(log_p, log_q):
    log_m = np.logaddexp(log_p, log_q) - np.log(2)
    p, q = np.exp(log_p), np.exp(log_q)
    return {
        "jensenShannon": 0.5 * (p * (log_p - log_m) + q * (log_q - log_m)),
        "forward": p * (log_p - log_q),
        "reverse": q * (log_q - log_p),
    }


def line(p, q):
    centres = [(c, s) for c, s, _ in p + q]
    ends = min(c - 12 * s for c, s in centres), max(c + 12 * s for c, s in centres)
    cuts = sorted({x for c, s in centres for x in (c - 4 * s, c, c + 4 * s)})
    result = {}
    for name in ("jensenShannon", "forward", "reverse"):
        f = lambda x: float(integrands(log_line(p, x), log_line(q, x))[name])
        result[name] = number(integrate.quad(f, *ends, points=cuts, epsabs=1e-13, epsrel=1e-13, limit=2000)[0])
    return result


def plane(p, q):
    axis = np.linspace(-11, 11, 4401)
    x, y = np.meshgrid(axis, axis)
    cell = (axis[1] - axis[0]) ** 2
    parts = integrands(log_plane(p, x, y), log_plane(q, x, y))
    return {name: number(values.sum() * cell) for name, values in parts.items()}


def spiral():
    n = 2_000_000
    t = 1.5 * np.pi + 3 * np.pi * (np.arange(n) + 0.5) / n
    return t * np.cos(t) / 7.5, t * np.sin(t) / 7.5


def swissroll():
    cx, cy = spiral()
    s = 0.25 / 7.5
    points = [(0, -0.63), (1.25, 0.1), (-0.4, 0.3), (0.1, 1.88), (0.9, -0.2), (0, 0), (-1.3, 0.9)]
    boxes = [((-2, 2), (-2, 2)), ((0, 0.5), (-1, 0)), ((1.2, 1.24), (0.1, 0.14)), ((-3, 0), (-3, 3))]
    mass = lambda low, high, centre: special.ndtr((high - centre) / s) - special.ndtr((low - centre) / s)
    return {
        "logDensity": [
            {
                "point": [x, y],
                "value": number(
                    special.logsumexp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * s * s))
                    - np.log(len(cx))
                    - np.log(2 * np.pi * s * s)
                ),
            }
            for x, y in points
        ],
        "mass": [
            {"across": across, "up": up, "value": number(np.mean(mass(*across, cx) * mass(*up, cy)))}
            for across, up in boxes
        ],
    }


def dirac(field, alternating):
    """The loop of the descendants' own plots: step 0.1 from (1, 1), G first when alternating."""
    theta, psi, radii = 1.0, 1.0, []
    for step in range(1, 5001):
        if alternating:
            theta += 0.1 * field(theta, psi)[0]
            psi += 0.1 * field(theta, psi)[1]
        else:
            v = field(theta, psi)
            theta, psi = theta + 0.1 * v[0], psi + 0.1 * v[1]
        if step in (50, 500, 5000):
            radii.append(number(np.hypot(theta, psi)))
    return radii


s = special.expit
FIELDS = {
    "gan": lambda t, p: (-p * s(-p * t), t * s(-p * t)),
    "nonSaturating": lambda t, p: (-p * s(p * t), t * s(-p * t)),
    "r1": lambda t, p: (-p * s(-p * t), t * s(-p * t) - 0.3 * p),
}


def main():
    x = [-6, -3, -2.4, -1, -1e-3, 0, 1e-9, 0.5, 2.49, 2.51, 4, 8, 20]
    write(
        "theory",
        {
            "erf": [{"x": v, "erf": number(special.erf(v)), "erfc": number(special.erfc(v))} for v in x],
            "normalMass": [
                {"low": a, "high": b, "value": number(special.ndtr(-a) - special.ndtr(-b) if a > 0 else special.ndtr(b) - special.ndtr(a))}
                for a, b in [(-1, 1), (2, 3), (9, 9.5), (-30, -29), (-0.5, 12), (1, 1.001)]
            ],
            "line": [
                {"name": name, "p": p, "q": q, **line(p, q)} for name, (p, q) in LINE.items()
            ],
            "plane": [
                {"name": name, "p": p, "q": q, **plane(p, q)} for name, (p, q) in PLANE.items()
            ],
            "swissroll": swissroll(),
            "dirac": [
                {"field": name, "alternating": alternating, "radii": dirac(field, alternating)}
                for name, field in FIELDS.items()
                for alternating in (False, True)
            ],
        },
    )


main()
