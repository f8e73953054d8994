"""Writes test/reference/optimisers.json: twenty steps of each optimiser on one fixed sequence of gradients, float64.

Pylearn2's SGD, the released schedules, max-norm and EMA are closed recursions in numpy (checked against PyTorch's where
both say the same); Adam and RMSprop are PyTorch's. Run: /usr/bin/python3 scripts/reference/optimisers.py
"""

import numpy as np
import torch

from reference_file import exact, number, tensor, write

STEPS = 20
DRAW = np.random.RandomState(2014)
START = exact(DRAW.randn(3, 2))
# Gradients over five orders of magnitude, with zeros: epsilon, bias correction and dead units all show.
GRADIENTS = exact(DRAW.randn(STEPS, 3, 2)) * 10.0 ** DRAW.randint(-3, 3, (STEPS, 3, 2))
GRADIENTS[:, 2, 1] = 0
GRADIENTS[5:9, 0, 0] = 0
GRADIENTS = GRADIENTS.astype(np.float32).astype(np.float64)


def decayed(learning_rate, decay, floor, update):
    """Pylearn2's ExponentialDecay: divided by `decay` once an update, never below `floor`."""
    return max(learning_rate / decay**update, floor)


def ramped(start, final, first_epoch, saturated, epoch):
    """Pylearn2's MomentumAdjustor: linear from `start` at `first_epoch` to `final` at `saturated`, then constant."""
    alpha = min(max((epoch - first_epoch) / (saturated - first_epoch), 0), 1)
    return start * (1 - alpha) + final * alpha


def pylearn2_sgd(rates, momentum, max_norm=None):
    """v <- mu v - lr g; p <- p + v; then every column of p is brought to a norm of at most `max_norm`."""
    p, v, path = START.copy(), np.zeros_like(START), []
    for gradient, rate in zip(GRADIENTS, rates):
        v = momentum * v - rate * gradient
        p = p + v
        if max_norm is not None:
            p = clipped_columns(p, max_norm)
        path.append(p)
    return np.array(path)


def clipped_columns(p, max_norm):
    norms = np.sqrt((p**2).sum(axis=0))
    return p * np.where(norms > max_norm, max_norm / np.maximum(norms, 1e-30), 1)


def averaged(path, decay):
    """e <- decay e + (1 - decay) p, from e = the start."""
    e, averages = START.copy(), []
    for p in path:
        e = decay * e + (1 - decay) * p
        averages.append(e)
    return np.array(averages)


def torch_path(maker, **settings):
    p = torch.tensor(START, requires_grad=True)
    optimiser, path = maker([p], **settings), []
    for gradient in GRADIENTS:
        p.grad = torch.tensor(gradient)
        optimiser.step()
        path.append(p.detach().numpy().copy())
    return np.array(path)


def sgd_cases():
    cases = []
    for momentum in (0.0, 0.5, 0.9):
        path = pylearn2_sgd([0.1] * STEPS, momentum)
        # The two forms agree while the learning rate stays.
        np.testing.assert_allclose(path, torch_path(torch.optim.SGD, lr=0.1, momentum=momentum), rtol=1e-12)
        cases.append({"learningRate": 0.1, "momentum": momentum, "path": tensor(path)})
    released = {"decay": 1.000004, "floor": 1e-6}
    steep = {"decay": 1.25, "floor": 0.005}  # reaches its floor at the 14th update
    for schedule in (released, steep):
        rates = [decayed(0.1, schedule["decay"], schedule["floor"], update) for update in range(STEPS)]
        path = pylearn2_sgd(rates, 0.5)
        cases.append({"learningRate": 0.1, **schedule, "momentum": 0.5, "path": tensor(path)})
    return cases


def adam_cases():
    cases = []
    for rate, beta1, beta2 in [(1e-3, 0.9, 0.999), (2e-4, 0.5, 0.999), (2e-4, 0.0, 0.9), (0.05, 0.0, 0.99)]:
        path = torch_path(torch.optim.Adam, lr=rate, betas=(beta1, beta2), eps=1e-8)
        settings = {"learningRate": rate, "beta1": beta1, "beta2": beta2, "epsilon": 1e-8}
        cases.append({**settings, "path": tensor(path)})
    return cases


def rmsprop_cases():
    cases = []
    for rate, alpha in [(1e-4, 0.99), (0.05, 0.9)]:
        path = torch_path(torch.optim.RMSprop, lr=rate, alpha=alpha, eps=1e-8, momentum=0)
        cases.append({"learningRate": rate, "alpha": alpha, "epsilon": 1e-8, "path": tensor(path)})
    return cases


def max_norm_cases():
    """The constraint alone (a column inside, outside, at the limit, and of zeros), and after every step of SGD."""
    alone = np.array([[0.25, 3.0, 1.5, 0.0], [-0.5, 4.0, 2.0, 0.0], [0.125, 0.0, 0.0, 0.0]])
    limit = 2.5
    columns = clipped_columns(alone, limit)
    np.testing.assert_allclose(columns, torch.tensor(alone).renorm(2, 1, limit).numpy(), rtol=1e-7)
    path = pylearn2_sgd([0.1] * STEPS, 0.5, max_norm=1.9365)
    return {
        "once": {"maxNorm": limit, "before": tensor(alone), "after": tensor(columns)},
        "sgd": {"learningRate": 0.1, "momentum": 0.5, "maxNorm": 1.9365, "path": tensor(path)},
    }


def schedule_tables():
    updates = [0, 1, 19, 1_000, 171_016, 173_287, 1_000_000, 2_878_000, 2_878_240, 5_000_000]
    rates = [decayed(0.1, 1.000004, 1e-6, update) for update in updates]
    assert abs(decayed(1, 1.000004, 0, 173_287) - 0.5) < 2e-6
    epochs = [0, 1, 2, 125, 249, 250, 251, 1_000]
    return {
        "exponentialDecay": {
            "learningRate": 0.1,
            "decay": 1.000004,
            "floor": 1e-6,
            "updates": updates,
            "values": [number(rate) for rate in rates],
        },
        "momentumRamp": {
            "start": 0.5,
            "final": 0.7,
            "firstEpoch": 1,
            "saturatedEpoch": 250,
            "epochs": epochs,
            "values": [number(ramped(0.5, 0.7, 1, 250, epoch)) for epoch in epochs],
        },
    }


def main():
    sgd_path = pylearn2_sgd([0.1] * STEPS, 0.5)
    write(
        "optimisers",
        {
            "start": tensor(START),
            "gradients": tensor(GRADIENTS),
            "sgd": sgd_cases(),
            "adam": adam_cases(),
            "rmsprop": rmsprop_cases(),
            "maxNorm": max_norm_cases(),
            "ema": [
                {"path": tensor(sgd_path), "decay": decay, "averages": tensor(averaged(sgd_path, decay))}
                for decay in (0.9, 0.999)
            ],
            "schedules": schedule_tables(),
        },
    )


if __name__ == "__main__":
    main()
