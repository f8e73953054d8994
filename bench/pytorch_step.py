"""PyTorch's side of the benchmark: the 2014 paper's MNIST step, written as well as PyTorch lets one.

G is 100-1200-1200-784 (ReLU, ReLU, sigmoid), D is maxout 240 x 5, maxout 240 x 5, 1 logit, with dropout on D's
input (include .8, scale 1.25) and on its hidden layers (include .5, scale 2). One iteration is Algorithm 1 with
k = 1: D descends BCE(1, D(x)) + BCE(0, D(G(z))), then G descends BCE(1, D(G(z))) with fresh noise and D frozen.

What makes it fast, each measured against the usual way of writing it:
  - real and fake rows go through D in one pass, and D's parameters take no gradient in G's step;
  - maxout is a max-pool over channels-last memory (5 x faster than `max(-1)`);
  - dropout masks are cut from 64-bit random words (6 x faster than `F.dropout`, whose CPU kernel draws one
    double per unit), and their scale rides on the next matrix product's `alpha`;
  - the optimiser is the fastest of PyTorch's own implementations (plain, foreach, fused), tried at the start;
  - denormals are flushed, OpenMP threads sleep when idle, and malloc keeps what it was given back.

Protocol, one JSON object a line: prints {"ready": {...}}, then answers {"iterations": n} with
{"seconds": s, "lossD": d, "lossG": g} until its standard input closes. In `--mode sample` an iteration is one
forward pass of G. If PyTorch is missing it prints {"unavailable": why} and exits 0.
"""

import argparse
import ctypes
import json
import os
import sys
import time

# libgomp reads this once, when it is loaded: spinning OpenMP threads take the cores from OpenBLAS's own.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

LATENT, PIXELS, PIECES = 100, 784, 5
IMAGES = 10_000
WARM_UP = 4


def main() -> None:
    options = parse_options()
    try:
        import torch
    except ImportError as error:
        say({"unavailable": f"{error} (Debian: apt-get install python3-torch libopenblas0-pthread)"})
        return
    keep_freed_memory()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)

    engine = Sampler(torch, options) if options.mode == "sample" else Trainer(torch, options)
    note = engine.warm_up()
    say(
        {
            "ready": {
                "engine": f"PyTorch {torch.__version__}",
                "threads": torch.get_num_threads(),
                "parameters": engine.parameter_count,
                "note": "; ".join(filter(None, [blas_in_use(torch), note])),
            }
        }
    )
    for line in sys.stdin:
        iterations = json.loads(line)["iterations"]
        start = time.perf_counter()
        figures = engine.run(iterations)
        say({"seconds": time.perf_counter() - start, **figures})


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mode", choices=["train", "sample"], default="train")
    parser.add_argument("--optimiser", choices=["sgd", "adam"], default="sgd")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=100, help="rows of x and of z (the paper: 100)")
    parser.add_argument("--width-scale", type=float, default=1.0, help="factor on every hidden width")
    parser.add_argument("--seed", type=int, default=2014)
    # Every engine's program is given every option of a step; what other networks have is not for this one.
    options, _others = parser.parse_known_args()
    return options


def say(message: dict) -> None:
    print(json.dumps(message), flush=True)


def keep_freed_memory() -> None:
    """Stops glibc from returning megabyte buffers to the kernel, which costs a page fault per 4 kB every step."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        m_trim_threshold, m_mmap_threshold = -1, -3
        mallopt(m_trim_threshold, 1 << 30)
        mallopt(m_mmap_threshold, 1 << 30)


def blas_in_use(torch) -> str:
    """The matrix library that is mapped into this process, and how it runs its own threads."""
    if "BLAS_INFO=mkl" in torch.__config__.show():
        return "MKL"
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            paths = {os.path.realpath(line.split()[-1]) for line in maps if ".so" in line}
    except OSError:
        return ""
    if any("blis" in path for path in paths):
        return "BLIS"
    for path in paths:
        if "openblas" in path:
            # Built on pthreads it keeps a pool of its own, which torch.set_num_threads does not reach.
            openblas = ctypes.CDLL(path)
            pthreads = openblas.openblas_get_parallel() == 1
            return f"OpenBLAS, its own {openblas.openblas_get_num_threads()} threads" if pthreads else "OpenBLAS"
    if any("libblas" in path for path in paths):
        return "REFERENCE BLAS, 15 x slower than it could be: apt-get install libopenblas0-pthread"
    return ""


class Networks:
    """Both networks as flat lists of tensors; weights are [in, out]."""

    def __init__(self, torch, options):
        self.torch, self.batch = torch, options.batch
        hidden = round(1200 * options.width_scale)
        self.units = round(240 * options.width_scale)

        def uniform(rows, columns, bound):
            return torch.empty(rows, columns).uniform_(-bound, bound).requires_grad_()

        def zeros(columns):
            return torch.zeros(columns, requires_grad=True)

        sizes = [(LATENT, hidden), (hidden, hidden), (hidden, PIXELS)]
        self.generator = [p for rows, columns in sizes for p in (uniform(rows, columns, 0.05), zeros(columns))]
        wide = self.units * PIECES
        sizes = [(PIXELS, wide), (self.units, wide), (self.units, 1)]
        self.discriminator = [p for rows, columns in sizes for p in (uniform(rows, columns, 0.005), zeros(columns))]
        self.parameter_count = sum(p.numel() for p in self.generator + self.discriminator)

    def noise(self):
        return self.torch.empty(self.batch, LATENT).uniform_(-(3**0.5), 3**0.5)

    def samples(self, z):
        torch = self.torch
        w1, b1, w2, b2, w3, b3 = self.generator
        return torch.addmm(b3, torch.addmm(b2, torch.addmm(b1, z, w1).relu_(), w2).relu_(), w3).sigmoid_()

    def logits(self, x):
        torch = self.torch
        w1, b1, w2, b2, w3, b3 = self.discriminator
        h1 = self.maxout(torch.addmm(b1, self.drop_fifth(x), w1, alpha=1.25))
        h2 = self.maxout(torch.addmm(b2, self.drop_half(h1), w2, alpha=2))
        return torch.addmm(b3, self.drop_half(h2), w3, alpha=2)

    def maxout(self, y):
        """Maximum over the pieces; laid out [pieces, units], so that the kernel's inner loop runs over units."""
        planes = y.view(-1, PIECES, 1, self.units).permute(0, 3, 1, 2)
        return self.torch.nn.functional.max_pool2d(planes, (PIECES, 1)).flatten(1)

    def drop_half(self, x):
        return x.masked_fill(self.random_words(x, self.torch.int8) < 0, 0)

    def drop_fifth(self, x):
        return x.masked_fill(self.random_words(x, self.torch.int16) < -(1 << 15) + 13107, 0)

    def random_words(self, like, dtype):
        size = self.torch.empty((), dtype=dtype).element_size()
        words = self.torch.empty((like.numel() * size + 7) // 8, dtype=self.torch.int64)
        return words.random_(-(1 << 63), None).view(dtype)[: like.numel()].view(like.shape)


class Trainer(Networks):
    """Algorithm 1, k = 1, on resident uint8 images."""

    def __init__(self, torch, options):
        super().__init__(torch, options)
        self.options = options
        # As much ink as MNIST: the arithmetic does not depend on the pixels, but D must have something to learn.
        ink = torch.rand(IMAGES, PIXELS) < 0.19
        self.images = (torch.randint(1, 256, (IMAGES, PIXELS)) * ink).to(torch.uint8)
        self.targets = torch.cat([torch.ones(self.batch, 1), torch.zeros(self.batch, 1)])

    def warm_up(self):
        """Keeps the fastest of PyTorch's optimiser implementations; returns what it was."""
        candidates = [
            (self.make(self.discriminator, choice), self.make(self.generator, choice), choice)
            for choice in implementations(self.torch, self.options.optimiser)
        ]
        seconds = [float("inf")] * len(candidates)
        for _ in range(3):  # in turns, and the best turn counts: another process may take the cores for a while
            for i, (self.optimiser_d, self.optimiser_g, _choice) in enumerate(candidates):
                self.run(1)
                start = time.perf_counter()
                self.run(WARM_UP)
                seconds[i] = min(seconds[i], time.perf_counter() - start)
        self.optimiser_d, self.optimiser_g, choice = candidates[seconds.index(min(seconds))]
        self.run(1)
        return next((name for name, wanted in choice.items() if wanted), "plain") + " optimiser"

    def make(self, parameters, implementation):
        optim = self.torch.optim
        if self.options.optimiser == "sgd":
            return optim.SGD(parameters, lr=0.1, momentum=0.5, **implementation)
        return optim.Adam(parameters, lr=2e-4, betas=(0.5, 0.999), eps=1e-8, **implementation)

    def run(self, iterations):
        for _ in range(iterations):
            loss_d, loss_g = self.discriminator_step(), self.generator_step()
        return {"lossD": loss_d.item(), "lossG": loss_g.item()}

    def discriminator_step(self):
        torch, rows = self.torch, self.torch.randint(IMAGES, (self.batch,))
        real = self.images[rows].float().div_(255)
        with torch.no_grad():
            fake = self.samples(self.noise())
        logits = self.logits(torch.cat([real, fake]))
        # A mean over 2 m rows is half of Algorithm 1's sum of two means over m rows.
        loss = 2 * torch.nn.functional.binary_cross_entropy_with_logits(logits, self.targets)
        self.optimiser_d.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser_d.step()
        return loss.detach()

    def generator_step(self):
        torch = self.torch
        for p in self.discriminator:
            p.requires_grad_(False)
        logits = self.logits(self.samples(self.noise()))
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, self.targets[: self.batch])
        self.optimiser_g.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser_g.step()
        for p in self.discriminator:
            p.requires_grad_(True)
        return loss.detach()


class Sampler(Networks):
    """One forward pass of G on fresh noise."""

    def warm_up(self):
        self.run(WARM_UP)
        return ""

    def run(self, iterations):
        with self.torch.inference_mode():
            for _ in range(iterations):
                self.samples(self.noise())
        return {}


def implementations(torch, optimiser):
    """The ways in which this PyTorch can run the optimiser on a CPU."""
    maker = torch.optim.SGD if optimiser == "sgd" else torch.optim.Adam
    accepted = []
    for implementation in ({"foreach": False}, {"foreach": True}, {"fused": True}):
        try:
            probe = torch.zeros(1, requires_grad=True)
            trial = maker([probe], lr=0.1, **implementation)
            probe.grad = torch.ones(1)
            trial.step()
        except (TypeError, RuntimeError):
            continue
        accepted.append(implementation)
    return accepted


if __name__ == "__main__":
    main()
