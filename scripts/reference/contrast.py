"""Writes test/reference/contrast.json: global contrast normalisation by its definition, in float64.

Run: /usr/bin/python3 scripts/reference/contrast.py
"""

import numpy as np
from reference_file import tensor, write

SCALE = 55.0

random = np.random.RandomState(0)
pixels = random.randint(0, 256, size=(4, 3, 2, 4)).astype(np.uint8)
# Nearly blank, wholly blank, one bright pixel: the cases in which a divisor is small or a value large.
pixels[1] = 200
pixels[1, 2, 1, 3] = 201
pixels[2] = 17
pixels[3] = 0
pixels[3, 0, 0, 0] = 255

flat = pixels.reshape(4, -1).astype(np.float64)
centred = flat - flat.mean(axis=1, keepdims=True)
norms = np.sqrt((centred**2).sum(axis=1, keepdims=True))
normalised = SCALE * centred / np.where(norms == 0, 1, norms)

deviation = SCALE / np.sqrt(flat.shape[1])
shown = np.clip(0.5 + normalised / (6 * deviation), 0, 1)

write(
    "contrast",
    {
        "scale": SCALE,
        "pixels": tensor(pixels),
        "normalised": tensor(normalised.reshape(pixels.shape)),
        "shown": tensor(shown.reshape(pixels.shape)),
    },
)
