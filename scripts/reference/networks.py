"""Writes test/reference/networks.json and steps.json: the paper's MNIST nets in small, by PyTorch in float64.

G is 5-7-6-8 (ReLU, ReLU, sigmoid), D is 8 - maxout 4 x 3 - maxout 4 x 3 - 1 logit with dropout before every layer
(include .8, then .5 and .5, kept values divided by include), batch 6. Weights are [in, out], y = x W + b; a maxout
layer's pre-activation of width units * pieces is reshaped to [N, units, pieces] and its last axis maximised. Whole
training steps are written as plain recursions over `torch.autograd.grad`: no nn.Module, no torch.optim.

`float32Bound` is what PyTorch's own float32 keeps to, relative to each tensor's largest element: what another engine
in float32 may be held to. Run: /usr/bin/python3 scripts/reference/networks.py
"""

import numpy as np
import torch

from losses import SMOOTHING, discriminator as loss_d, minimax, non_saturating
from reference_file import exact, number, tensor, tensors, write

LATENT, HIDDEN, PIXELS, UNITS, PIECES, BATCH = 5, (7, 6), 8, 4, 3, 6
INCLUDE = (0.8, 0.5, 0.5)
ITERATIONS = 3
LEARNING_RATES = (0.25, 0.125, 0.0625)  # one an iteration: Pylearn2's momentum and PyTorch's then differ
# One an update of D where it makes two of them in an iteration, the second on a minibatch of its own.
LEARNING_RATES_TWICE = (0.25, 0.1875, 0.125, 0.09375, 0.0625, 0.046875)
MOMENTUM = 0.5
R1_GAMMA = 10.0
SEED, SEED_TWICE = 12, 14

FLOAT32_BOUND = 1e-5
# Nothing may be so close to a kink that float32 could end on the other side of it.
MARGIN = 2e-4
nearest_kink = float("inf")


def draw_parameters(draw):
    def layer(name, rows, columns, scale):
        return {
            f"{name}/weight": exact(scale * draw.randn(rows, columns)),
            f"{name}/bias": exact(0.25 * draw.randn(columns)),
        }

    return {
        **layer("generator/dense1", LATENT, HIDDEN[0], 0.5),
        **layer("generator/dense2", HIDDEN[0], HIDDEN[1], 0.5),
        **layer("generator/dense3", HIDDEN[1], PIXELS, 0.5),
        **layer("discriminator/maxout1", PIXELS, UNITS * PIECES, 0.5),
        **layer("discriminator/maxout2", UNITS, UNITS * PIECES, 0.5),
        **layer("discriminator/dense1", UNITS, 1, 0.5),
    }


def draw_masks(draw, rows):
    """1 keeps; one mask before every layer of D."""
    return {
        f"discriminator/dropout{i + 1}": draw.binomial(1, include, (rows, width))
        for i, (include, width) in enumerate(zip(INCLUDE, (PIXELS, UNITS, UNITS)))
    }


def draw_feeds(draw):
    """What one iteration takes. masksD: the real rows first, then the fake ones."""
    return {
        "real": exact(draw.rand(BATCH, PIXELS)),
        "noiseD": exact(draw.uniform(-(3**0.5), 3**0.5, (BATCH, LATENT))),
        "noiseG": exact(draw.uniform(-(3**0.5), 3**0.5, (BATCH, LATENT))),
        "masksD": draw_masks(draw, 2 * BATCH),
        "masksG": draw_masks(draw, BATCH),
    }


def draw_second(draw):
    """What D's second update takes where k = 2."""
    return {key: value for key, value in draw_feeds(draw).items() if not key.endswith("G")}


def away_from_kinks(distance):
    global nearest_kink
    nearest_kink = min(nearest_kink, distance.abs().min().item())


def affine(p, name, x):
    return x @ p[f"{name}/weight"] + p[f"{name}/bias"]


def generator(p, z):
    h = z
    for name in ("generator/dense1", "generator/dense2"):
        y = affine(p, name, h)
        away_from_kinks(y)
        h = torch.relu(y)
    return torch.sigmoid(affine(p, "generator/dense3", h))


def discriminator(p, x, masks=None):
    """Logits; without masks nothing is dropped and nothing scaled."""
    h = x
    for i, name in enumerate(("discriminator/maxout1", "discriminator/maxout2", "discriminator/dense1")):
        if masks is not None:
            h = h * masks[f"discriminator/dropout{i + 1}"] / INCLUDE[i]
        y = affine(p, name, h)
        if "maxout" in name:
            pieces = y.reshape(-1, UNITS, PIECES)
            best = pieces.topk(2, dim=-1).values
            away_from_kinks(best[..., 0] - best[..., 1])
            y = pieces.max(dim=-1).values
        h = y
    return h


def typed(arrays, dtype):
    if isinstance(arrays, dict):
        return {name: typed(array, dtype) for name, array in arrays.items()}
    return torch.tensor(arrays, dtype=dtype)


def player(p, name):
    return {key: value for key, value in p.items() if key.startswith(name)}


def gradients(value, p, name=""):
    """Of `value`, by the parameters of one network; zero where it does not depend on one at all (an output bias
    shifts every logit alike, so no penalty on the logits' gradient sees it)."""
    own = player(p, name)
    found = torch.autograd.grad(value, list(own.values()), retain_graph=True, allow_unused=True)
    return {key: torch.zeros_like(q) if g is None else g for (key, q), g in zip(own.items(), found)}


def leaves(p):
    return {name: value.detach().requires_grad_() for name, value in p.items()}


def half(masks, rows):
    return {name: mask[rows] for name, mask in masks.items()}


def real_rows(masks):
    return half(masks, slice(0, BATCH))


def fake_rows(masks):
    return half(masks, slice(BATCH, None))


def losses_and_gradients(arrays, feeds, dtype):
    """One pass each, all from the same parameters and masks."""
    p, f = leaves(typed(arrays, dtype)), typed(feeds, dtype)
    fake = generator(p, f["noiseD"])
    real_logits = discriminator(p, f["real"], real_rows(f["masksD"]))
    fake_logits = discriminator(p, fake, fake_rows(f["masksD"]))
    out = {"samples": fake, "realLogits": real_logits, "fakeLogits": fake_logits}
    for name, label in (("discriminator", 1.0), ("discriminatorSmoothed", SMOOTHING)):
        value = loss_d(real_logits, fake_logits, label)
        out[name] = {"value": value, "gradients": gradients(value, p, "discriminator")}
    for name, loss in (("minimax", minimax), ("nonSaturating", non_saturating)):
        value = loss(fake_logits)
        out[name] = {"value": value, "gradients": gradients(value, p, "generator")}
    for name, masks in (("r1", None), ("r1Dropout", real_rows(f["masksD"]))):
        value = r1_penalty(lambda x: discriminator(p, x, masks), f["real"])
        out[name] = {"value": value, "gradients": gradients(value, p, "discriminator")}
    return out


def r1_penalty(logits, x):
    """gamma / 2 times the mean over the rows of |d logit / dx|^2."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(logits(x).sum(), x, create_graph=True)
    return R1_GAMMA / 2 * (gradient**2).sum(dim=1).mean()


def smooth_penalties(arrays, real, fake, mixing, dtype):
    """R1 and WGAN-GP's penalty (lambda 10) of a critic without kinks, 8 - tanh 6 - softplus 5 - 1: every second
    derivative is at work, which a maxout net, linear between its kinks, leaves at zero."""
    p = leaves(typed(arrays, dtype))
    real, fake, mixing = (torch.tensor(a, dtype=dtype) for a in (real, fake, mixing))

    def logits(x):
        h1 = torch.tanh(affine(p, "discriminator/dense1", x))
        h2 = -torch.nn.functional.logsigmoid(-affine(p, "discriminator/dense2", h1))
        return affine(p, "discriminator/dense3", h2)

    between = (mixing * real + (1 - mixing) * fake).requires_grad_()
    (slope,) = torch.autograd.grad(logits(between).sum(), between, create_graph=True)
    penalties = {
        "r1": r1_penalty(logits, real),
        "gradientPenalty": 10 * ((slope.norm(dim=1) - 1) ** 2).mean(),
    }
    return {name: {"value": value, "gradients": gradients(value, p)} for name, value in penalties.items()}


def momentum_update(p, velocity, grads, rate):
    """Pylearn2's form, in place of both dictionaries' entries."""
    for name, gradient in grads.items():
        velocity[name] = MOMENTUM * velocity[name] - rate * gradient
        p[name] = p[name] + velocity[name]


def alternating(p, velocity, f, iteration):
    """Algorithm 1 with k = 1: D's update, then G's with fresh noise and masks through the new D."""
    return algorithm1(p, velocity, [f], [LEARNING_RATES[iteration]], f, LEARNING_RATES[iteration])


def alternatingTwice(p, velocity, f, iteration):
    """Algorithm 1 with k = 2; what is measured of D is measured in its second update."""
    rates = LEARNING_RATES_TWICE[2 * iteration : 2 * iteration + 2]
    return algorithm1(p, velocity, [f, f["second"]], rates, f, LEARNING_RATES[iteration])


def algorithm1(p, velocity, minibatches, rates, f, rate):
    for minibatch, rate_d in zip(minibatches, rates):
        q = leaves(p)
        fake = generator(q, minibatch["noiseD"]).detach()
        real_logits = discriminator(q, minibatch["real"], real_rows(minibatch["masksD"]))
        fake_logits = discriminator(q, fake, fake_rows(minibatch["masksD"]))
        value_d = loss_d(real_logits, fake_logits)
        momentum_update(p, velocity, gradients(value_d, q, "discriminator"), rate_d)

    q = leaves(p)
    samples = generator(q, f["noiseG"])
    value_g = non_saturating(discriminator(q, samples, f["masksG"]))
    (by_samples,) = torch.autograd.grad(value_g, samples, retain_graph=True)
    momentum_update(p, velocity, gradients(value_g, q, "generator"), rate)
    return metrics(value_d, value_g, real_logits, fake_logits, by_samples)


def simultaneous(p, velocity, f, iteration):
    """The released code: both gradients from the same parameters, fake batch and masks; D's objective is halved."""
    q = leaves(p)
    samples = generator(q, f["noiseD"])
    real_logits = discriminator(q, f["real"], real_rows(f["masksD"]))
    fake_logits = discriminator(q, samples, fake_rows(f["masksD"]))
    value_d = loss_d(real_logits, fake_logits) / 2
    value_g = non_saturating(fake_logits)
    (by_samples,) = torch.autograd.grad(value_g, samples, retain_graph=True)
    for value, name in ((value_d, "discriminator"), (value_g, "generator")):
        momentum_update(p, velocity, gradients(value, q, name), LEARNING_RATES[iteration])
    return metrics(value_d, value_g, real_logits, fake_logits, by_samples)


ORDERS = (alternating, alternatingTwice, simultaneous)


def metrics(value_d, value_g, real_logits, fake_logits, by_samples):
    """D(x) and D(G(z)) are means over D's own update; the last is the Frobenius norm of dlossG / dG(z)."""
    return {
        "lossD": value_d,
        "lossG": value_g,
        "D(x)": torch.sigmoid(real_logits).mean(),
        "D(G(z))": torch.sigmoid(fake_logits).mean(),
        "sampleGradientNorm": by_samples.norm(),
    }


def run(step, arrays, feeds, dtype):
    p = typed(arrays, dtype)
    velocity = {name: torch.zeros_like(value) for name, value in p.items()}
    iterations = []
    for iteration in range(ITERATIONS):
        measured = step(p, velocity, typed(feeds[iteration], dtype), iteration)
        iterations.append({"metrics": measured, "parameters": dict(p)})
    return iterations


def relative_error(low, high):
    """Largest |low - high| over all tensors, each relative to the largest element of `high`."""
    if isinstance(high, dict):
        return max(relative_error(low[name], value) for name, value in high.items())
    if isinstance(high, list):
        return max(relative_error(a, b) for a, b in zip(low, high))
    scale = high.detach().abs().max().item()
    return (low.detach().double() - high.detach()).abs().max().item() / scale if scale > 0 else 0.0


def as_json(value):
    if isinstance(value, dict):
        return {name: as_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, torch.Tensor) and value.dim() == 0:
        return number(value.item())
    return tensor(value)


def in_float64(compute):
    """The numbers to write; float32 must come close to them, or they would hang on rounding."""
    high = compute(torch.float64)
    error = relative_error(compute(torch.float32), high)
    assert error < FLOAT32_BOUND, error
    return as_json(high)


def main():
    draw = np.random.RandomState(SEED)
    arrays = draw_parameters(draw)
    feeds = [draw_feeds(draw) for _ in range(ITERATIONS)]
    smooth = {}
    for i, (rows, columns) in enumerate([(PIXELS, 6), (6, 5), (5, 1)]):
        smooth[f"discriminator/dense{i + 1}/weight"] = exact(0.75 * draw.randn(rows, columns))
        smooth[f"discriminator/dense{i + 1}/bias"] = exact(0.25 * draw.randn(columns))
    real, fake, mixing = (exact(draw.rand(BATCH, width)) for width in (PIXELS, PIXELS, 1))
    draw = np.random.RandomState(SEED_TWICE)
    repeated = [{**feed, "second": draw_second(draw)} for feed in feeds]

    passes = in_float64(lambda dtype: losses_and_gradients(arrays, feeds[0], dtype))
    penalties = in_float64(lambda dtype: smooth_penalties(smooth, real, fake, mixing, dtype))
    orders = {step.__name__: in_float64(lambda dtype: run(step, arrays, repeated, dtype)) for step in ORDERS}
    assert nearest_kink > MARGIN, f"{nearest_kink}: draw other numbers"

    write(
        "networks",
        {
            "float32Bound": FLOAT32_BOUND,
            "realLabelSmoothed": SMOOTHING,
            "r1Gamma": R1_GAMMA,
            "parameters": tensors(arrays),
            "feeds": as_json(feeds[0]),
            **passes,
            "smooth": {
                "gradientPenaltyLambda": 10,
                "parameters": tensors(smooth),
                "real": tensor(real),
                "fake": tensor(fake),
                "mixing": tensor(mixing),
                **penalties,
            },
        },
    )

    write(
        "steps",
        {
            "float32Bound": FLOAT32_BOUND,
            "learningRates": LEARNING_RATES,
            "learningRatesTwice": LEARNING_RATES_TWICE,
            "momentum": MOMENTUM,
            "parameters": tensors(arrays),
            "feeds": [as_json(feed) for feed in repeated],
            **orders,
        },
    )


if __name__ == "__main__":
    main()
