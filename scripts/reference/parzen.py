"""Parzen window log-likelihoods and nearest neighbours in numpy float64, on inputs that the test makes in the same way.

    python3 scripts/reference/parzen.py
"""

import numpy as np

from reference_file import number, write


def scattered(rows, columns, offset):
    """Values in [0, 1) that both sides make: ((31 i + 17) i + offset) mod 1021 over 1024, the same number everywhere."""
    i = np.arange(rows * columns, dtype=np.int64)
    return ((((31 * i + 17) * i + offset) % 1021) / 1024).reshape(rows, columns)


def log_likelihoods(samples, x, sigma):
    d2 = ((x[:, None, :] - samples[None, :, :]) ** 2).sum(-1)
    e = -d2 / (2 * sigma**2)
    top = e.max(1)
    mean = top + np.log(np.exp(e - top[:, None]).mean(1))
    return mean - x.shape[1] * np.log(sigma * np.sqrt(2 * np.pi))


samples, validation, test = scattered(300, 20, 5), scattered(70, 20, 77), scattered(90, 20, 300)
sigmas = np.logspace(-1, 0, 10)
scores = [log_likelihoods(samples, validation, s).mean() for s in sigmas]
best = sigmas[int(np.argmax(scores))]
final = log_likelihoods(samples, test, best)
d2 = ((test[:, None, :] - samples[None]) ** 2).sum(-1)
order = np.argsort(d2, axis=1, kind="stable")[:, :3]

write(
    "parzen",
    {
        "validation": list(map(number, scores)),
        "sigma": number(best),
        "logLikelihood": number(final.mean()),
        "standardError": number(final.std() / np.sqrt(len(final))),
        "sharp": list(map(number, log_likelihoods(samples, test[:5], 0.01))),
        "neighbours": order.tolist(),
        "distances": [[number(v) for v in row] for row in np.take_along_axis(d2, order, 1)],
    },
)
