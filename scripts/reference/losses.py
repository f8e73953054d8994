"""Writes test/reference/losses.json: the GAN losses on logits, with first derivatives, by PyTorch in float64.

Every loss is finite at +-50, where sigmoid followed by log is not. Run: /usr/bin/python3 scripts/reference/losses.py
"""

import numpy as np
import torch
from torch.nn.functional import logsigmoid, relu, softplus

from reference_file import exact, number, tensor, write

SMOOTHING = 0.9
POINTS = [-50.0, -1.0, 0.0, 1.0, 50.0]


def discriminator(real, fake, real_label=1.0):
    """BCE(real_label, D(x)) + BCE(0, D(G(z))), each a mean over its rows: Algorithm 1's objective, in full."""
    on_real = -(real_label * logsigmoid(real) + (1 - real_label) * logsigmoid(-real)).mean()
    return on_real - logsigmoid(-fake).mean()


def minimax(fake):
    """mean log(1 - D(G(z))), to be minimised."""
    return logsigmoid(-fake).mean()


def non_saturating(fake):
    """-mean log D(G(z)), to be minimised."""
    return -logsigmoid(fake).mean()


# The descendants: what D minimises of (real, fake), and what G minimises of (fake, real), where it looks at the real ones.
DESCENDANTS = {
    "leastSquares": (
        lambda real, fake: ((real - 1) ** 2).mean() / 2 + (fake**2).mean() / 2,
        lambda fake: ((fake - 1) ** 2).mean() / 2,
    ),
    "wasserstein": (lambda real, fake: fake.mean() - real.mean(), lambda fake: -fake.mean()),
    "hinge": (lambda real, fake: relu(1 - real).mean() + relu(1 + fake).mean(), lambda fake: -fake.mean()),
    "relativistic": (
        lambda real, fake: softplus(-(real - fake), threshold=1e3).mean(),
        lambda fake, real: softplus(-(fake - real), threshold=1e3).mean(),
    ),
}


def evaluated(loss, *logits):
    """Value and the derivative with respect to each logit."""
    leaves = [torch.tensor(values, dtype=torch.float64).reshape(-1, 1).requires_grad_() for values in logits]
    value = loss(*leaves)
    gradients = torch.autograd.grad(value, leaves)
    return number(value.item()), [tensor(gradient) for gradient in gradients]


def of_discriminator(real, fake, real_label):
    value, (real_gradient, fake_gradient) = evaluated(lambda r, f: discriminator(r, f, real_label), real, fake)
    return {
        "realLabel": real_label,
        "realLogits": tensor(np.reshape(real, (-1, 1))),
        "fakeLogits": tensor(np.reshape(fake, (-1, 1))),
        "value": value,
        "realGradient": real_gradient,
        "fakeGradient": fake_gradient,
    }


def of_generator(loss, fake):
    value, (gradient,) = evaluated(loss, fake)
    return {"fakeLogits": tensor(np.reshape(fake, (-1, 1))), "value": value, "fakeGradient": gradient}


def of_descendant(losses, real, fake):
    """Both players' values and their derivatives by the logits of real examples and of samples."""
    discriminator, generator = losses
    value, (by_real, by_fake) = evaluated(discriminator, real, fake)
    pairs = generator.__code__.co_argcount == 2
    g_value, g_gradients = evaluated(generator, fake, real) if pairs else evaluated(generator, fake)
    return {
        "realLogits": tensor(np.reshape(real, (-1, 1))),
        "fakeLogits": tensor(np.reshape(fake, (-1, 1))),
        "discriminator": {"value": value, "realGradient": by_real, "fakeGradient": by_fake},
        "generator": {"value": g_value, "fakeGradient": g_gradients[0]},
    }


def main():
    draw = np.random.RandomState(1406)
    batches = [(exact(3 * draw.randn(6)), exact(3 * draw.randn(6))) for _ in range(2)]
    points = [([real], [fake]) for real in POINTS for fake in POINTS]
    write(
        "losses",
        {
            "discriminator": [
                of_discriminator(real, fake, label)
                for label in (1.0, SMOOTHING)
                for real, fake in points + batches
            ],
            "minimax": [of_generator(minimax, fake) for fake in [[p] for p in POINTS] + [f for _, f in batches]],
            "nonSaturating": [
                of_generator(non_saturating, fake) for fake in [[p] for p in POINTS] + [f for _, f in batches]
            ],
            "descendants": {
                name: [of_descendant(losses, real, fake) for real, fake in points + batches]
                for name, losses in DESCENDANTS.items()
            },
        },
    )


if __name__ == "__main__":
    main()
