"""Judges an exported .onnx with onnx's own checker and prints what it takes, gives and says about itself.

Exits 0 if the model is good, 1 if it is not, 3 if onnx is not installed (Debian: apt-get install python3-onnx).
With a newer onnx, which has a reference evaluator (1.13 on), it also evaluates the graph on zeros.

Run: /usr/bin/python3 scripts/check_export.py generator.onnx [--json]
"""

import argparse
import json
import math
import sys

DYNAMIC = "?"
ONNX_NAMES = {"float": "float32", "double": "float64"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="the .onnx file")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    options = parser.parse_args()
    try:
        import onnx
        import onnx.checker
        import onnx.helper
        import onnx.numpy_helper
    except ImportError as error:
        print(f"check_export: not checked: {error}. Debian: apt-get install python3-onnx", file=sys.stderr)
        return 3
    try:
        model = onnx.load(options.model)
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # onnx raises its own, protobuf's and Python's errors for a bad file
        print(f"check_export: {options.model} is refused: {first_line(error)}", file=sys.stderr)
        return 1
    findings = problems(onnx, model)
    found = description(onnx, model)
    found["evaluated"], evaluation_findings = evaluated(onnx, model)
    findings += evaluation_findings
    print(json.dumps(found) if options.json else text(found))
    for finding in findings:
        print(f"check_export: {options.model}: {finding}", file=sys.stderr)
    return 1 if findings else 0


def first_line(error):
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def problems(onnx, model):
    """What the checker lets pass and a self-contained generator may not do."""
    graph, found = model.graph, []
    constants = {tensor.name for tensor in graph.initializer}
    fed = [value.name for value in graph.input if value.name not in constants]
    if not fed:
        found.append("has no input")
    if not graph.output:
        found.append("has no output")
    if len(fed) != len(set(fed)) or len(graph.output) != len({value.name for value in graph.output}):
        found.append("names two inputs or two outputs alike")
    domains = {node.domain for node in graph.node} - {"", "ai.onnx"}
    if domains:
        found.append(f"needs operators that not every runtime has, of {sorted(domains)}")
    external = [t.name for t in graph.initializer if t.data_location == onnx.TensorProto.EXTERNAL]
    if external:
        found.append(f"keeps {external[0]} in another file")
    for tensor in graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype.kind == "f" and not math.isfinite(float(abs(values).sum(dtype="float64"))):
            found.append(f"{tensor.name} is not finite")
    return found


def description(onnx, model):
    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    weights = sum(math.prod(tensor.dims) for tensor in graph.initializer)
    operators = {}
    for node in graph.node:
        operators[node.op_type] = operators.get(node.op_type, 0) + 1
    return {
        "producer": f"{model.producer_name} {model.producer_version}".strip(),
        "irVersion": model.ir_version,
        "opsets": {opset.domain or "ai.onnx": opset.version for opset in model.opset_import},
        "inputs": [described(onnx, value) for value in graph.input if value.name not in constants],
        "outputs": [described(onnx, value) for value in graph.output],
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "initialisers": {"tensors": len(graph.initializer), "elements": weights},
        "operators": dict(sorted(operators.items())),
    }


def described(onnx, value):
    kind = value.type.tensor_type
    shape = [dim.dim_param or (dim.dim_value if dim.HasField("dim_value") else DYNAMIC) for dim in kind.shape.dim]
    dtype = onnx.TensorProto.DataType.Name(kind.elem_type).lower()
    return {"name": value.name, "dtype": ONNX_NAMES.get(dtype, dtype), "shape": shape}


def evaluated(onnx, model):
    """Runs the graph on zeros, two rows for a symbolic batch, in onnx's own Python evaluator where there is one."""
    try:
        import numpy as np
        from onnx.reference import ReferenceEvaluator
    except ImportError:
        return f"no: onnx {onnx.__version__} has no reference evaluator (1.13 on)", []
    constants = {tensor.name for tensor in model.graph.initializer}
    feeds = {}
    for value in model.graph.input:
        if value.name in constants:
            continue
        shape = [size if isinstance(size, int) else 2 for size in described(onnx, value)["shape"]]
        dtype = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
        feeds[value.name] = np.zeros(shape, dtype=dtype)
    results = ReferenceEvaluator(model).run(None, feeds)
    found = []
    for value, result in zip(model.graph.output, results):
        expected = [size if isinstance(size, int) else None for size in described(onnx, value)["shape"]]
        if len(expected) != result.ndim or any(e not in (None, n) for e, n in zip(expected, result.shape)):
            found.append(f"{value.name} is declared {expected}, came out {list(result.shape)}")
        if not np.isfinite(result).all():
            found.append(f"{value.name} is not finite on zeros")
    return f"yes: on zeros, by onnx {onnx.__version__}", found


def text(found):
    lines = [
        f"producer    {found['producer'] or '(none)'}",
        f"format      IR {found['irVersion']}, " + ", ".join(f"{d} {v}" for d, v in found["opsets"].items()),
    ]
    for role in ("inputs", "outputs"):
        for value in found[role]:
            shape = ", ".join(map(str, value["shape"]))
            lines.append(f"{role[:-1]:<11} {value['name']}: {value['dtype']} [{shape}]")
    lines.append(f"constants   {found['initialisers']['elements']:,} in {found['initialisers']['tensors']} tensors")
    lines.append("operators   " + ", ".join(f"{name} x {count}" for name, count in found["operators"].items()))
    lines.append(f"evaluated   {found['evaluated']}")
    lines += [f"metadata    {key} = {value}" for key, value in found["metadata"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
