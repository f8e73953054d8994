"""Writes test/reference/convolutions.json: convolutions, poolings and resizings with gradients of both orders, by PyTorch.

ONNX Runtime's CPU has no float64 kernel for convolutions, so central differences are not to be had. For each case the loss
is sum(weight y^2) / 2, `first` its gradients, and `second` the gradients of sum_i <first_i, direction_i>, all in float64.
Run: /usr/bin/python3 scripts/reference/convolutions.py
"""

import torch
import torch.nn.functional as F

from reference_file import tensor, write

CONVOLUTIONS = {
    # name: x, weight, with a bias?, options as our functions take them
    "1x1": ([2, 3, 2, 3], [2, 3, 1, 1], True, {}),
    "3x3, padded": ([2, 2, 4, 3], [3, 2, 3, 3], True, {"padding": 1}),
    "3x3, no padding": ([1, 2, 5, 4], [3, 2, 3, 3], False, {}),
    "4x4, stride 2": ([2, 2, 4, 6], [2, 2, 4, 4], True, {"stride": 2, "padding": 1}),
    "rows left over": ([1, 2, 8, 7], [2, 2, 3, 2], False, {"stride": 3}),
    "uneven padding": ([1, 2, 4, 3], [2, 2, 3, 3], True, {"padding": [0, 1, 2, 3]}),
    "stride and dilation that differ by axis": ([1, 1, 9, 8], [2, 1, 3, 2], True, {"stride": [2, 1], "dilation": [1, 3], "padding": [1, 2, 1, 2]}),
    "dilated with stride": ([1, 1, 9, 8], [1, 1, 3, 3], False, {"stride": 3, "dilation": 2, "padding": 1}),
    "groups": ([1, 4, 5, 4], [4, 2, 3, 3], True, {"groups": 2, "padding": 1, "stride": 2}),
    "depthwise": ([2, 3, 5, 4], [3, 1, 3, 3], False, {"groups": 3, "padding": 1}),
}

TRANSPOSED = {
    "4x4, stride 2": ([2, 2, 2, 3], [2, 2, 4, 4], True, {"stride": 2, "padding": 1}),
    "5x5, stride 3, as released": ([1, 2, 2, 2], [2, 1, 5, 5], True, {"stride": 3}),
    "output padding": ([1, 2, 3, 3], [2, 2, 3, 3], False, {"stride": [2, 3], "padding": 1, "outputPadding": [1, 2]}),
    "dilated": ([1, 2, 4, 3], [2, 2, 3, 2], True, {"dilation": [2, 1], "padding": [1, 0, 1, 0]}),
    "uneven padding": ([1, 2, 3, 3], [2, 2, 3, 3], False, {"stride": 2, "padding": [0, 1, 2, 1]}),
    "groups": ([1, 4, 2, 3], [4, 2, 2, 2], True, {"groups": 2, "stride": 2}),
}

POOLINGS = {
    "size 2": ([2, 2, 4, 6], {"size": 2}),
    "size 3, stride 2, padded": ([1, 1, 7, 6], {"size": 3, "stride": 2, "padding": 1}),
    "size 4, stride 2": ([1, 1, 8, 8], {"size": 4, "stride": 2}),
    "windows apart": ([1, 2, 7, 8], {"size": [2, 1], "stride": 3}),
}

CEILED = {
    "size 4, stride 2, rounded up": ([1, 1, 9, 9], {"size": 4, "stride": 2, "ceil": True}),
    "no window that begins behind the image": ([1, 1, 5, 5], {"size": 2, "stride": 3, "ceil": True}),
    "size 2, padded and rounded up": ([1, 1, 4, 6], {"size": 2, "stride": 2, "padding": 1, "ceil": True}),
}

RESIZINGS = {
    "nearest": [([2, 3, 2, 3], 2), ([1, 2, 3, 2], [1, 3])],
    "bilinear": [([2, 3, 2, 3], [4, 6]), ([1, 2, 4, 5], [2, 3]), ([1, 1, 1, 2], [3, 5]), ([1, 1, 3, 3], [7, 7])],
}


def both(value):
    return [value, value] if isinstance(value, (int, float)) else value


def sides(value):
    return [value] * 4 if isinstance(value, int) else value


def padded(x, padding, value=0.0):
    top, left, bottom, right = sides(padding)
    return F.pad(x, (left, right, top, bottom), value=value)


def convolution(options):
    def apply(x, w, b=None):
        return F.conv2d(
            padded(x, options.get("padding", 0)),
            w,
            b,
            stride=both(options.get("stride", 1)),
            dilation=both(options.get("dilation", 1)),
            groups=options.get("groups", 1),
        )

    return apply


def transposed(options):
    def apply(x, w, b=None):
        # What PyTorch pads evenly is cut off by hand.
        top, left, bottom, right = sides(options.get("padding", 0))
        y = F.conv_transpose2d(
            x,
            w,
            b,
            stride=both(options.get("stride", 1)),
            dilation=both(options.get("dilation", 1)),
            groups=options.get("groups", 1),
        )
        down, across = both(options.get("outputPadding", 0))
        if b is None:
            y = F.pad(y, (0, across, 0, down))
        elif down or across:
            raise ValueError("rows that are added hold the bias")
        return y[:, :, top : y.shape[2] - bottom, left : y.shape[3] - right]

    return apply


def max_pooling(options):
    size, ceil = both(options["size"]), options.get("ceil", False)
    stride = both(options.get("stride", size))
    padding = both(options.get("padding", 0))
    return lambda x: F.max_pool2d(x, size, stride, padding, ceil_mode=ceil)


def average_pooling(options):
    size = both(options["size"])
    stride = both(options.get("stride", size))
    return lambda x: F.avg_pool2d(x, size, stride, both(options.get("padding", 0)), count_include_pad=True)


def case(name, function, argument, f, shapes):
    generator = torch.Generator().manual_seed(2014)
    steps = 64 if "Pool" in function else 2

    def draw(shape):
        # Rounded, so that float32 holds them and the file stays small; a pooling needs elements that differ.
        return (torch.rand(shape, generator=generator, dtype=torch.float64) * 4 * steps - 2 * steps).round() / steps

    inputs = [draw(shape).requires_grad_() for shape in shapes]
    y = f(*inputs)
    weight = draw(y.shape).abs() + 0.5
    loss = (weight * y * y).sum() / 2
    first = torch.autograd.grad(loss, inputs, create_graph=True)
    directions = [draw(shape) for shape in shapes]
    slope = sum((g * d).sum() for g, d in zip(first, directions))
    second = torch.autograd.grad(slope, inputs)
    return {
        "name": name,
        "function": function,
        "argument": argument,
        "inputs": [tensor(x) for x in inputs],
        "weight": tensor(weight),
        "directions": [tensor(d) for d in directions],
        "y": tensor(y),
        "first": [tensor(g) for g in first],
        "second": [tensor(g) for g in second],
    }


def cases():
    for function, table, build in [("conv", CONVOLUTIONS, convolution), ("convTranspose", TRANSPOSED, transposed)]:
        for name, (x, w, has_bias, options) in table.items():
            out = w[0] if function == "conv" else w[1] * options.get("groups", 1)
            yield case(name, function, options, build(options), [x, w] + ([[out]] if has_bias else []))
    for name, (x, options) in {**POOLINGS, **CEILED}.items():
        yield case(name, "maxPool", options, max_pooling(options), [x])
    for name, (x, options) in POOLINGS.items():
        yield case(name, "averagePool", options, average_pooling(options), [x])
    for x, factor in RESIZINGS["nearest"]:
        size = [extent * f for extent, f in zip(x[2:], both(factor))]
        yield case(f"by {factor}", "resizeNearest", factor, lambda v: F.interpolate(v, size=size, mode="nearest"), [x])
    for x, size in RESIZINGS["bilinear"]:
        resize = lambda v: F.interpolate(v, size=size, mode="bilinear", align_corners=False)
        yield case(f"{x[2:]} to {size}", "resizeBilinear", size, resize, [x])


if __name__ == "__main__":
    write("convolutions", {"cases": list(cases())})
