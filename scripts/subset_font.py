"""Writes src/figures/font.ts: the letters, Greek and mathematical signs of DejaVu Sans that figures use.

    python3 -m venv font && font/bin/pip install fonttools==4.60.1
    font/bin/python scripts/subset_font.py /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
"""

import base64
import io
import sys
import textwrap
import zlib
from pathlib import Path

from fontTools import subset


def span(first: int, last: int) -> list[int]:
    return list(range(first, last + 1))


CHARACTERS = (
    span(0x20, 0x7E)  # Latin
    + span(0xA0, 0xFF)
    + span(0x391, 0x3C9)  # Greek
    + [0x3D1, 0x3D5]
    + span(0x300, 0x304)  # combining accents
    + span(0x2010, 0x2026)  # dashes, quotes, ellipsis
    + [0x2030, 0x2032, 0x2033]
    + span(0x2070, 0x209C)  # superscripts and subscripts
    + [0x2113, 0x211D]
    + span(0x2190, 0x2199)  # arrows
    + [0x21A6, 0x21D2, 0x21D4]
    + span(0x2200, 0x226B)  # mathematical operators
    + [0x2295, 0x2297, 0x22C5, 0x25A0, 0x25B2, 0x25CB, 0x25CF, 0x2713, 0x2717, 0x27E8, 0x27E9]
)

LICENCE = """\
DejaVu Sans, Copyright (c) 2003 by Bitstream, Inc. All Rights Reserved. Bitstream Vera is a trademark of Bitstream, Inc.
Glyphs imported from Arev are (c) 2006 by Tavmjong Bah, under the same terms. DejaVu changes are in public domain.

Permission is hereby granted, free of charge, to any person obtaining a copy of the fonts accompanying this license
("Fonts") and associated documentation files (the "Font Software"), to reproduce and distribute the Font Software,
including without limitation the rights to use, copy, merge, publish, distribute, and/or sell copies of the Font
Software, and to permit persons to whom the Font Software is furnished to do so, subject to the following conditions:

The above copyright and trademark notices and this permission notice shall be included in all copies of one or more of
the Font Software typefaces.

The Font Software may be modified, altered, or added to, and in particular the designs of glyphs or characters in the
Fonts may be modified and additional glyphs or characters may be added to the Fonts, only if the fonts are renamed to
names not containing either the words "Bitstream" or the word "Vera".

This License becomes null and void to the extent applicable to Fonts or Font Software that has been modified and is
distributed under the "Bitstream Vera" names.

The Font Software may be sold as part of a larger software package but no copy of one or more of the Font Software
typefaces may be sold by itself.

THE FONT SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO
ANY WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT OF COPYRIGHT, PATENT,
TRADEMARK, OR OTHER RIGHT. IN NO EVENT SHALL BITSTREAM OR THE GNOME FOUNDATION BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, INCLUDING ANY GENERAL, SPECIAL, INDIRECT, INCIDENTAL, OR CONSEQUENTIAL DAMAGES, WHETHER IN AN ACTION OF
CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF THE USE OR INABILITY TO USE THE FONT SOFTWARE OR FROM OTHER DEALINGS
IN THE FONT SOFTWARE.

Except as contained in this notice, the names of Gnome, the Gnome Foundation, and Bitstream Inc., shall not be used in
advertising or otherwise to promote the sale, use or other dealings in this Font Software without prior written
authorization from the Gnome Foundation or Bitstream Inc., respectively. For further information, contact: fonts at
gnome dot org.
"""


def main(path: str) -> None:
    options = subset.Options()
    options.hinting = False
    options.notdef_outline = True
    options.drop_tables += ["FFTM"]
    options.layout_features = ["kern", "mark", "mkmk", "ccmp"]
    font = subset.load_font(path, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)
    buffer = io.BytesIO()
    subset.save_font(font, buffer, options)

    encoded = base64.b64encode(zlib.compress(buffer.getvalue(), 9)).decode()
    lines = "\n".join(f"  '{line}'," for line in textwrap.wrap(encoded, 100))
    licence = "\n".join(f" * {line}".rstrip() for line in LICENCE.splitlines())
    Path("src/figures/font.ts").write_text(
        f"""/*
 * Written by scripts/subset_font.py.
 *
{licence}
 */

/**
 * DejaVu Sans, regular, as a TrueType file: Latin, Greek and mathematical signs. Compressed by zlib, base64 in pieces;
 * embedded, so that pictures of figures are the same on machines that have other fonts or none.
 */
export const fontPieces: readonly string[] = [
{lines}
];
"""
    )


if __name__ == "__main__":
    main(sys.argv[1])
