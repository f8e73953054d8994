"""Writes test/reference/measures.json: the measures of src/eval on sets of vectors, by numpy and scipy in float64.

Every definition is written out the long way: all distances at once, the matrix root by scipy, leaving one out by computing
again. Sets: Gaussians that are stored in the file, and MNIST (ZEROSUM_DATA, default ../shared/data) by number: the first
300 test images as real ones, the first 350 training images as samples, the first 1,000 of the last 10,000 training images as
training set of the copying test; as pixels [784] and as means of blocks of 4 x 4 [49].
Run: /usr/bin/python3 scripts/reference/measures.py
"""

import gzip
import os
import pathlib

import numpy as np
import scipy.linalg
import scipy.special

from reference_file import exact, number, tensor, write
from threefry import fnv, permutation

DATA = pathlib.Path(os.environ.get("ZEROSUM_DATA", "../shared/data"))
SEED = 7


def mnist(part):
    data = gzip.decompress((DATA / "mnist" / f"{part}-images-idx3-ubyte.gz").read_bytes())
    return np.frombuffer(data, np.uint8, offset=16).reshape(-1, 28, 28)


def pixels(images):
    return (images.reshape(len(images), -1) / np.float32(255)).astype(np.float32).astype(np.float64)


def blocks(images):
    sums = images.reshape(len(images), 7, 4, 7, 4).astype(np.int64).sum((2, 4)).reshape(len(images), 49)
    return (sums / (16 * 255)).astype(np.float32).astype(np.float64)


def distances(a, b):
    return np.sqrt(((a[:, None, :] - b[None, :, :]) ** 2).sum(-1))


def frechet(a, b):
    """scipy's matrix root where the covariances have full rank; else through the singular values of X_a X_b^T."""
    gap = ((a.mean(0) - b.mean(0)) ** 2).sum()
    s, t = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    if min(np.linalg.matrix_rank(s), np.linalg.matrix_rank(t)) == a.shape[1]:
        root = np.trace(scipy.linalg.sqrtm(s @ t)).real
    else:
        # Tr (S T)^(1/2) is the sum of the singular values of A B^T for S = A^T A, T = B^T B.
        left = (a - a.mean(0)) / np.sqrt(len(a) - 1)
        right = (b - b.mean(0)) / np.sqrt(len(b) - 1)
        root = np.linalg.svd(left @ right.T, compute_uv=False).sum()
    return gap + np.trace(s) + np.trace(t) - 2 * root


def halves(count, stream):
    order = np.array(permutation((SEED, fnv(stream.encode())), 0, count)[0])
    return order[: count // 2], order[count // 2 :]


def frechet_at_half(a, b):
    pairs = zip(halves(len(a), "frechet/real"), halves(len(b), "frechet/fake"))
    return np.mean([frechet(a[i], b[j]) for i, j in pairs])


def kernel(x, y):
    return (x @ y.T / x.shape[1] + 1) ** 3


def mmd_of_grams(xx, yy, xy):
    def others(gram):
        return (gram.sum() - np.trace(gram)) / (len(gram) * (len(gram) - 1))

    return others(xx) + others(yy) - 2 * xy.mean()


def mmd(a, b):
    return mmd_of_grams(kernel(a, a), kernel(b, b), kernel(a, b))


def jackknife(a, b):
    """Every vector is left out in turn, of the one set and of the other, and the estimate made again."""
    aa, bb, ab = kernel(a, a), kernel(b, b), kernel(a, b)

    def less(gram, i):
        return np.delete(np.delete(gram, i, 0), i, 1)

    without_a = np.array([mmd_of_grams(less(aa, i), bb, np.delete(ab, i, 0)) for i in range(len(a))])
    without_b = np.array([mmd_of_grams(aa, less(bb, i), np.delete(ab, i, 1)) for i in range(len(b))])
    return np.sqrt(sum((len(w) - 1) * w.var() for w in (without_a, without_b)))


def radii(x, k):
    return np.sort(distances(x, x) + np.diag(np.full(len(x), np.inf)), 1)[:, k - 1]


def precision(real, fake, k=3):
    return (distances(fake, real) <= radii(real, k)).any(1).mean()


def density(real, fake, k=5):
    return (distances(fake, real) <= radii(real, k)).sum() / (k * len(fake))


def coverage(real, fake, k=5):
    return (distances(real, fake).min(1) <= radii(real, k)).mean()


def inception_score(probabilities):
    marginal = probabilities.mean(0)
    return np.exp(scipy.special.rel_entr(probabilities, marginal).sum(1).mean())


def split_scores(probabilities, splits):
    order = permutation((SEED, fnv(b"inception/splits")), 0, len(probabilities))[0]
    edges = [i * len(order) // splits for i in range(splits + 1)]
    scores = np.array([inception_score(probabilities[order[s:e]]) for s, e in zip(edges, edges[1:])])
    return {"value": number(scores.mean()), "standardError": number(scores.std(ddof=1) / np.sqrt(splits))}


def compared(real, fake):
    """Nine digits: the root of a nearly singular matrix has no more that every machine agrees on."""
    found = {
        "frechet": frechet(real, fake),
        "frechetAtHalf": frechet_at_half(real, fake),
        "kernel": mmd(real, fake),
        "kernelError": jackknife(real, fake),
        "precision": precision(real, fake),
        "recall": precision(fake, real),
        "density": density(real, fake),
        "coverage": coverage(real, fake),
    }
    return {name: number(f"{value:.9g}") for name, value in found.items()}


def neighbours(samples, training, held_out):
    def nearest(x):
        return np.sort(distances(x, training), 1)[:, :5]

    def duplicates(found):
        return int((3 * found[:, 0] <= found[:, 4]).sum())

    drawn, held = nearest(samples), nearest(held_out)
    return {
        "nearDuplicates": duplicates(drawn),
        "heldOutNearDuplicates": duplicates(held),
        "medianDistanceRatio": number(np.median(drawn[:, 0]) / np.median(held[:, 0])),
    }


def spread_of_kernel_error(shift):
    """Spread of the kernel distance over fresh draws divided by the error bar that the jackknife gives it, in 3 dimensions."""
    draw = np.random.RandomState(3)
    found = [(x, draw.randn(60, 3) + shift) for x in draw.randn(300, 60, 3)]
    return np.std([mmd(*pair) for pair in found]) / np.sqrt(np.mean([jackknife(*pair) ** 2 for pair in found[:40]]))


def main():
    draw = np.random.RandomState(2019)
    real = exact(draw.randn(60, 4) @ np.diag([1, 2, 0.5, 1]))
    fake = exact(draw.randn(50, 4) @ np.array([[1, 0.5, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0.2], [0, 0, 0, 1]]) + 0.25)
    # The last two of these samples are copies of training vectors, one with a little noise.
    copies = np.concatenate([fake[:30], real[:1], exact(real[1:2] + 0.01)])
    logits = draw.randn(45, 5) * 2
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    probabilities = probabilities.astype(np.float32).astype(np.float64)
    test, train = mnist("t10k"), mnist("train")
    a, b = mean_covariance(draw), mean_covariance(draw)
    print("spread of the kernel distance / its error bar:", end=" ")
    print(*(f"{spread_of_kernel_error(s):.2f} where shifted by {s}" for s in (0, 0.5)), sep=", ")
    write(
        "measures",
        {
            "seed": SEED,
            "gaussians": {"real": tensor(real), "fake": tensor(fake), "expected": compared(real, fake)},
            "pixels": compared(pixels(test[:300]), pixels(train[:350])),
            "blocks": compared(blocks(test[:300]), blocks(train[:350])),
            "moments": {
                "a": {name: tensor(value) for name, value in a.items()},
                "b": {name: tensor(value) for name, value in b.items()},
                "frechet": number(frechet_of_moments(a, b)),
            },
            "neighbours": {
                "gaussians": {"samples": tensor(copies), "expected": neighbours(copies, real, fake)},
                "pixels": neighbours(pixels(train[:350]), pixels(train[50000:51000]), pixels(test[:300])),
            },
            "inceptionScore": {
                "probabilities": tensor(probabilities),
                "whole": number(inception_score(probabilities)),
                "splits": {str(n): split_scores(probabilities, n) for n in (4, 10)},
            },
        },
    )


def mean_covariance(draw):
    root = draw.randn(6, 6)
    return {"mean": exact(draw.randn(6)), "covariance": exact(root @ root.T)}


def frechet_of_moments(a, b):
    root = scipy.linalg.sqrtm(a["covariance"] @ b["covariance"]).real
    gap = ((a["mean"] - b["mean"]) ** 2).sum()
    return gap + np.trace(a["covariance"] + b["covariance"] - 2 * root)


if __name__ == "__main__":
    main()
