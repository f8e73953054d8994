"""Writes test/reference/lab.json: what the lab's panel says of ten random states, by numpy and scipy.

A state is data (a mixture of Gaussians), samples and cells. Samples are counted with numpy's own histogram over a range that
holds all of both distributions, probabilities of cells are differences of scipy's distribution functions, the Jensen-Shannon
divergence is scipy's. On the line the generator is also known as a function, rising throughout, so that its density is too:
that divergence is by QUADPACK. Run: /usr/bin/python3 scripts/reference/lab.py
"""

import numpy as np
from reference_file import exact, number, write
from scipy import integrate, optimize, stats
from scipy.spatial import distance

ROOT_3 = np.sqrt(3)
SAMPLES = 400


def data_of(random, dimension):
    count = int(random.integers(1, 6))
    return [
        {
            "centre": [float(c) for c in exact(random.uniform(-2, 2, dimension))],
            "deviation": float(exact(random.uniform(0.2, 0.6))),
            "weight": float(exact(random.uniform(0.5, 2))),
        }
        for _ in range(count)
    ]


def shares(data):
    total = sum(part["weight"] for part in data)
    return [(part["centre"], part["deviation"], part["weight"] / total) for part in data]


def axis_masses(edges, centre, deviation):
    """Probabilities between edges; in the right tail by survival functions, which do not cancel there."""
    z = (edges - centre) / deviation
    below, above = np.diff(stats.norm.cdf(z)), -np.diff(stats.norm.sf(z))
    return np.where(z[:-1] > 0, above, below)


def masses(data, edges):
    total = 0
    for centre, deviation, share in shares(data):
        along = [axis_masses(e, c, deviation) for e, c in zip(edges, centre)]
        total = total + share * (along[0] if len(along) == 1 else np.outer(along[1], along[0]))
    return total


def wide_edges(box, size, data, samples):
    """The edges of the box's cells, continued until everything lies between them; and how many were put before."""
    edges, before = [], []
    for axis, (low, high) in enumerate(box):
        width = (high - low) / size
        reach = [c[axis] + sign * 9 * s for c, s, _ in shares(data) for sign in (-1, 1)]
        least = min(low, *reach, samples[:, axis].min())
        most = max(high, *reach, samples[:, axis].max())
        first, last = int(np.floor((least - low) / width)), int(np.ceil((most - low) / width)) + 1
        edges.append(low + np.arange(first, last + 1) * width)
        before.append(-first)
    return edges, before


def histogram_state(data, samples, box, size):
    edges, before = wide_edges(box, size, data, samples)
    p = masses(data, edges)
    counts, _ = np.histogramdd(samples, bins=edges)
    counts = counts if len(box) == 1 else counts.T
    n = len(samples)
    q = counts / n
    jsd = distance.jensenshannon(p.ravel(), q.ravel()) ** 2
    smoothed = (counts + p) / (n + 1)
    occupied = q > 0
    inside = tuple(slice(start, start + size) for start in reversed(before))
    with np.errstate(invalid="ignore"):
        optimal = (p / (p + q))[inside].ravel()
    seen = np.flatnonzero(counts[inside].ravel())[::7]
    return {
        "jsd": number(jsd),
        "cOfG": number(-np.log(4) + 2 * jsd),
        "klDataModel": number(np.sum(p * np.log(p / smoothed, where=p > 0, out=np.zeros_like(p)))),
        "klModelData": number(np.sum(q[occupied] * np.log(q[occupied] / p[occupied]))),
        "optimal": [[int(i), number(optimal[i])] for i in seen],
    }


def line_generator(random):
    """G(z) = a z + b + c tanh(d z), rising: a, c, d > 0."""
    a, c, d = (float(exact(x)) for x in random.uniform([0.2, 0.1, 0.5], [0.8, 1.2, 2.5]))
    return {"a": a, "b": float(exact(random.uniform(-1, 1))), "c": c, "d": d}


def line_density(data, generator):
    a, b, c, d = (generator[key] for key in "abcd")
    g = lambda z: a * z + b + c * np.tanh(d * z)
    low, high = g(-ROOT_3), g(ROOT_3)
    z_of = lambda x: optimize.brentq(lambda z: g(z) - x, -ROOT_3 - 1e-9, ROOT_3 + 1e-9, xtol=1e-14)
    p = lambda x: sum(share * stats.norm.pdf(x, centre[0], s) for centre, s, share in shares(data))

    def q(x):
        if not low <= x <= high:
            return 0
        z = z_of(x)
        return 1 / (2 * ROOT_3) / (a + c * d / np.cosh(d * z) ** 2)

    def share_of(x):
        m = (p(x) + q(x)) / 2
        terms = [t * np.log(t / m) for t in (p(x), q(x)) if t > 0]
        return sum(terms) / 2

    ends = [centre[0] + sign * 12 * s for centre, s, _ in shares(data) for sign in (-1, 1)]
    cuts = sorted({min(ends), *(centre[0] for centre, _, _ in shares(data)), low, high, max(ends)})
    jsd = sum(
        integrate.quad(share_of, *stretch, epsabs=1e-10, epsrel=1e-10, limit=400)[0]
        for stretch in zip(cuts, cuts[1:])
    )
    places = np.linspace(low + 0.01, high - 0.01, 9)
    return {"jsd": number(jsd), "optimal": [[number(x), number(p(x) / (p(x) + q(x)))] for x in places]}


def state(index):
    random = np.random.default_rng([2014, index])
    dimension = 1 if index < 4 else 2
    data = data_of(random, dimension)
    # No sample, a multiple of 1/1024, lies on an edge.
    box = [[-3.01, 3.02]] * dimension
    size = 120 if dimension == 1 else 30
    if dimension == 1:
        generator = line_generator(random)
        z = random.uniform(-ROOT_3, ROOT_3, (SAMPLES, 1))
        a, b, c, d = (generator[key] for key in "abcd")
        raw = a * z + b + c * np.tanh(d * z)
    else:
        generator = None
        z = random.normal(size=(SAMPLES, 2))
        raw = np.tanh(z @ random.normal(size=(2, 5)) + random.normal(size=5)) @ random.normal(size=(5, 2))
        raw = raw * random.uniform(0.4, 0.9) + random.normal(size=2) * 0.3
    samples = exact(raw)
    result = {
        "data": data,
        "box": box,
        "size": size,
        "samplesIn1024ths": [int(round(x * 1024)) for x in samples.ravel()],
        "histogram": histogram_state(data, samples, box, size),
    }
    if generator:
        result |= {"generator": generator, "exact": line_density(data, generator)}
    return result


write("lab", {"states": [state(index) for index in range(10)]})
