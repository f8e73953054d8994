"""Prints the small PNG files, as hex, that src/io/png.test.ts reads: made from the specification with zlib alone.

Run: python3 scripts/reference/png.py
"""

import struct
import zlib


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, *ancillary):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = b"".join(chunk(kind, data) for kind, data in ancillary)
    data = zlib.compress(b"".join(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IDAT", data) + chunk(b"IEND", b"")


# The first byte of a row is its filter: 0 none, 1 difference to the left, 2 to above, 3 to their mean, 4 Paeth.
FILES = {
    "1 bit grey, 10 x 2": png(10, 2, 1, 0, [b"\x00\xa5\x40", b"\x00\xff\x80"]),
    "2 bit grey, 5 x 1": png(5, 1, 2, 0, [b"\x00\x1b\x40"]),
    "4 bit grey, 3 x 1": png(3, 1, 4, 0, [b"\x00\x0f\x70"]),
    "8 bit grey, filters 1 2 3 4, 3 x 4": png(
        3, 4, 8, 0, [b"\x01\x0a\x0a\x0a", b"\x02\x01\x01\x01", b"\x03\x05\x05\x05", b"\x04\x01\x01\x01"]
    ),
    "16 bit grey, 2 x 1": png(2, 1, 16, 0, [b"\x00\x12\x34\xff\x00"]),
    "8 bit colour, 2 x 1": png(2, 1, 8, 2, [b"\x00\x01\x02\x03\xfd\xfe\xff"]),
    "16 bit colour with opacity, 1 x 1": png(1, 1, 16, 6, [b"\x00\x11\x00\x22\x00\x33\x00\x44\x00"]),
    "8 bit grey with opacity, 2 x 1": png(2, 1, 8, 4, [b"\x00\x0a\x80\xc8\xff"]),
    "2 bit palette, 3 x 1": png(3, 1, 2, 3, [b"\x00\x18"], (b"PLTE", b"\xff\x00\x00\x00\xff\x00\x00\x00\xff")),
    "2 bit palette with opacity, 3 x 1": png(
        3, 1, 2, 3, [b"\x00\x18"], (b"PLTE", b"\xff\x00\x00\x00\xff\x00\x00\x00\xff"), (b"tRNS", b"\x00\x80")
    ),
    "4 bit grey, 7 transparent, 3 x 1": png(3, 1, 4, 0, [b"\x00\x0f\x70"], (b"tRNS", b"\x00\x07")),
    "8 bit colour, one transparent, 3 x 1": png(
        3, 1, 8, 2, [b"\x00\x01\x02\x03\x01\x02\x04\x01\x02\x03"], (b"tRNS", b"\x00\x01\x00\x02\x00\x03")
    ),
    "an index past the palette": png(1, 1, 8, 3, [b"\x00\x03"], (b"PLTE", b"\xff\x00\x00\x00\xff\x00\x00\x00\xff")),
    "too few rows": png(3, 4, 8, 0, [b"\x00\x0a\x0a\x0a"]),
}

for name, data in FILES.items():
    print(f"'{name}': '{data.hex()}',")
