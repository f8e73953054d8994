"""How the columns of two tables differ, each by itself and in pairs, by scipy in float64.

    python3 scripts/reference/tables.py
"""

import itertools

import numpy as np
from scipy.stats import ks_2samp, pearsonr, wasserstein_distance
from scipy.stats.contingency import association

from reference_file import exact, number, tensor, write

CATEGORIES = {"colour": 3, "size": 4}


def correlation_ratio(numbers, groups):
    mean = numbers.mean()
    between = sum((groups == g).sum() * (numbers[groups == g].mean() - mean) ** 2 for g in np.unique(groups))
    return np.sqrt(between / ((numbers - mean) ** 2).sum())


def cramers_v(a, b):
    table = [[((a == i) & (b == j)).sum() for j in np.unique(b)] for i in np.unique(a)]
    return association(np.array(table), method="cramer", correction=False)


def associate(table, a, b):
    if a in CATEGORIES and b in CATEGORIES:
        return "cramersV", cramers_v(table[a], table[b])
    if a in CATEGORIES:
        return "correlationRatio", correlation_ratio(table[b], table[a])
    if b in CATEGORIES:
        return "correlationRatio", correlation_ratio(table[a], table[b])
    return "pearson", pearsonr(table[a], table[b])[0]


def distance(name, real, fake):
    if name in CATEGORIES:
        shares = [np.bincount(values, minlength=CATEGORIES[name]) / len(values) for values in (real, fake)]
        return {"column": name, "distance": number(np.abs(shares[0] - shares[1]).sum() / 2)}
    return {
        "column": name,
        "distance": number(ks_2samp(real, fake).statistic),
        "wasserstein": number(wasserstein_distance(real, fake)),
    }


def draw(random, count, slope):
    colour = random.choice(3, size=count, p=[0.5, 0.3, 0.2])
    age = exact(random.normal(size=count) + 0.5 * colour, 6)
    return {
        "age": age,
        "colour": colour,
        # Few different numbers, so that many are tied.
        "children": np.round(slope * age + random.normal(size=count)),
        # The last category never occurs.
        "size": np.where(random.random(count) < 0.6, colour, random.choice(3, size=count)),
    }


random = np.random.default_rng(1905)
real, fake = draw(random, 60, 0.8), draw(random, 45, -0.3)
write(
    "tables",
    {
        "real": {name: tensor(values) for name, values in real.items()},
        "fake": {name: tensor(values) for name, values in fake.items()},
        "columns": [distance(name, real[name], fake[name]) for name in real],
        "pairs": [
            {
                "columns": [a, b],
                "measure": associate(real, a, b)[0],
                "real": number(associate(real, a, b)[1]),
                "fake": number(associate(fake, a, b)[1]),
            }
            for a, b in itertools.combinations(real, 2)
        ],
    },
)
