"""Writes test/reference/cross-entropy.json: softmax cross-entropy by PyTorch in float64, with both derivatives.

`gradient` is by the logits, `curvature` is the Hessian times `direction`. Logits reach +-50, where exp without the
largest subtracted still works, and +-1000, where it does not. Run: /usr/bin/python3 scripts/reference/cross_entropy.py
"""

import numpy as np
import torch
from torch.nn.functional import cross_entropy, log_softmax

from reference_file import exact, number, tensor, write


def case(logits, labels, direction):
    leaf = torch.tensor(logits, dtype=torch.float64).requires_grad_()
    along = torch.tensor(direction, dtype=torch.float64)
    loss = cross_entropy(leaf, torch.tensor(labels))
    (gradient,) = torch.autograd.grad(loss, leaf, create_graph=True)
    (curvature,) = torch.autograd.grad((gradient * along).sum(), leaf)
    return {
        "logits": tensor(logits),
        "labels": list(labels),
        "direction": tensor(direction),
        "logSoftmax": tensor(log_softmax(leaf, dim=1)),
        "value": number(loss.item()),
        "gradient": tensor(gradient),
        "curvature": tensor(curvature),
    }


def main():
    draw = np.random.RandomState(1406)

    def batch(rows, classes, scale):
        logits = exact(scale * draw.randn(rows, classes))
        return case(logits, draw.randint(0, classes, rows).tolist(), exact(draw.randn(rows, classes)))

    extremes = np.array([[50.0, -50, 0], [-50, 50, 50], [1000, 0, -1000], [-1000, -1000, -1000]])
    write(
        "cross-entropy",
        [
            batch(6, 10, 1),
            batch(5, 3, 8),
            batch(4, 2, 1),
            case(extremes, [1, 0, 2, 1], exact(draw.randn(4, 3))),
            case(np.zeros((1, 10)), [7], exact(draw.randn(1, 10))),
        ],
    )


if __name__ == "__main__":
    main()
