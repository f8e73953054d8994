"""PyTorch's side of the benchmark of convolutions: a DCGAN step, written as well as PyTorch lets one.

G is 100 - 4x4 - ... - size x size in transposed 4 x 4 convolutions of stride 2 (64 channels before the image, twice as many at
each halving), batch norm and ReLU; D mirrors it with LeakyReLU, batch norm but in its first block, and a 4 x 4 convolution to
one logit. One iteration is Algorithm 1 with k = 1 and the non-saturating loss: D on real and on fake images apart, as batch
norm wants it, then G through the new D, whose parameters take no gradient. With a penalty, D has no batch norm, and its
penalty (R1 on real images or WGAN-GP's on interpolates) is computed in every step, by a double backward.

What makes it fast: the better of PyTorch's memory layouts and of its implementations of Adam, tried at the start; fakes for
D without a graph; denormals flushed, OpenMP threads asleep when idle, and malloc that keeps what it was given back.

Protocol: as pytorch_step.py.
"""

import argparse
import json
import os
import sys
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from pytorch_step import implementations, keep_freed_memory, say  # noqa: E402

LATENT, WIDTH, IMAGES = 100, 64, 2_000


def main() -> None:
    options = parse_options()
    try:
        import torch
    except ImportError as error:
        say({"unavailable": f"{error} (Debian: apt-get install python3-torch)"})
        return
    keep_freed_memory()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(2014)

    trainer = Trainer(torch, options)
    note = trainer.warm_up()
    engine = f"PyTorch {torch.__version__}"
    ready = {"engine": engine, "threads": torch.get_num_threads(), "parameters": trainer.parameter_count, "note": note}
    say({"ready": ready})
    for line in sys.stdin:
        iterations = json.loads(line)["iterations"]
        start = time.perf_counter()
        figures = trainer.run(iterations)
        say({"seconds": time.perf_counter() - start, **figures})


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, choices=[32, 64], default=32)
    parser.add_argument("--penalty", choices=["none", "r1", "gradientPenalty"], default="none")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    # Every engine's program is given every option of a step.
    options, _others = parser.parse_known_args()
    return options


class Trainer:
    def __init__(self, torch, options):
        self.torch, self.options, self.batch = torch, options, options.batch
        halvings = {32: 3, 64: 4}[options.size]
        self.images = torch.randint(0, 256, (IMAGES, 3, options.size, options.size), dtype=torch.uint8)
        self.generator = self.make_generator(halvings)
        self.discriminator = self.make_discriminator(halvings, normalised=options.penalty == "none")
        counted = [*self.generator.parameters(), *self.discriminator.parameters()]
        self.parameter_count = sum(p.numel() for p in counted)
        self.layout = torch.contiguous_format

    def make_generator(self, halvings):
        nn, channels = self.torch.nn, WIDTH * 2 ** (halvings - 1)
        layers = [nn.Linear(LATENT, channels * 16), nn.Unflatten(1, (channels, 4, 4))]
        layers += [nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]
        for level in reversed(range(halvings - 1)):
            out = WIDTH * 2**level
            layers += [nn.ConvTranspose2d(channels, out, 4, 2, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True)]
            channels = out
        return nn.Sequential(*layers, nn.ConvTranspose2d(channels, 3, 4, 2, 1), nn.Tanh())

    def make_discriminator(self, halvings, normalised):
        nn, channels, layers = self.torch.nn, 3, []
        for level in range(halvings):
            out = WIDTH * 2**level
            has_norm = normalised and level > 0
            layers.append(nn.Conv2d(channels, out, 4, 2, 1, bias=not has_norm))
            layers += [nn.BatchNorm2d(out)] if has_norm else []
            layers.append(nn.LeakyReLU(0.2, inplace=options_allow_inplace(self.options)))
            channels = out
        return nn.Sequential(*layers, nn.Conv2d(channels, 1, 4), nn.Flatten())

    def warm_up(self):
        """Keeps the fastest memory layout with the fastest optimiser; returns what they were."""
        torch = self.torch
        candidates = [
            (layout, implementation)
            for layout in (torch.contiguous_format, torch.channels_last)
            for implementation in implementations(torch, "adam")
        ]
        seconds = [float("inf")] * len(candidates)
        for _ in range(2):
            for i, candidate in enumerate(candidates):
                self.choose(*candidate)
                self.run(1)
                start = time.perf_counter()
                self.run(1)
                seconds[i] = min(seconds[i], time.perf_counter() - start)
        layout, implementation = candidates[seconds.index(min(seconds))]
        self.choose(layout, implementation)
        self.run(1)
        chosen = next((name for name, wanted in implementation.items() if wanted), "plain")
        return f"{str(layout).removeprefix('torch.')}, {chosen} optimiser"

    def choose(self, layout, implementation):
        self.layout = layout
        for network in (self.generator, self.discriminator):
            network.to(memory_format=layout)
        adam = lambda network: self.torch.optim.Adam(network.parameters(), lr=2e-4, betas=(0.5, 0.999), **implementation)
        self.optimiser_g, self.optimiser_d = adam(self.generator), adam(self.discriminator)

    def noise(self):
        return self.torch.randn(self.batch, LATENT)

    def run(self, iterations):
        for _ in range(iterations):
            loss_d, loss_g = self.discriminator_step(), self.generator_step()
        return {"lossD": loss_d.item(), "lossG": loss_g.item()}

    def discriminator_step(self):
        torch, softplus = self.torch, self.torch.nn.functional.softplus
        rows = torch.randint(IMAGES, (self.batch,))
        real = self.images[rows].float().div_(127.5).sub_(1).contiguous(memory_format=self.layout)
        with torch.no_grad():
            fake = self.generator(self.noise())
        needs_slope = self.options.penalty == "r1"
        on_real = self.discriminator(real.requires_grad_(needs_slope))
        loss = softplus(-on_real).mean() + softplus(self.discriminator(fake)).mean()
        total = loss + self.penalty(real, fake, on_real)
        self.optimiser_d.zero_grad(set_to_none=True)
        total.backward()
        self.optimiser_d.step()
        return loss.detach()

    def penalty(self, real, fake, on_real):
        torch = self.torch
        if self.options.penalty == "none":
            return 0
        if self.options.penalty == "r1":
            (slope,) = torch.autograd.grad(on_real.sum(), real, create_graph=True)
            return 5 * slope.square().sum((1, 2, 3)).mean()
        mix = torch.rand(self.batch, 1, 1, 1)
        between = (mix * real + (1 - mix) * fake).requires_grad_()
        (slope,) = torch.autograd.grad(self.discriminator(between).sum(), between, create_graph=True)
        return 10 * (slope.square().sum((1, 2, 3)).sqrt() - 1).square().mean()

    def generator_step(self):
        for p in self.discriminator.parameters():
            p.requires_grad_(False)
        loss = self.torch.nn.functional.softplus(-self.discriminator(self.generator(self.noise()))).mean()
        self.optimiser_g.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser_g.step()
        for p in self.discriminator.parameters():
            p.requires_grad_(True)
        return loss.detach()


def options_allow_inplace(options):
    """A double backward reads what an activation in place would have written over."""
    return options.penalty == "none"


if __name__ == "__main__":
    main()
