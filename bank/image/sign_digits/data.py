"""Draws variants of image/sign_digits: photographs of hands, seen through another camera.

The data set has no names of signers, but its files are numbered as they were taken: each
signer showed the signs from 0 to 9 in turn. Signers are told apart by that, and nobody is in
two of the three sets.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from assay.items.downloads import fetch
from assay.items.store import save_arrays
from assay.items.variant import Split, Variant

SIZE = 100  # pixels of a photograph, each way
SIGNS = 10
HIDDEN_EACH = 60  # photographs of each sign, in each of the hidden and the sealed set
SPARE = 7  # signers more than photographs of a sign: some did not show every sign

TILT = 0.20  # standard deviation of the camera's rotation, radians
ZOOM = (0.80, 1.15)  # of the hands
SHIFT = 8.0  # pixels that the camera may be off, each way
NOISE = (1.0, 6.0)  # standard deviation of the noise, of 255

Photos = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]

COMMANDS: Sequence[tuple[str, str]] = (
    ("hoist", "起吊"),
    ("lower", "下放"),
    ("swing left", "向左回转"),
    ("swing right", "向右回转"),
    ("slowly", "慢一点"),
    ("stop", "停"),
    ("hook on", "挂钩"),
    ("unhook", "脱钩"),
    ("move on", "行走"),
    ("lunch", "开饭"),
    ("boom up", "起臂"),
    ("boom down", "落臂"),
    ("all clear", "确认安全"),
    ("again", "再来一次"),
)
SITES: Sequence[tuple[str, str]] = (
    ("Granite Bay", "花岗湾"),
    ("the North Quay", "北码头"),
    ("Slate Hill", "板岩岗"),
    ("the Long Dock", "长船坞"),
    ("Marble Fork", "大理石岔"),
)


def variant(seed: int) -> Variant:
    """Choose signers for each set, agree on what the signs mean, and put up a camera."""
    rng = np.random.default_rng(seed)
    photos, signs, signers = read(fetch(Path(__file__).parent, "Dataset"))
    means = rng.permutation(SIGNS)  # sign → label
    mirrored = bool(rng.integers(2))
    train, *held_back = deal(rng, signs, signers)

    def take(chosen: Labels) -> tuple[Photos, Labels]:
        return retake(photos[chosen], rng, mirrored=mirrored), means[signs[chosen]]

    images, labels = take(train)
    secret = [
        Split(inputs={"image": x.astype(np.float32)}, labels=y) for x, y in map(take, held_back)
    ]
    names = [COMMANDS[i] for i in rng.choice(len(COMMANDS), SIGNS, replace=False)]
    site = SITES[rng.integers(len(SITES))]
    return Variant(
        files={
            "train.npz": save_arrays({"images": images, "labels": labels.astype(np.uint8)}),
            "classes.json": classes_json(names),
        },
        train={"image": images.astype(np.float32)},
        hidden=secret[0],
        sealed=secret[1],
        texts={
            language: {
                "site": site[k],
                "count": str(len(images)),
                "commands": "\n".join(f"| {i} | {name[k]} |" for i, name in enumerate(names)),
            }
            for k, language in enumerate(("en", "zh-CN"))
        },
    )


def read(folder: Path) -> tuple[Photos, Labels, Labels]:
    """Return photographs `(n, SIZE, SIZE, 3)`, the signs on them and who shows them, `(n,)`."""
    paths = sorted(folder.glob("*/*.JPG"), key=lambda path: path.stem)
    signs = np.array([int(path.parent.name) for path in paths])
    return np.stack([photograph(path) for path in paths]), signs, tell_signers(signs)


def photograph(path: Path) -> Photos:
    """Return one photograph; three of them are as large as the camera made them, and lie."""
    with Image.open(path) as file:
        picture = ImageOps.exif_transpose(file).convert("RGB")
    if picture.size != (SIZE, SIZE):
        picture = picture.resize((SIZE, SIZE), Image.Resampling.BOX)
    return np.asarray(picture)


def tell_signers(signs: Labels) -> Labels:
    """Return a number for each photograph's signer.

    A sequence of signs that rises through most of 0 to 9 is a signer; a shorter piece may be
    of the one before, and is counted as theirs.

    Args:
        signs: In the order in which the photographs were taken, `(n,)`.
    """
    starts = np.flatnonzero(np.diff(signs, prepend=SIGNS) <= 0)
    lengths = np.diff(starts, append=len(signs))
    begins = np.zeros(len(signs), np.int64)
    begins[starts[lengths > SIGNS // 2]] = 1
    return np.maximum(np.cumsum(begins), 1)


def deal(rng: np.random.Generator, signs: Labels, signers: Labels) -> tuple[Labels, Labels, Labels]:
    """Return the indices of training, hidden and sealed photographs; no set shares a signer.

    Args:
        rng: Who is in which set.
        signs: On the photographs, `(n,)`.
        signers: Who shows them, `(n,)`.
    """
    people = rng.permutation(np.unique(signers))
    share = HIDDEN_EACH + SPARE
    hidden, sealed = (
        choose(rng, signs, np.isin(signers, group))
        for group in (people[:share], people[share : 2 * share])
    )
    train = rng.permutation(np.flatnonzero(np.isin(signers, people[2 * share :])))
    return train, hidden, sealed


def choose(rng: np.random.Generator, signs: Labels, allowed: npt.NDArray[np.bool_]) -> Labels:
    """Return the indices of HIDDEN_EACH photographs of every sign, in random order."""
    chosen = [
        rng.choice(np.flatnonzero(allowed & (signs == sign)), HIDDEN_EACH, replace=False)
        for sign in range(SIGNS)
    ]
    return rng.permutation(np.concatenate(chosen))


def retake(photos: Photos, rng: np.random.Generator, *, mirrored: bool) -> Photos:
    """Return the photographs as a camera sees them that nobody holds straight.

    Args:
        photos: `(n, SIZE, SIZE, 3)`.
        rng: Where the camera is.
        mirrored: Whether it shows left for right.
    """
    out = np.empty_like(photos)
    for k, photo in enumerate(photos):
        angle, zoom = rng.normal(0, TILT), rng.uniform(*ZOOM)
        dx, dy = rng.uniform(-SHIFT, SHIFT, 2)
        a, b = np.cos(angle) / zoom, np.sin(angle) / zoom
        middle = SIZE / 2
        # What is beyond the edge is what is at the edge: a wall, or an arm.
        wide = np.pad(photo[:, ::-1] if mirrored else photo, [(SIZE, SIZE)] * 2 + [(0, 0)], "edge")
        moved = Image.fromarray(wide).transform(
            (SIZE, SIZE),
            Image.Transform.AFFINE,
            (
                *(a, b, SIZE + middle + dx - a * middle - b * middle),
                *(-b, a, SIZE + middle + dy + b * middle - a * middle),
            ),
            Image.Resampling.BILINEAR,
        )
        light = rng.uniform(0.55, 1.15) * rng.uniform(0.85, 1.15, 3)
        slope = rng.normal(0, 0.004, 2)
        steps = np.arange(SIZE) - middle
        shade = 1 + slope[0] * steps[:, None, None] + slope[1] * steps[None, :, None]
        noise = rng.standard_normal(photo.shape, dtype=np.float32) * rng.uniform(*NOISE)
        out[k] = np.clip(np.rint(np.asarray(moved) * light * shade + noise), 0, 255)
    return out


def classes_json(names: Sequence[tuple[str, str]]) -> bytes:
    """Return the names of the commands as JSON."""
    classes = [{"index": i, "en": en, "zh-CN": zh} for i, (en, zh) in enumerate(names)]
    return json.dumps(classes, ensure_ascii=False, indent=2).encode() + b"\n"
