"""PyTorch's side of the Parzen benchmark: the same formula, written as well as PyTorch lets one.

Squared distances come from one matrix product a block with the norms added by `addmm`-like broadcasting in place, then
`logsumexp` over the samples. The block of test rows is the fastest of several, tried at the start.

Protocol, one JSON object a line: prints {"ready": {...}}, then answers {"sigma": s} with {"seconds": s,
"logLikelihood": l} until its standard input closes. If PyTorch is missing it prints {"unavailable": why}.
"""

import argparse
import json
import math
import os
import sys
import time

# libgomp reads this once, when it is loaded: spinning OpenMP threads take the cores from OpenBLAS's own.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

BLOCKS = (50, 100, 250, 500)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--samples", required=True, help="float32 .npy [n, d]")
    parser.add_argument("--test", required=True, help="float32 .npy [m, d]")
    options = parser.parse_args()
    try:
        import numpy
        import torch
    except ImportError as error:
        print(json.dumps({"unavailable": str(error)}), flush=True)
        return
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    samples = torch.from_numpy(numpy.load(options.samples))
    test = torch.from_numpy(numpy.load(options.test))

    @torch.no_grad()
    def log_likelihood(sigma, block, rows=None):
        n, d = samples.shape
        energies = -0.5 * (samples * samples).sum(1) / sigma**2
        transposed = samples.t()
        total, count = 0.0, rows or len(test)
        for first in range(0, count, block):
            x = test[first : first + block]
            scores = torch.addmm(energies, x, transposed, alpha=1 / sigma**2)
            values = torch.logsumexp(scores, 1) - 0.5 * (x * x).sum(1) / sigma**2
            total += values.sum().item()
        return total / count - math.log(n) - d * math.log(sigma * math.sqrt(2 * math.pi))

    def seconds(block):
        start = time.perf_counter()
        log_likelihood(0.2, block, rows=1000)
        return time.perf_counter() - start

    block = min(BLOCKS, key=lambda b: min(seconds(b) for _ in range(3)))
    print(json.dumps({"ready": {"torch": torch.__version__, "threads": options.threads, "block": block}}), flush=True)
    for line in sys.stdin:
        sigma = json.loads(line)["sigma"]
        start = time.perf_counter()
        value = log_likelihood(sigma, block)
        print(json.dumps({"seconds": time.perf_counter() - start, "logLikelihood": value}), flush=True)


main()
