"""Writes test/reference/penalty-layers.json: R1, R2 and WGAN-GP of critics that hold every kind of layer, by PyTorch in float64.

A critic is convolution, tanh, the layer in question, linear, on images [1, 4, 4]. For each: the three penalties and their
gradients by all parameters, by double backward. Parameters are named and shaped as our networks have them.
Run: /usr/bin/python3 scripts/reference/penalty_layers.py
"""

import numpy as np
import torch
import torch.nn.functional as F

from reference_file import exact, number, tensor, tensors, write

ROWS, SHAPE, SEED = 3, (1, 4, 4), 1
draw = np.random.RandomState(SEED)
LABELS = F.one_hot(torch.tensor([2, 0, 1]), 3).double()
# Nothing may be so close to a kink that float32 could end on the other side of it.
MARGIN = 2e-4
nearest_kink = float("inf")


def normal(*shape, scale=1.0, mean=0.0):
    return torch.tensor(exact(mean + scale * draw.randn(*shape)), dtype=torch.float64)


def kink(distance):
    global nearest_kink
    nearest_kink = min(nearest_kink, distance.abs().min().item())


def relu(h, slope=0.0):
    kink(h)
    return F.leaky_relu(h, slope)


def largest(h, dim):
    """The maximum along an axis, which must not be nearly a tie."""
    best = h.topk(2, dim=dim).values
    kink(best.select(dim, 0) - best.select(dim, 1))
    return h.max(dim=dim).values


def affine(name, channels):
    return {f"{name}/gain": normal(channels, scale=0.5, mean=1), f"{name}/bias": normal(channels, scale=0.5)}


def batch_norm(h, gain, bias):
    mean, variance = h.mean((0, 2, 3), keepdim=True), h.var((0, 2, 3), unbiased=False, keepdim=True)
    return (h - mean) / (variance + 1e-5).sqrt() * gain.reshape(gain.shape[0] if gain.dim() > 1 else 1, -1, 1, 1) + bias.reshape(
        bias.shape[0] if bias.dim() > 1 else 1, -1, 1, 1
    )


def spectral(weight, u):
    """W / sigma after one power iteration from u; u and v count as constants."""
    matrix = weight.flatten(1)
    v = F.normalize(matrix.detach().t() @ u, dim=0)
    after = F.normalize(matrix.detach() @ v, dim=0)
    return weight / (after @ matrix @ v)


def deviation(h):
    each = (h.var(0, unbiased=False) + 1e-8).sqrt().mean()
    return torch.cat([h, each.expand(h.shape[0], 1, *h.shape[2:])], 1)


def conv(name, out, inputs, size):
    return {f"{name}/weight": normal(out, inputs, size, size, scale=0.5), f"{name}/bias": normal(out)}


def residual_down(h, p):
    inner = F.conv2d(relu(h), p["residual1/conv1/weight"], p["residual1/conv1/bias"], padding=1)
    inner = F.conv2d(relu(inner), p["residual1/conv2/weight"], p["residual1/conv2/bias"], padding=1)
    beside = F.conv2d(h, p["residual1/shortcut/conv1/weight"], p["residual1/shortcut/conv1/bias"])
    return F.avg_pool2d(inner, 2) + F.avg_pool2d(beside, 2)


def maxout(h, p):
    """Two units of two pieces on vectors, the pieces outermost as our weights have them."""
    return largest((h.flatten(1) @ p["maxout1/weight"] + p["maxout1/bias"]).reshape(-1, 2, 2), 1)


def max_pool(h):
    return largest(F.unfold(h, 2, stride=1).reshape(h.shape[0], h.shape[1], 4, -1), 2)


def unit(size):
    vector = draw.randn(size)
    return torch.tensor(vector / np.linalg.norm(vector), dtype=torch.float64)


# name: parameters and state of the layer, and the layer on images [N, 2, 3, 3] (h2: on [N, 2, 2, 2]).
def layers():
    mask = torch.tensor([[1, 0], [1, 1], [0, 1]], dtype=torch.float64)
    down = {
        **conv("residual1/conv1", 2, 2, 3),
        **conv("residual1/conv2", 2, 2, 3),
        **conv("residual1/shortcut/conv1", 2, 2, 1),
    }
    embedded = {f"conditionalBatchNorm1/{key}": value for key, value in {"gain": normal(3, 2, mean=1, scale=0.5), "bias": normal(3, 2)}.items()}
    u_conv, u_dense = unit(2), unit(3)
    return {
        "conv": (conv("conv2", 2, 2, 2), {}, lambda h, p: F.conv2d(h, p["conv2/weight"], p["conv2/bias"], stride=2, padding=1)),
        "convTranspose": (
            {"convTranspose1/weight": normal(2, 1, 3, 3, scale=0.5), "convTranspose1/bias": normal(1)},
            {},
            lambda h, p: F.conv_transpose2d(h, p["convTranspose1/weight"], p["convTranspose1/bias"], stride=2),
        ),
        "batchNorm": (affine("batchNorm1", 2), {}, lambda h, p: batch_norm(h, p["batchNorm1/gain"], p["batchNorm1/bias"])),
        "conditionalBatchNorm": (
            embedded,
            {},
            lambda h, p: batch_norm(h, LABELS @ p["conditionalBatchNorm1/gain"], LABELS @ p["conditionalBatchNorm1/bias"]),
        ),
        "layerNorm": (
            {"layerNorm1/gain": normal(2, 3, 3, mean=1, scale=0.5), "layerNorm1/bias": normal(2, 3, 3)},
            {},
            lambda h, p: F.layer_norm(h, [2, 3, 3], p["layerNorm1/gain"], p["layerNorm1/bias"]),
        ),
        "instanceNorm": ({}, {}, lambda h, _: F.instance_norm(h)),
        "groupNorm": (affine("groupNorm1", 2), {}, lambda h, p: F.group_norm(h, 2, p["groupNorm1/gain"], p["groupNorm1/bias"])),
        "pixelNorm": ({}, {}, lambda h, _: h / ((h**2).mean(1, keepdim=True) + 1e-8).sqrt()),
        "minibatchDeviation": ({}, {}, lambda h, _: deviation(h)),
        "spectralNorm, conv": (
            conv("conv2", 2, 2, 2),
            {"conv2/weight/u": u_conv},
            lambda h, p: F.conv2d(h, spectral(p["conv2/weight"], u_conv), p["conv2/bias"]),
        ),
        "spectralNorm, dense": (
            {"dense1/weight": normal(18, 3, scale=0.5), "dense1/bias": normal(3)},
            {"dense1/weight/u": u_dense},
            lambda h, p: h.flatten(1) @ spectral(p["dense1/weight"].t(), u_dense).t() + p["dense1/bias"],
        ),
        "equalised": (conv("conv2", 2, 2, 2), {}, lambda h, p: F.conv2d(h, p["conv2/weight"] * (2 / 8) ** 0.5, p["conv2/bias"])),
        "upsample, nearest": ({}, {}, lambda h, _: F.interpolate(h, scale_factor=2, mode="nearest")),
        "upsample, bilinear": ({}, {}, lambda h, _: F.interpolate(h, scale_factor=2, mode="bilinear", align_corners=False)),
        "averagePool": ({}, {}, lambda h, _: F.avg_pool2d(h, 2, 1)),
        "maxPool": ({}, {}, lambda h, _: max_pool(h)),
        "globalPool": ({}, {}, lambda h, _: h.sum((2, 3))),
        "residual, down": (down, {}, lambda h, p: residual_down(h, p)),
        "relu": ({}, {}, lambda h, _: relu(h)),
        "leakyRelu": ({}, {}, lambda h, _: relu(h, 0.2)),
        "sigmoid": ({}, {}, lambda h, _: torch.sigmoid(h)),
        "tanh": ({}, {}, lambda h, _: torch.tanh(h)),
        "maxout": ({"maxout1/weight": normal(18, 4, scale=0.5), "maxout1/bias": normal(4)}, {}, maxout),
        "dropout": ({}, {}, lambda h, _: h * mask[:, :, None, None].expand_as(h) / 0.5),
    }


def even(name):
    """The first convolution leaves 3 x 3, or 4 x 4 where a layer halves."""
    return 1 if name == "residual, down" else 0


def head(name):
    return "dense2" if name == "spectralNorm, dense" else "dense1"


def critic(name, p, middle, x):
    h = torch.tanh(F.conv2d(x, p["conv1/weight"], p["conv1/bias"], padding=even(name)))
    return middle(h, p).flatten(1) @ p[f"{head(name)}/weight"] + p[f"{head(name)}/bias"]


def slopes(logits, x):
    return torch.autograd.grad(logits.sum(), x, create_graph=True)[0].flatten(1)


def main():
    real, fake = normal(ROWS, *SHAPE), normal(ROWS, *SHAPE)
    share = torch.tensor(exact(draw.rand(ROWS, 1, 1, 1)), dtype=torch.float64)
    found = {}
    for name, (parameters, state, middle) in layers().items():
        size = 3 if even(name) else 2
        arrays = {"conv1/weight": normal(2, 1, size, size, scale=0.7), "conv1/bias": normal(2, scale=0.5), **parameters}
        with torch.no_grad():
            first = F.conv2d(real, arrays["conv1/weight"], arrays["conv1/bias"], padding=even(name))
            features = middle(torch.tanh(first), arrays).flatten(1).shape[1]
        arrays.update({f"{head(name)}/weight": normal(features, 1, scale=0.7), f"{head(name)}/bias": normal(1)})
        p = {key: value.clone().requires_grad_() for key, value in arrays.items()}

        def squared(x):
            x = x.detach().requires_grad_()
            return (slopes(critic(name, p, middle, x), x) ** 2).sum(1)

        values = {
            "r1": 5 * squared(real).mean(),
            "r2": 5 * squared(fake).mean(),
            "gradientPenalty": 10 * ((squared(share * real + (1 - share) * fake).sqrt() - 1) ** 2).mean(),
        }
        result = {}
        for penalty, value in values.items():
            gradients = torch.autograd.grad(value, list(p.values()), allow_unused=True, retain_graph=True)
            result[penalty] = {
                "value": number(value.item()),
                "gradients": tensors(
                    {
                        key: torch.zeros_like(leaf) if gradient is None else gradient
                        for (key, leaf), gradient in zip(p.items(), gradients)
                    }
                ),
            }
        found[name] = {"parameters": tensors(arrays), "state": tensors(state), "penalties": result}
    assert nearest_kink > MARGIN, f"{nearest_kink}: draw other numbers"
    inputs = {"real": tensor(real), "fake": tensor(fake), "share": tensor(share), "labels": [2, 0, 1]}
    write("penalty-layers", {**inputs, "layers": found})


if __name__ == "__main__":
    main()
