"""How the scripts in this folder write test/reference/*.json.

Twelve significant digits: far beyond what any test compares, and few enough that another processor or PyTorch writes
the same file. Arrays are {"shape": [...], "data": [...]} in row-major order, as a Tensor of src/graph/tensor.ts.
"""

import json
import math
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "test" / "reference"
LARGEST_BYTES = 100_000


def exact(values, fraction_bits=10):
    """Rounds to multiples of 2^-10: the same number in float32, in float64 and in few decimal digits."""
    return np.round(np.asarray(values, dtype=np.float64) * 2**fraction_bits) / 2**fraction_bits


def tensor(array):
    """An array, or anything with a `detach`, as {"shape", "data"}."""
    array = np.asarray(array.detach() if hasattr(array, "detach") else array)
    return {"shape": list(array.shape), "data": [number(value) for value in array.ravel().tolist()]}


def tensors(named):
    return {name: tensor(array) for name, array in named.items()}


def number(value):
    """A finite number in twelve digits; integers and truth values stay integers."""
    if isinstance(value, (bool, int)):
        return int(value)
    value = float(value)
    assert math.isfinite(value), value
    rounded = float(f"{value:.12g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def write(name, content):
    """Writes test/reference/NAME.json; `npx biome format --write test/reference` then lays it out as lint wants it."""
    path = FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1, allow_nan=False)
    compact = json.dumps(content, allow_nan=False)
    assert len(compact) < LARGEST_BYTES, f"{path}: {len(compact)} bytes"
    path.write_text(text + "\n", encoding="utf-8")
    print(f"{path.relative_to(FOLDER.parents[1])}: {len(compact)} bytes")
