"""Writes test/reference/layers.json and convolutional-layers.json: layers by PyTorch in float64, with gradients of both orders.

For each case the loss is sum(c (y + y^2 / 2)) with `cotangent` c. `first` are its gradients by `x` and the parameters,
`second` those of sum (d loss / d x)^2, as a gradient penalty has them. Parameters are named and shaped as our layers have
them (dense weights [in, out]); `next` is the state after the pass. Run: /usr/bin/python3 scripts/reference/layers.py
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from reference_file import exact, tensor, tensors, write

draw = np.random.RandomState(2015)


def normal(*shape, scale=1.0, mean=0.0):
    return torch.tensor(exact(mean + scale * draw.randn(*shape)), dtype=torch.float64)


def case(x, parameters, forward, state=None, labels=None, **more):
    """forward(x, parameters, state) -> y, or (y, next state)."""
    x = x.requires_grad_()
    parameters = {name: value.requires_grad_() for name, value in parameters.items()}
    result = forward(x, parameters, state)
    y, after = result if isinstance(result, tuple) else (result, {})
    c = normal(*y.shape)
    loss = (c * (y + y**2 / 2)).sum()
    leaves = {"x": x, **parameters}
    first = torch.autograd.grad(loss, list(leaves.values()), create_graph=True, allow_unused=True)
    second = torch.autograd.grad((first[0] ** 2).sum(), list(leaves.values()), allow_unused=True)

    def named(gradients):
        return tensors(
            {
                name: torch.zeros_like(leaf) if gradient is None else gradient
                for (name, leaf), gradient in zip(leaves.items(), gradients)
            }
        )

    return {
        "x": tensor(x),
        **({} if labels is None else {"labels": tensor(labels)}),
        "parameters": tensors(parameters),
        "state": tensors(state or {}),
        "cotangent": tensor(c),
        "y": tensor(y),
        "next": tensors(after),
        "first": named(first),
        "second": named(second),
        **more,
    }


def affine(channels):
    return {"gain": normal(channels, scale=0.5, mean=1), "bias": normal(channels, scale=0.5)}


def batch_norm(shape, training=True, **options):
    channels = shape[1]
    state = {"mean": normal(channels), "variance": normal(channels).abs() + 0.5}

    def forward(x, p, s):
        after = {name: value.clone() for name, value in s.items()}
        y = F.batch_norm(x, after["mean"], after["variance"], p["gain"], p["bias"], training, **options)
        return y, after

    return case(normal(*shape, scale=2, mean=1), affine(channels), forward, state)


def one_hot(rows, classes):
    return F.one_hot(torch.tensor(draw.randint(0, classes, rows)), classes).to(torch.float64)


def conditional_batch_norm(rows, channels, classes):
    labels = one_hot(rows, classes)
    parameters = {"gain": normal(classes, channels, scale=0.5, mean=1), "bias": normal(classes, channels, scale=0.5)}
    state = {"mean": normal(channels), "variance": normal(channels).abs() + 0.5}

    def forward(x, p, s):
        after = {name: value.clone() for name, value in s.items()}
        y = F.batch_norm(x, after["mean"], after["variance"], None, None, True)
        index = labels.argmax(1)
        return F.embedding(index, p["gain"])[:, :, None, None] * y + F.embedding(index, p["bias"])[:, :, None, None], after

    return case(normal(rows, channels, 2, 3), parameters, forward, state, labels)


def minibatch_deviation(shape, group):
    """Progressive GAN's, with the arrangement of its authors' code: example n is in group n mod (N / group)."""

    def forward(x, _, s):
        size = min(group, shape[0])
        grouped = x.reshape(size, -1, *shape[1:])
        deviation = (grouped.var(0, unbiased=False) + 1e-8).sqrt()
        each = deviation.flatten(1).mean(1)
        channel = each.repeat(size).reshape(-1, *[1] * (len(shape) - 1)).expand(shape[0], 1, *shape[2:])
        return torch.cat([x, channel], 1), {"deviation": 0.9 * s["deviation"] + 0.1 * each.mean()}

    return case(normal(*shape), {}, forward, {"deviation": torch.tensor(0.75, dtype=torch.float64)})


def spectral(module, shape, transpose=False):
    """One training pass through torch.nn.utils.spectral_norm: a power iteration, then W / sigma."""
    module = nn.utils.spectral_norm(module.double())
    turn = (lambda w: w.t()) if transpose else (lambda w: w)
    weight = normal(*turn(module.weight_orig).shape, scale=0.5)
    bias = normal(*module.bias.shape, scale=0.5)
    with torch.no_grad():
        module.weight_u.copy_(F.normalize(normal(*module.weight_u.shape), dim=0))
        module.weight_v.copy_(F.normalize(normal(*module.weight_v.shape), dim=0))
    state = {"weight/u": module.weight_u.clone(), "weight/v": module.weight_v.clone()}

    def forward(x, p, _):
        # The hook reads `weight_orig` of the module: ours takes its place, so that gradients reach it.
        del module._parameters["weight_orig"]
        module.weight_orig = turn(p["weight"])
        del module._parameters["bias"]
        module.bias = p["bias"]
        module.train()
        y = module(x)
        return y, {"weight/u": module.weight_u, "weight/v": module.weight_v}

    return case(normal(*shape), {"weight": weight, "bias": bias}, forward, state)


def residual_up():
    """Pre-activation block of a generator with batch norm: 3 -> 4 channels, twice as large."""
    p = {}
    for name, channels in (("batchNorm1", 3), ("batchNorm2", 4)):
        p.update({f"{name}/{key}": value for key, value in affine(channels).items()})
    p.update({"conv1/weight": normal(4, 3, 3, 3, scale=0.3), "conv1/bias": normal(4)})
    p.update({"conv2/weight": normal(4, 4, 3, 3, scale=0.3), "conv2/bias": normal(4)})
    p.update({"shortcut/conv1/weight": normal(4, 3, 1, 1), "shortcut/conv1/bias": normal(4)})
    state = {}
    for name, channels in (("batchNorm1", 3), ("batchNorm2", 4)):
        state[f"{name}/mean"], state[f"{name}/variance"] = normal(channels), normal(channels).abs() + 0.5

    def forward(x, p, s):
        after = {name: value.clone() for name, value in s.items()}

        def norm(name, h):
            return F.batch_norm(h, after[f"{name}/mean"], after[f"{name}/variance"], p[f"{name}/gain"], p[f"{name}/bias"], True)

        def twice(h):
            return F.interpolate(h, scale_factor=2, mode="nearest")

        h = F.relu(norm("batchNorm1", x))
        h = F.conv2d(twice(h), p["conv1/weight"], p["conv1/bias"], padding=1)
        h = F.conv2d(F.relu(norm("batchNorm2", h)), p["conv2/weight"], p["conv2/bias"], padding=1)
        # As published: enlarged before the 1 x 1 convolution.
        return h + F.conv2d(twice(x), p["shortcut/conv1/weight"], p["shortcut/conv1/bias"]), after

    return case(normal(2, 3, 2, 1), p, forward, state)


def residual_down(first):
    """Pre-activation block of a discriminator: 2 -> 3 channels, half as large, hidden 4, leaky ReLU."""
    p = {"conv1/weight": normal(4, 2, 3, 3, scale=0.3), "conv1/bias": normal(4)}
    p.update({"conv2/weight": normal(3, 4, 3, 3, scale=0.3), "conv2/bias": normal(3)})
    p.update({"shortcut/conv1/weight": normal(3, 2, 1, 1), "shortcut/conv1/bias": normal(3)})

    def forward(x, p, _):
        act = lambda h: F.leaky_relu(h, 0.2)
        h = F.conv2d(x if first else act(x), p["conv1/weight"], p["conv1/bias"], padding=1)
        h = F.conv2d(act(h), p["conv2/weight"], p["conv2/bias"], padding=1)
        # As published: shrunk after the 1 x 1 convolution.
        beside = F.conv2d(x, p["shortcut/conv1/weight"], p["shortcut/conv1/bias"])
        return F.avg_pool2d(h, 2) + F.avg_pool2d(beside, 2)

    return case(normal(2, 2, 4, 2), p, forward)


def bottleneck():
    p = {"conv1/weight": normal(8, 4, 1, 1, scale=0.5), "conv1/bias": normal(8)}
    p.update({"conv2/weight": normal(8, 2, 3, 3, scale=0.3), "conv2/bias": normal(8)})
    p.update({"conv3/weight": normal(4, 8, 1, 1, scale=0.5)})

    def forward(x, p, _):
        h = F.leaky_relu(F.conv2d(x, p["conv1/weight"], p["conv1/bias"]), 0.2)
        h = F.leaky_relu(F.conv2d(h, p["conv2/weight"], p["conv2/bias"], padding=1, groups=4), 0.2)
        return x + F.conv2d(h, p["conv3/weight"])

    return case(normal(2, 4, 2, 3), p, forward)


def conv_maxout():
    """2 pieces of 3 channels, the pieces outermost; windows of 4 with stride 2, rounded up."""
    p = {"weight": normal(6, 2, 3, 3, scale=0.5), "bias": normal(6)}

    def forward(x, p, _):
        h = F.conv2d(x, p["weight"], p["bias"], padding=1)
        return F.max_pool2d(h.reshape(2, 2, 3, 5, 5).amax(1), 4, 2, ceil_mode=True)

    return case(normal(2, 2, 5, 5), p, forward)


def equalised():
    """He's constant at run time: sqrt(2 / (3 * 2 * 2)) for kernels of 2 x 2 over 3 channels."""
    p = {"weight": normal(2, 3, 2, 2), "bias": normal(2)}
    scale = (2 / 12) ** 0.5
    return case(normal(2, 3, 3, 3), p, lambda x, p, _: F.conv2d(x, p["weight"] * scale, p["bias"]))


def labelled(rows, features, classes, places=()):
    labels = one_hot(rows, classes)
    p = {"embedding": normal(classes, 2)}

    def forward(x, p, _):
        vectors = F.embedding(labels.argmax(1), p["embedding"]).reshape(rows, 2, *[1] * len(places))
        return torch.cat([x, vectors.expand(rows, 2, *places)], 1)

    return case(normal(rows, features, *places), p, forward, labels=labels)


def projection(rows, features, classes):
    labels = one_hot(rows, classes)
    p = {"weight": normal(features, 1), "bias": normal(1), "embedding": normal(classes, features)}

    def forward(x, p, _):
        own = F.embedding(labels.argmax(1), p["embedding"])
        return F.linear(x, p["weight"].t(), p["bias"]) + (own * x).sum(1, keepdim=True)

    return case(normal(rows, features), p, forward, labels=labels)


def main():
    write(
        "layers",
        {
            "batchNorm, vectors": batch_norm([5, 3]),
            "batchNorm, images": batch_norm([3, 2, 2, 3]),
            "batchNorm, its settings": batch_norm([4, 2], momentum=0.25, eps=0.0625),
            "batchNorm, sampling": batch_norm([3, 2, 2, 2], training=False),
            "layerNorm": case(normal(3, 2, 2, 3), {"gain": normal(2, 2, 3), "bias": normal(2, 2, 3)}, lambda x, p, _: F.layer_norm(x, [2, 2, 3], p["gain"], p["bias"])),
            "layerNorm, vectors": case(normal(3, 4), {"gain": normal(4), "bias": normal(4)}, lambda x, p, _: F.layer_norm(x, [4], p["gain"], p["bias"])),
            "instanceNorm": case(normal(2, 3, 2, 3), {}, lambda x, _, __: F.instance_norm(x)),
            "instanceNorm, affine": case(normal(2, 2, 3, 2), affine(2), lambda x, p, _: F.instance_norm(x, weight=p["gain"], bias=p["bias"])),
            "groupNorm": case(normal(2, 4, 2, 2), affine(4), lambda x, p, _: F.group_norm(x, 2, p["gain"], p["bias"])),
            "groupNorm, vectors": case(normal(3, 6), affine(6), lambda x, p, _: F.group_norm(x, 3, p["gain"], p["bias"])),
            "pixelNorm": case(normal(2, 3, 2, 2), {}, lambda x, _, __: x / ((x**2).mean(1, keepdim=True) + 1e-8).sqrt()),
            "minibatchDeviation": minibatch_deviation([6, 2, 2, 2], 3),
            "minibatchDeviation, vectors": minibatch_deviation([4, 3], 4),
            "minibatchDeviation, a batch below the group": minibatch_deviation([2, 3], 4),
            "spectralNorm, dense": spectral(nn.Linear(3, 4), [2, 3], transpose=True),
            "spectralNorm, conv": spectral(nn.Conv2d(2, 3, 3, padding=1), [2, 2, 3, 3]),
            "spectralNorm, convTranspose": spectral(nn.ConvTranspose2d(2, 3, 4, stride=2, padding=1), [2, 2, 2, 2]),
            "equalised": equalised(),
            "concatLabels": labelled(4, 3, 3),
            "concatLabels, images": labelled(2, 2, 3, (2, 3)),
            "conditionalBatchNorm": conditional_batch_norm(5, 2, 3),
            "projection": projection(4, 3, 3),
        },
    )
    write(
        "convolutional-layers",
        {
            "conv": case(normal(1, 4, 5, 4), {"weight": normal(2, 2, 3, 3), "bias": normal(2)}, lambda x, p, _: F.conv2d(x, p["weight"], p["bias"], stride=2, padding=1, groups=2)),
            "convTranspose, untied": case(normal(2, 2, 2, 2), {"weight": normal(2, 1, 5, 5), "bias": normal(1, 8, 8)}, lambda x, p, _: F.conv_transpose2d(x, p["weight"], stride=3) + p["bias"]),
            "convMaxout": conv_maxout(),
            "globalPool, sum": case(normal(2, 3, 2, 3), {}, lambda x, _, __: x.sum((2, 3))),
            "upsample, bilinear": case(normal(1, 2, 2, 3), {}, lambda x, _, __: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)),
            "residual, up": residual_up(),
            "residual, down": residual_down(False),
            "residual, first": residual_down(True),
            "bottleneck": bottleneck(),
        },
    )


if __name__ == "__main__":
    main()
