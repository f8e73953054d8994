"""How samples spread beside real examples: diversity, near twins, energy distance, by scipy's distances in float64.

    python3 scripts/reference/sample_spread.py
"""

import numpy as np
from scipy.spatial.distance import cdist, pdist, squareform

from reference_file import exact, number, tensor, write


def nearest(points):
    distances = squareform(pdist(points))
    np.fill_diagonal(distances, np.inf)
    return distances.min(axis=1)


def spread(samples, real):
    within, across, real_within = pdist(samples).mean(), cdist(samples, real).mean(), pdist(real).mean()
    # The upper median where the number is even.
    typical = np.sort(nearest(real))[len(real) // 2]
    return {
        "diversity": number(within / real_within),
        "duplicates": number((nearest(samples) < typical / 2).mean()),
        "energyDistance": number((2 * across - within - real_within) / (2 * across)),
    }


random = np.random.default_rng(2014)
real = exact(random.normal(size=(40, 6)))
other = exact(random.normal(size=(40, 6)))
cases = {
    "other draws": other,
    "moved": other + 2,
    "a quarter as wide": other / 4,
    "half of them twins": np.concatenate([other[:30], other[:10] + 1 / 64]),
}
write(
    "sample-spread",
    {
        "real": tensor(real),
        "cases": [
            {"name": name, "samples": tensor(samples), "spread": spread(samples, real)}
            for name, samples in cases.items()
        ],
    },
)
