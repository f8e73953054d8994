"""Evaluates exported generators in PyTorch, float64, by what the ONNX standard says of each operator.

Shares no code with zerosum or ONNX Runtime, so that both can be compared with it. Of every NAME.onnx in a folder it reads
the inputs from NAME.INPUT.npy and writes NAME.samples.npy. Exits 3 if onnx or torch is not installed (Debian: apt-get install
python3-onnx python3-torch).

Run: /usr/bin/python3 scripts/evaluate_export.py FOLDER
"""

import pathlib
import sys


def main() -> int:
    try:
        import numpy as np
        import onnx
        import torch
        from onnx import helper, numpy_helper
    except ImportError as error:
        print(f"evaluate_export: not evaluated: {error}", file=sys.stderr)
        return 3
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
        graph = onnx.load(str(path)).graph
        values = {t.name: widened(torch.tensor(numpy_helper.to_array(t))) for t in graph.initializer}
        for name in [value.name for value in graph.input if value.name not in values]:
            values[name] = widened(torch.tensor(np.load(path.with_suffix(f".{name}.npy"))))
        for node in graph.node:
            attributes = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
            inputs = [values[name] if name else None for name in node.input]
            values[node.output[0]] = OPERATORS[node.op_type](*inputs, **attributes)
        np.save(path.with_suffix(".samples.npy"), values["samples"].numpy())
    return 0


def widened(x):
    return x.double() if x.is_floating_point() else x


def symmetric(pads):
    """ONNX: all beginnings, then all ends."""
    before, after = pads[: len(pads) // 2], pads[len(pads) // 2 :]
    if list(before) != list(after):
        raise NotImplementedError(f"pads {pads}")
    return tuple(before)


def conv(x, w, b=None, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), group=1, kernel_shape=None):
    import torch.nn.functional as f

    return f.conv2d(x, w, b, tuple(strides), symmetric(pads), tuple(dilations), group)


def conv_transpose(
    x, w, b=None, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), group=1, output_padding=(0, 0), kernel_shape=None
):
    import torch.nn.functional as f

    return f.conv_transpose2d(x, w, b, tuple(strides), symmetric(pads), tuple(output_padding), group, tuple(dilations))


def gemm(a, b, c=None, alpha=1.0, beta=1.0, transA=0, transB=0):
    product = alpha * ((a.T if transA else a) @ (b.T if transB else b))
    return product if c is None else product + beta * c


def reshape(x, shape, allowzero=0):
    sizes = [x.shape[i] if size == 0 and not allowzero else size for i, size in enumerate(shape.tolist())]
    return x.reshape(sizes)


def sliced(x, starts, ends, axes=None, steps=None):
    count = len(starts)
    axes = list(range(count)) if axes is None else axes.tolist()
    steps = [1] * count if steps is None else steps.tolist()
    index = [slice(None)] * x.ndim
    for axis, start, end, step in zip(axes, starts.tolist(), ends.tolist(), steps):
        index[axis] = slice(start, end, step)
    return x[tuple(index)]


def unsqueeze(x, axes):
    for axis in sorted(axes.tolist()):
        x = x.unsqueeze(axis)
    return x


def cast(x, to):
    import torch

    # 1 float, 2 uint8, 6 int32, 7 int64, 9 bool, 11 double; every float is as wide as there is here.
    return x.to({1: torch.float64, 2: torch.uint8, 6: torch.int32, 7: torch.int64, 9: torch.bool, 11: torch.float64}[to])


def concat(*xs, axis):
    import torch

    return torch.cat(xs, axis)


def expand(x, shape):
    sizes = shape.tolist()
    sizes = [1] * (x.ndim - len(sizes)) + sizes
    own = [1] * (len(sizes) - x.ndim) + list(x.shape)
    return x.expand([max(a, b) for a, b in zip(own, sizes)])


def reduce_max(x, axes=None, keepdims=1):
    return x.amax(tuple(axes if axes is not None else range(x.ndim)), bool(keepdims))


def reduce_sum(x, axes=None, keepdims=1, noop_with_empty_axes=0):
    return x.sum(tuple(axes.tolist() if axes is not None else range(x.ndim)), bool(keepdims))


OPERATORS = {
    "Add": lambda a, b: a + b,
    "Cast": cast,
    "Clip": lambda x, low=None, high=None: x.clamp(low, high),
    "Concat": concat,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Div": lambda a, b: a / b,
    "Equal": lambda a, b: a == b,
    "Expand": expand,
    "Gemm": gemm,
    "LeakyRelu": lambda x, alpha=0.01: x.where(x > 0, alpha * x),
    "MatMul": lambda a, b: a @ b,
    "Mul": lambda a, b: a * b,
    "ReduceMax": reduce_max,
    "ReduceSum": reduce_sum,
    "Relu": lambda x: x.clamp(min=0),
    "Reshape": reshape,
    "Sigmoid": lambda x: x.sigmoid(),
    "Slice": sliced,
    "Sqrt": lambda x: x.sqrt(),
    "Sub": lambda a, b: a - b,
    "Tanh": lambda x: x.tanh(),
    "Transpose": lambda x, perm: x.permute(*perm),
    "Unsqueeze": unsqueeze,
}

if __name__ == "__main__":
    sys.exit(main())
