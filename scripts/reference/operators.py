"""Writes test/reference/operators.json: elementwise functions with first and second derivatives, by PyTorch in float64.

For operators that ONNX Runtime's CPU runs in float32 only (Softplus, Elu, Erf), where central differences in float64
are not to be had, and for the tails of the others, where second derivatives hold to 1e-16 absolutely, not relatively.
Run: /usr/bin/python3 scripts/reference/operators.py
"""

import torch

from reference_file import tensor, write

ANYWHERE = [-50.0, -20.0, -5.0, -1.0, -0.5, -0.125, 0.0, 0.125, 0.5, 1.0, 5.0, 20.0, 50.0]
# Where a function has a kink or a pole at 0, or leaves float32 at 50.
NOT_ZERO = [x for x in ANYWHERE if x != 0]
POSITIVE = [2.0**-10, 0.125, 0.5, 1.0, 2.0, 20.0, 50.0]

FUNCTIONS = {
    # torch's own softplus switches to x above 20 and loses 2e-9 there; this one holds its digits everywhere.
    "softplus": (lambda x: -torch.nn.functional.logsigmoid(-x), ANYWHERE),
    "sigmoid": (torch.sigmoid, ANYWHERE),
    "tanh": (torch.tanh, ANYWHERE),
    "erf": (torch.erf, ANYWHERE),
    "exp": (torch.exp, ANYWHERE),
    "relu": (torch.relu, NOT_ZERO),
    "leakyRelu": (lambda x: torch.nn.functional.leaky_relu(x, 0.2), NOT_ZERO),
    "elu": (lambda x: torch.nn.functional.elu(x, 1.0), NOT_ZERO),
    "abs": (torch.abs, NOT_ZERO),
    "log": (torch.log, POSITIVE),
    "sqrt": (torch.sqrt, POSITIVE),
}


def rows(function, points):
    x = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    y = function(x)
    (first,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    second = torch.zeros(len(points), dtype=torch.float64)
    if first.requires_grad:
        second += torch.autograd.grad(first.sum(), x)[0]
    return {"x": tensor(x), "y": tensor(y), "first": tensor(first), "second": tensor(second)}


if __name__ == "__main__":
    write("operators", {name: rows(function, points) for name, (function, points) in FUNCTIONS.items()})
