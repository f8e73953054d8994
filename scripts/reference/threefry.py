"""Prints the numbers that src/random/*.test.ts compare against, from an implementation that shares no code with it.

Threefry-2x32-20 in Python integers (checked against Random123's known-answer vectors below), Box-Muller with the C
library's float64 log, cos and sin, Fisher-Yates in Python integers. Run: python3 scripts/reference/threefry.py
"""

import math

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
MASK = 0xFFFFFFFF


def threefry(key, counter):
    schedule = (key[0], key[1], 0x1BD11BDA ^ key[0] ^ key[1])
    x0, x1 = ((c + k) & MASK for c, k in zip(counter, key))
    for group in range(5):
        for left in ROTATIONS[group % 2]:
            x0 = (x0 + x1) & MASK
            x1 = ((x1 << left | x1 >> 32 - left) & MASK) ^ x0
        x0 = (x0 + schedule[(group + 1) % 3]) & MASK
        x1 = (x1 + schedule[(group + 2) % 3] + group + 1) & MASK
    return x0, x1


def words(key, step, count, first=0):
    pairs = (threefry(key, (step, first + i)) for i in range((count + 1) // 2))
    return [word for pair in pairs for word in pair][:count]


def normals(key, step, count):
    out = []
    for i in range((count + 1) // 2):
        a, b = threefry(key, (step, i))
        radius = math.sqrt(-2 * math.log((a + 0.5) / 2**32))
        out += [radius * math.cos(2 * math.pi * b / 2**32), radius * math.sin(2 * math.pi * b / 2**32)]
    return out[:count]


def permutation(key, step, length):
    bits = words(key, step, length)
    spare = (length + 1) // 2
    rejected = 0
    order = list(range(length))
    for i in range(length - 1, 0, -1):
        word = bits[i]
        while word >= 2**32 - 2**32 % (i + 1):
            word = threefry(key, (step, spare))[0]
            spare += 1
            rejected += 1
        j = word % (i + 1)
        order[i], order[j] = order[j], order[i]
    return order, rejected


def fnv(data):
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & MASK
    return value


assert threefry((0, 0), (0, 0)) == (0x6B200159, 0x99BA4EFE)
assert threefry((MASK, MASK), (MASK, MASK)) == (0x1CB996FC, 0xBB002BE7)
assert threefry((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3)) == (0xC4923A9C, 0x483DF7A0)

if __name__ == "__main__":
    print("words, key (2014, 7), step 3:", [hex(w) for w in words((2014, 7), 3, 7)])
    print("normals, key (2014, 7), step 3:")
    for value in normals((2014, 7), 3, 15):
        print("   ", repr(value))
    print("permutation of 10, key (2014, 7), step 3:", permutation((2014, 7), 3, 10)[0])
    order, rejected = permutation((2014, 7), 3, 300_000)
    digest = fnv(b"".join(i.to_bytes(4, "little") for i in order))
    print(f"permutation of 300000: {rejected} words rejected, FNV-1a of its bytes {digest:#x}")
    for name in ("", "a", "foobar", "generator/latent", "Größe", "数据", "😀"):
        print(f"stream {name!r}: {fnv(name.encode()):#x}")
