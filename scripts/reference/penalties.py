"""Writes test/reference/penalties.json: every penalty on a smooth critic, with its derivatives by D's parameters.

The critic is tanh, softplus, linear on images [1, 8, 2] taken as vectors: every second derivative is at work and nothing
has a kink. Parameter gradients of the penalties are PyTorch's double backward in float64.
Run: /usr/bin/python3 scripts/reference/penalties.py
"""

import numpy as np
import torch
from torch.nn.functional import softplus

from reference_file import exact, number, tensor, tensors, write

BATCH, SHAPE, HIDDEN, SEED = 5, (1, 8, 2), (5, 4), 1710
SETTINGS = {
    "r1": {"gamma": 10},
    "r2": {"gamma": 4},
    "gradientPenalty": {"weight": 10, "target": 1},
    "zeroCentredGradientPenalty": {"weight": 3},
    "dragan": {"weight": 10, "spread": 0.5},
    "consistency": {"weight": 3},
    "drift": {"weight": 0.25},
}


def critic(p, x):
    h = torch.tanh(x.flatten(1) @ p["dense1/weight"] + p["dense1/bias"])
    h = softplus(h @ p["dense2/weight"] + p["dense2/bias"])
    return h @ p["dense3/weight"] + p["dense3/bias"]


def slopes(p, x):
    """Each example's own gradient, all of them differentiable by p."""
    x = x.detach().requires_grad_()
    return torch.autograd.grad(critic(p, x).sum(), x, create_graph=True)[0].flatten(1)


def squared(p, x):
    return (slopes(p, x) ** 2).sum(dim=1)


def shifted(x, shares):
    """Each image moved down by one of -1, 0, 1 rows, an eighth of eight; zeros come in. Two columns do not move."""
    moves = torch.floor(shares.flatten() * 3 - 1).int().tolist()
    moved = torch.zeros_like(x)
    for image, (move, rows) in enumerate(zip(moves, [x.shape[2]] * len(moves))):
        for row in range(rows):
            if 0 <= row - move < rows:
                moved[image, :, row] = x[image, :, row - move]
    assert len(set(moves)) == 3, moves
    return moved


def penalties(p, real, fake, share, noise, rows):
    between = share * real + (1 - share) * fake
    about = real + SETTINGS["dragan"]["spread"] * real.std(unbiased=False) * noise
    return {
        "r1": SETTINGS["r1"]["gamma"] / 2 * squared(p, real).mean(),
        "r2": SETTINGS["r2"]["gamma"] / 2 * squared(p, fake).mean(),
        "gradientPenalty": 10 * ((squared(p, between).sqrt() - 1) ** 2).mean(),
        "zeroCentredGradientPenalty": 3 * squared(p, between).mean(),
        "dragan": 10 * ((squared(p, about).sqrt() - 1) ** 2).mean(),
        "consistency": 3 * ((critic(p, real) - critic(p, shifted(real, rows))) ** 2).mean(),
        "drift": 0.25 * (critic(p, real) ** 2).mean(),
    }


def main():
    draw = np.random.RandomState(SEED)
    sizes = (int(np.prod(SHAPE)), *HIDDEN, 1)
    arrays = {}
    for i, (rows, columns) in enumerate(zip(sizes, sizes[1:])):
        arrays[f"dense{i + 1}/weight"] = exact(0.75 * draw.randn(rows, columns))
        arrays[f"dense{i + 1}/bias"] = exact(0.25 * draw.randn(columns))
    inputs = {
        "real": exact(draw.rand(BATCH, *SHAPE)),
        "fake": exact(draw.rand(BATCH, *SHAPE)),
        "share": exact(draw.rand(BATCH, 1, 1, 1)),
        "noise": exact(draw.rand(BATCH, *SHAPE)),
        "rows": exact([0.1, 0.9, 0.5, 0.2, 0.8]).reshape(BATCH, 1, 1, 1),
    }
    p = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    found = {}
    for name, value in penalties(p, **{key: torch.tensor(array) for key, array in inputs.items()}).items():
        gradients = torch.autograd.grad(value, list(p.values()), allow_unused=True)
        found[name] = {
            "settings": SETTINGS[name],
            "value": number(value.item()),
            "gradients": {
                key: tensor(torch.zeros_like(p[key]) if gradient is None else gradient)
                for key, gradient in zip(p, gradients)
            },
        }
    draws = {"share": inputs["share"], "noise": inputs["noise"], "translation/rows": inputs["rows"]}
    write(
        "penalties",
        {
            "parameters": tensors(arrays),
            "real": tensor(inputs["real"]),
            "fake": tensor(inputs["fake"]),
            "draws": tensors(draws),
            "penalties": found,
        },
    )


if __name__ == "__main__":
    main()
