"""Writes test/reference/mat.json: small MATLAB 5 files made by scipy, in base64, and what they hold.

Run: /usr/bin/python3 scripts/reference/mat.py
"""

import base64
import io

import numpy as np
from reference_file import write
from scipy.io import savemat

arrays = {
    # Distinct values in every place, so that a mistaken order of the axes shows.
    "images": np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4),
    "folds": np.array([[0, 1], [2, 3], [1, 0]], dtype=np.float64),
    "x": np.array([[-1.5]]),
    "small": np.array([[7, 250]], dtype=np.uint16),
    "negative": np.array([[-3], [2]], dtype=np.int8),
    "single": np.array([[0.25, -0.5, 8.0]], dtype=np.float32),
    "int16": np.array([[-300, 300, 5]], dtype=np.int16),
    "int32": np.array([[-70000]], dtype=np.int32),
    "uint32": np.array([[4000000000]], dtype=np.uint32),
    "empty": np.zeros((0, 3)),
}
others = {
    "text": "words",
    "cell": np.array(["a", 1.0], dtype=object),
    "struct": {"field": 1.0},
    "complex": np.array([[1 + 2j]]),
    "long": np.array([[1]], dtype=np.int64),
}


def saved(do_compression):
    file = io.BytesIO()
    savemat(file, {**arrays, **others}, do_compression=do_compression)
    # The header tells the time and the platform.
    content = b"MATLAB 5.0 MAT-file".ljust(116) + file.getvalue()[116:]
    return base64.b64encode(content).decode()


write(
    "mat",
    {
        "files": {"uncompressed": saved(False), "compressed": saved(True)},
        "arrays": {
            name: {
                "dtype": array.dtype.name,
                "shape": list(array.shape),
                "columnMajor": array.ravel(order="F").tolist(),
            }
            for name, array in arrays.items()
        },
        "others": sorted(others),
    },
)
