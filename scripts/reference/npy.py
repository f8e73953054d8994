"""Prints the .npy files that src/io/npy.test.ts reads, made by numpy itself. Run: python3 scripts/reference/npy.py"""

import io

import numpy as np
from numpy.lib import format as npy


def show(array, version=(1, 0)):
    out = io.BytesIO()
    npy.write_array(out, array, version=version)
    data = out.getvalue()
    start = data.index(b"{")
    dictionary = data[start : data.rindex(b"}") + 1]
    spaces = data.index(b"\n") - start - len(dictionary)
    elements = data[data.index(b"\n") + 1 :]
    print(f'file("{data[:start].hex()}", "{dictionary.decode()}", {spaces}, "{elements.hex()}")')


grid = np.arange(6).reshape(2, 3)
show(grid.astype("<f4") / 4)
show(np.array(1.5, dtype=np.float32))
show(np.zeros((0, 2), dtype=np.float32))
show(np.array([True, False]))
show(np.array([-1, 2**53 + 1]), (2, 0))
show(np.array([[[0, 7, 255]]], dtype=np.uint8), (3, 0))
show((grid / 4).astype(">f8"))
show(np.asfortranarray(grid.astype("<i4") - 3))
show(np.asfortranarray(grid.reshape(2, 1, 3).astype(">i4")))
show(np.array([1], dtype=np.uint16))
show(np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f4")]))
