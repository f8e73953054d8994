"""Writes test/reference/augment.json: DiffAugment and ADA's pipeline by PyTorch, in float64.

Each is built from what the papers say, by other means than in src/gan/augment: pixels are picked from a padded image,
geometry is a product of homogeneous matrices read by grid_sample, colour one of 4 x 4 matrices.

A case holds the random inputs as the graph takes them, the changed images y, and dx, the gradient of sum(y dy) by x.

Run: /usr/bin/python3 scripts/reference/augment.py
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from reference_file import exact, tensor, tensors, write

torch.set_default_dtype(torch.float64)
random = np.random.RandomState(0)

N, H, W = 3, 4, 5
images = {
    "colour": torch.tensor(exact(random.uniform(-1, 1, size=(N, 3, H, W)))),
    "grey": torch.tensor(exact(random.uniform(-1, 1, size=(N, 1, H, W)))),
}
cotangents = {name: torch.tensor(exact(random.normal(size=x.shape))) for name, x in images.items()}


def uniform(shape, low=0.0, high=1.0):
    return torch.tensor(exact(random.uniform(low, high, size=shape)))


def normal(shape, deviation):
    return torch.tensor(exact(random.normal(size=shape) * deviation))


def case(kind, feeds, f):
    x = images[kind].clone().requires_grad_()
    y = f(x)
    (dx,) = torch.autograd.grad(y, x, cotangents[kind])
    return {"images": kind, "feeds": tensors(feeds), "y": tensor(y), "dx": tensor(dx)}


# DiffAugment, on images in [-1, 1].


def diff_color(x, feeds):
    x = x + feeds["color/brightness"]
    if x.shape[1] > 1:
        grey = x.mean(dim=1, keepdim=True)
        x = (x - grey) * feeds["color/saturation"] + grey
    grey = x.mean(dim=[1, 2, 3], keepdim=True)
    return (x - grey) * feeds["color/contrast"] + grey


def diff_translation(x, feeds):
    padded = F.pad(x, [W, W, H, H])
    moved = []
    for i in range(N):
        down = math.floor(feeds["translation/rows"][i].item())
        right = math.floor(feeds["translation/columns"][i].item())
        moved.append(padded[i, :, H - down : 2 * H - down, W - right : 2 * W - right])
    return torch.stack(moved)


def diff_cutout(x, feeds):
    mask = torch.ones(N, 1, H, W)
    for i in range(N):
        for r in range(H):
            for c in range(W):
                first_row = math.floor(feeds["cutout/rows"][i].item()) - 2 // 2
                first_column = math.floor(feeds["cutout/columns"][i].item()) - 3 // 2
                if first_row <= r < first_row + 2 and first_column <= c < first_column + 3:
                    mask[i, 0, r, c] = 0
    return x * mask


def diff_feeds():
    one = (N, 1, 1, 1)
    return {
        "color/brightness": uniform(one, -0.5, 0.5),
        "color/contrast": uniform(one, 0.5, 1.5),
        "color/saturation": uniform(one, 0, 2),
        "translation/rows": torch.tensor([-0.5, 0.5, 1.5]).reshape(one),
        "translation/columns": torch.tensor([1.25, -0.25, -1.0]).reshape(one),
        "cutout/rows": torch.tensor([0.5, 4.75, 2.0]).reshape(one),
        "cutout/columns": torch.tensor([4.5, 0.0, 2.5]).reshape(one),
    }


diff_policies = {"color": diff_color, "translation": diff_translation, "cutout": diff_cutout}


def diff_case(kind, names):
    feeds = {name: value for name, value in diff_feeds().items() if name.split("/")[0] in names}
    if kind == "grey":
        feeds.pop("color/saturation", None)

    def f(x):
        for name in names:
            x = diff_policies[name](x, feeds)
        return x

    return {"policies": names, **case(kind, feeds, f)}


# ADA, on images in [-1, 1].

GEOMETRY = ["xflip", "rotate90", "xint", "scale", "rotate", "aniso", "xfrac"]
COLOUR = ["brightness", "contrast", "lumaflip", "hue", "saturation"]


def batched(rows):
    """[N, n, n] from n x n numbers or vectors [N]."""
    return torch.stack(
        [torch.stack([torch.as_tensor(v, dtype=torch.float64).expand(N) for v in row], dim=1) for row in rows],
        dim=1,
    )


def translate2(tx, ty):
    return batched([[1, 0, tx], [0, 1, ty], [0, 0, 1]])


def scale2(sx, sy):
    return batched([[sx, 0, 0], [0, sy, 0], [0, 0, 1]])


def rotate2(cos, sin):
    return batched([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])


def read_by(x, inverse):
    """inverse: [N, 3, 3], from centred pixels of the result to centred pixels of x."""
    columns, rows = torch.meshgrid(torch.arange(W), torch.arange(H), indexing="xy")
    pixels = torch.stack([columns - (W - 1) / 2, rows - (H - 1) / 2, torch.ones(H, W)]).reshape(3, H * W)
    at = (inverse @ pixels)[:, :2].reshape(N, 2, H, W)
    grid = torch.stack([at[:, 0] * 2 / (W - 1), at[:, 1] * 2 / (H - 1)], dim=3)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=True)


def chosen(feeds, name, p, drawn, neutral):
    applied = feeds[f"{name}/applied"].reshape(N) < p
    return torch.where(applied, drawn, torch.full((N,), float(neutral)))


def geometry(x, feeds, names, p):
    inverse = torch.eye(3).expand(N, 3, 3)
    if "xflip" in names:
        side = 2 * torch.floor(feeds["xflip/side"].reshape(N)) - 1
        inverse = inverse @ scale2(chosen(feeds, "xflip", p, side, 1), 1)
    if "rotate90" in names:
        quarter = torch.floor(feeds["rotate90/turns"]) * math.pi / 2
        angle = chosen(feeds, "rotate90", p, quarter, 0)
        inverse = inverse @ rotate2(torch.cos(angle), torch.sin(angle))
    if "xint" in names:
        share = feeds["xint/share"]
        right = chosen(feeds, "xint", p, torch.round(share[:, 0] * W), 0)
        down = chosen(feeds, "xint", p, torch.round(share[:, 1] * H), 0)
        inverse = inverse @ translate2(-right, -down)
    if "scale" in names:
        s = chosen(feeds, "scale", p, torch.exp(feeds["scale/log"].reshape(N)), 1)
        inverse = inverse @ scale2(1 / s, 1 / s)
    p_rotation = 1 - math.sqrt(1 - p)
    if "rotate" in names:
        inverse = inverse @ rotation(feeds, "rotate/before", p_rotation)
    if "aniso" in names:
        s = chosen(feeds, "aniso", p, torch.exp(feeds["aniso/log"].reshape(N)), 1)
        inverse = inverse @ scale2(1 / s, s)
    if "rotate" in names:
        inverse = inverse @ rotation(feeds, "rotate/after", p_rotation)
    if "xfrac" in names:
        share = feeds["xfrac/share"]
        right = chosen(feeds, "xfrac", p, share[:, 0] * W, 0)
        down = chosen(feeds, "xfrac", p, share[:, 1] * H, 0)
        inverse = inverse @ translate2(-right, -down)
    return read_by(x, inverse)


def rotation(feeds, name, p):
    direction = feeds[f"{name}/direction"]
    return rotate2(chosen(feeds, name, p, direction[:, 0], 1), chosen(feeds, name, p, direction[:, 1], 0))


def colour(x, feeds, names, p):
    matrix = torch.eye(4).expand(N, 4, 4)
    axis = torch.tensor([1.0, 1.0, 1.0, 0.0]) / math.sqrt(3)
    along = torch.outer(axis, axis)
    unit = torch.eye(4)
    if "brightness" in names:
        b = chosen(feeds, "brightness", p, feeds["brightness/shift"].reshape(N), 0)
        matrix = batched([[1, 0, 0, b], [0, 1, 0, b], [0, 0, 1, b], [0, 0, 0, 1]]) @ matrix
    if "contrast" in names:
        c = chosen(feeds, "contrast", p, torch.exp(feeds["contrast/log"].reshape(N)), 1)
        matrix = batched([[c, 0, 0, 0], [0, c, 0, 0], [0, 0, c, 0], [0, 0, 0, 1]]) @ matrix
    if "lumaflip" in names:
        side = chosen(feeds, "lumaflip", p, 2 * torch.floor(feeds["lumaflip/side"].reshape(N)) - 1, 1)
        flip = ((1 - side) / 2).reshape(N, 1, 1)
        matrix = (unit - 2 * along * flip) @ matrix
    if "hue" in names and x.shape[1] == 3:
        direction = feeds["hue/direction"]
        cos = chosen(feeds, "hue", p, direction[:, 0], 1).reshape(N, 1, 1)
        sin = chosen(feeds, "hue", p, direction[:, 1], 0).reshape(N, 1, 1)
        cross = torch.zeros(4, 4)
        cross[:3, :3] = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
        last = torch.diag(torch.tensor([0.0, 0, 0, 1]))
        turn = along + cos * (unit - along - last) + sin * cross + last
        matrix = turn @ matrix
    if "saturation" in names and x.shape[1] == 3:
        s = chosen(feeds, "saturation", p, torch.exp(feeds["saturation/log"].reshape(N)), 1).reshape(N, 1, 1)
        last = torch.diag(torch.tensor([0.0, 0, 0, 1]))
        matrix = (along + (unit - along - last) * s + last) @ matrix
    if x.shape[1] == 1:
        # A grey pixel as a colour, changed, and the mean of its channels.
        return x * matrix[:, :3, :3].sum(dim=(1, 2)).reshape(N, 1, 1, 1) / 3 + matrix[:, :3, 3].mean(dim=1).reshape(
            N, 1, 1, 1
        )
    flat = x.reshape(N, 3, H * W)
    return (matrix[:, :3, :3] @ flat + matrix[:, :3, 3:]).reshape(x.shape)


def cutout(x, feeds, p):
    rows = (torch.arange(H) + 0.5).reshape(1, 1, H, 1)
    columns = (torch.arange(W) + 0.5).reshape(1, 1, 1, W)
    cut = ((rows / H - feeds["cutout/rows"]).abs() < 0.25) & ((columns / W - feeds["cutout/columns"]).abs() < 0.25)
    applied = feeds["cutout/applied"] < p
    return torch.where(cut & applied, torch.zeros(()), x)


def directions():
    angle = random.uniform(-math.pi, math.pi, size=N)
    return torch.tensor(np.stack([np.cos(angle), np.sin(angle)], axis=1))


def ada_feeds(kind, names):
    feeds = {}
    for name in names:
        if name in ["hue", "saturation"] and kind == "grey":
            continue
        if name in GEOMETRY:
            applied, one = (N, 1), (N, 1)
        elif name in COLOUR:
            applied, one = (N, 1, 1), (N, 1, 1)
        else:
            applied, one = (N, 1, 1, 1), (N, 1, 1, 1)
        for part in ["rotate/before", "rotate/after"] if name == "rotate" else [name]:
            feeds[f"{part}/applied"] = uniform(applied)
        if name in ["xflip", "lumaflip"]:
            feeds[f"{name}/side"] = uniform(one, 0, 2)
        elif name == "rotate90":
            feeds["rotate90/turns"] = uniform((N,), 0, 4)
        elif name == "xint":
            feeds["xint/share"] = uniform((N, 2), -0.125, 0.125)
        elif name == "xfrac":
            feeds["xfrac/share"] = normal((N, 2), 0.125)
        elif name == "rotate":
            feeds["rotate/before/direction"] = directions()
            feeds["rotate/after/direction"] = directions()
        elif name in ["scale", "aniso"]:
            feeds[f"{name}/log"] = normal(one, 0.2 * math.log(2))
        elif name == "brightness":
            feeds["brightness/shift"] = normal(one, 0.2)
        elif name == "contrast":
            feeds["contrast/log"] = normal(one, 0.5 * math.log(2))
        elif name == "saturation":
            feeds["saturation/log"] = normal(one, math.log(2))
        elif name == "hue":
            feeds["hue/direction"] = directions()
        elif name == "cutout":
            feeds["cutout/rows"] = uniform(one)
            feeds["cutout/columns"] = uniform(one)
    return feeds


def ada_case(kind, names, p):
    feeds = ada_feeds(kind, names)

    def f(x):
        x = geometry(x, feeds, names, p)
        x = colour(x, feeds, names, p)
        return cutout(x, feeds, p) if "cutout" in names else x

    return {"transforms": names, "p": p, **case(kind, feeds, f)}


everything = [*GEOMETRY, *COLOUR, "cutout"]
write(
    "augment",
    {
        "images": tensors(images),
        "cotangents": tensors(cotangents),
        "diffAugment": [
            diff_case("colour", ["color"]),
            diff_case("colour", ["translation"]),
            diff_case("colour", ["cutout"]),
            diff_case("colour", ["color", "translation", "cutout"]),
            diff_case("grey", ["color", "translation", "cutout"]),
        ],
        "ada": [
            *[ada_case("grey" if name in GEOMETRY else "colour", [name], 1.0) for name in everything],
            ada_case("colour", everything, 0.75),
            ada_case("grey", everything, 0.75),
        ],
    },
)
