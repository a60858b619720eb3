"""Draws variants of image/village_cloth: invents weaves and photographs cloth made with them."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from assay.items.store import save_arrays
from assay.items.variant import Split, Variant

SIZE = 48  # pixels of a photograph, each way
VILLAGES = 6  # classes
TRAIN = 3000  # photographs
HIDDEN = 3000  # photographs, in each of the hidden and the sealed set

PERIOD = 6  # threads after which a weave repeats, each way
CHANGES = 4  # of side that a thread makes in a repeat, on average
CLOSEST = 0.27  # share of crossings in which two weaves differ at the least
# What `yardsticks` says of the weaves of a variant, and the share that it may be off.
TYPICAL = np.array([0.52, 0.38, 0.56, 0.43, 0.111, 0.47, 0.34], np.float32)
ATYPICAL = 0.12
PITCH = (3.4, 4.4)  # pixels from thread to thread
TURN = 0.35  # radians by which a cloth may lie turned, either way
NOISE = (2.0, 9.0)  # standard deviation of the noise, of 255
BLUR = (0.35, 0.75)  # standard deviation of the blur, pixels
CHUNK = 300  # photographs at a time

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]
Weaves = npt.NDArray[np.int8]  # (weave, weft thread, warp thread): 1 where the warp is on top

NAMES: Sequence[tuple[str, str]] = (
    ("Alder Ford", "桤木渡"),
    ("Three Mills", "三磨坊"),
    ("Snow Gate", "雪门"),
    ("Old Saddle", "老鞍村"),
    ("Heron Pool", "鹭潭"),
    ("Upper Kiln", "上窑"),
    ("Goat Bridge", "羊桥"),
    ("Salt Steps", "盐阶"),
    ("Long Meadow", "长草甸"),
    ("Fox Hollow", "狐狸坳"),
    ("Nine Springs", "九泉"),
    ("Bell Rock", "钟岩"),
)
VALLEYS: Sequence[tuple[str, str]] = (
    ("the Ilvane valley", "伊尔万谷"),
    ("the Sorrel valley", "索雷尔谷"),
    ("the Tamsin valley", "塔姆辛谷"),
    ("the Orre valley", "奥雷谷"),
    ("the Keld valley", "凯尔德谷"),
)
# Natural dyes, as they come from the pot.
DYES = np.array(
    [
        (178, 58, 48),  # madder
        (122, 38, 52),  # cochineal
        (38, 62, 112),  # indigo
        (92, 132, 164),  # pale indigo
        (214, 172, 66),  # weld
        (196, 118, 48),  # onion skin
        (84, 104, 58),  # indigo over weld
        (142, 150, 92),  # nettle
        (98, 68, 48),  # walnut
        (224, 212, 186),  # undyed wool
        (172, 158, 134),  # grey sheep
        (52, 48, 48),  # black sheep
        (132, 88, 128),  # lichen
    ],
    np.float32,
)
CONTRAST = 55.0  # that the yarns of a cloth differ in brightness at the least, of 255


def variant(seed: int) -> Variant:
    """Invent six weaves, and take photographs of cloth."""
    rng = np.random.default_rng(seed)
    weaves = invent(rng)
    names = [NAMES[i] for i in rng.choice(len(NAMES), VILLAGES, replace=False)]
    valley = VALLEYS[rng.integers(len(VALLEYS))]
    (train, train_labels), *secret = (photographs(weaves, n, rng) for n in (TRAIN, HIDDEN, HIDDEN))
    hidden, sealed = (
        Split(inputs={"image": images.astype(np.float32)}, labels=labels)
        for images, labels in secret
    )
    return Variant(
        files={
            "train.npz": save_arrays({"images": train, "labels": train_labels.astype(np.uint8)}),
            "classes.json": classes_json(names),
            "weaves.png": poster(weaves),
        },
        train={"image": train.astype(np.float32)},
        hidden=hidden,
        sealed=sealed,
        texts={
            language: {
                "valley": valley[k],
                "villages": "\n".join(f"| {i} | {name[k]} |" for i, name in enumerate(names)),
            }
            for k, language in enumerate(("en", "zh-CN"))
        },
    )


# Weaves


def invent(rng: np.random.Generator) -> Weaves:
    """Return weaves `(VILLAGES, PERIOD, PERIOD)`, as hard to tell apart as in any other variant.

    Every thread is on top in half of its crossings and changes sides equally often in every
    weave, so that none shows more of its warp, and none is coarser than another. What else
    makes a set easy or hard, its `yardsticks`, has to be as it is `TYPICAL`.
    """
    pool = drafts(rng)
    apart = differences(pool) >= CLOSEST
    while True:
        sets = np.array([chosen for _ in range(200) if (chosen := pick(apart, rng))])
        away = np.abs(yardsticks(pool, sets) / TYPICAL - 1).max(axis=1)
        (usual,) = np.nonzero(away <= ATYPICAL)
        if len(usual):
            return pool[sets[usual[0]]]


def pick(apart: npt.NDArray[np.bool_], rng: np.random.Generator) -> list[int]:
    """Return `VILLAGES` numbers of weaves that are all `apart`, or none if chance leads astray."""
    chosen: list[int] = []
    left = np.ones(len(apart), np.bool_)
    while len(chosen) < VILLAGES:
        if not left.any():
            return []
        chosen.append(int(rng.choice(np.flatnonzero(left))))
        left &= apart[chosen[-1]]
    return chosen


def yardsticks(weaves: Weaves, sets: Labels) -> Floats:
    """Return how different the weaves of a set look to a network that sees little at a time.

    What a convolution can find is a window of some threads each way, wherever it lies; what is
    left of a weave that a mean is taken of is which windows occur in it, and how often. What
    blur leaves of it are waves.

    Args:
        weaves: `(n, PERIOD, PERIOD)`.
        sets: Which weaves are in each set, `(s, VILLAGES)`.

    Returns:
        `(s, 7)`: the mean share of windows of 2 by 3 threads that only one weave of two has,
        between all of them and from each to the one nearest to it; the same for 3 by 2; for
        1 by 4 between all; how far apart their waves are, from each to the one nearest to it
        and between the two that are closest.
    """

    def gaps(between: Floats) -> Floats:
        return between[sets[:, :, None], sets[:, None, :]]

    wide, high, flat = (gaps(windows(weaves, size)) for size in ((2, 3), (3, 2), (1, 4)))
    seen = nearest(gaps(waves(weaves)))
    found = (
        on_average(wide),
        nearest(wide).mean(axis=1),
        on_average(high),
        nearest(high).mean(axis=1),
        on_average(flat),
        seen.mean(axis=1),
        seen.min(axis=1),
    )
    return np.stack(found, axis=1)


def on_average(gaps: Floats) -> Floats:
    """Return the mean over all pairs of a set, `(s,)`, of gaps `(s, VILLAGES, VILLAGES)`."""
    return gaps.sum(axis=(1, 2)) / (VILLAGES * (VILLAGES - 1))


def nearest(gaps: Floats) -> Floats:
    """Return how near the nearest other is to each of a set, `(s, VILLAGES)`."""
    return np.where(np.eye(VILLAGES, dtype=np.bool_), np.inf, gaps).min(axis=2).astype(np.float32)


def windows(weaves: Weaves, size: tuple[int, int]) -> Floats:
    """Return the share of windows of some weft by warp threads that one of two weaves lacks.

    Returns:
        `(n, n)`, from 0 to 1.
    """
    places = itertools.product(range(size[0]), range(size[1]))
    cells = [np.roll(weaves, (-i, -j), (1, 2)).reshape(len(weaves), -1) for i, j in places]
    codes = sum(cell.astype(np.int64) << k for k, cell in enumerate(cells))
    counts = (np.asarray(codes)[:, :, None] == np.arange(2 ** len(cells))).sum(axis=1)
    shared = np.minimum(counts[:, None], counts).sum(axis=2)
    return (1 - shared / PERIOD**2).astype(np.float32)


def waves(weaves: Weaves) -> Floats:
    """Return how far apart weaves are by the waves they are made of, `(n, n)`.

    A cloth lies turned, and is photographed from nearer or from farther away: waves of about
    the same direction and length cannot be told apart. So a weave's spectrum is smeared over
    both before it is compared.
    """
    steps = np.fft.fftfreq(PERIOD, 1 / PERIOD)
    down, right = (axis.ravel()[1:] for axis in np.meshgrid(steps, steps, indexing="ij"))
    direction, count = np.arctan2(down, right) % np.pi, np.hypot(down, right)
    turned = np.abs(np.arange(0, np.pi, np.pi / 12)[:, None] - direction)
    turned = np.minimum(turned, np.pi - turned)[:, None]
    zoomed = np.log(np.array([1, 1.4, 2, 2.8, 3.6])[:, None] / count)
    smear = np.exp(-((turned / 0.3) ** 2) / 2 - (zoomed / 0.4) ** 2 / 2)
    power = np.abs(np.fft.fft2(2.0 * weaves - 1)).reshape(len(weaves), -1)[:, 1:] ** 2
    strength = np.sqrt(power @ smear.reshape(-1, len(count)).T) / PERIOD**2
    return np.linalg.norm(strength[:, None] - strength, axis=2).astype(np.float32)


def drafts(rng: np.random.Generator) -> Weaves:
    """Return weaves `(n, PERIOD, PERIOD)` of even threads, some dozens of them."""
    patterns = np.array(list(itertools.product([0, 1], repeat=PERIOD)), np.int8)
    even = patterns.sum(axis=1) == PERIOD // 2
    threads = patterns[even & (changes(patterns, axis=1) == CHANGES)]
    tried = threads[rng.integers(len(threads), size=(100_000, PERIOD))]
    even = (tried.sum(axis=1) == PERIOD // 2).all(axis=1)
    return tried[even & (changes(tried, axis=1).sum(axis=1) == CHANGES * PERIOD)]


def changes(weaves: Weaves, axis: int) -> Labels:
    """Return how often each thread along `axis` goes up or down in a repeat."""
    return (weaves != np.roll(weaves, 1, axis)).sum(axis=axis)


def differences(weaves: Weaves) -> Floats:
    """Return the shares of crossings in which weaves differ when laid over each other best.

    They may be moved or turned upside down: both are left open by a look at a scrap.

    Args:
        weaves: `(n, PERIOD, PERIOD)`.

    Returns:
        `(n, n)`, from 0 to 1.
    """
    signs = 2 * weaves.astype(np.float32) - 1
    flat = signs.reshape(len(weaves), -1)
    best = np.full((len(weaves), len(weaves)), -np.inf, np.float32)
    for turned in (signs, signs[:, ::-1, ::-1]):
        for move in itertools.product(range(PERIOD), repeat=2):
            laid = np.roll(turned, move, (1, 2)).reshape(len(weaves), -1)
            best = np.maximum(best, flat @ laid.T)
    return 0.5 - 0.5 * best / PERIOD**2


# Photographs


def photographs(
    weaves: Weaves, count: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], Labels]:
    """Return photographs `(count, SIZE, SIZE, 3)` and whose weave is on each, `(count,)`."""
    labels = rng.permutation(np.arange(count) % len(weaves))
    images = np.empty((count, SIZE, SIZE, 3), np.uint8)
    for start in range(0, count, CHUNK):
        part = labels[start : start + CHUNK]
        photo = cloth(weaves, part, yarns(len(part), rng), rng)
        photo = wear(photo, rng)
        photo = light(photo, rng)
        photo = blur(photo, rng)
        photo += rng.standard_normal(photo.shape, dtype=np.float32) * each(rng, len(part), *NOISE)
        images[start : start + CHUNK] = np.clip(np.rint(photo), 0, 255)
    return images, labels


def yarns(count: int, rng: np.random.Generator) -> Floats:
    """Return the colours of warp and weft, `(count, 2, 3)`: two dyes that differ in brightness."""
    brightness = DYES.mean(axis=1)
    pairs = np.argwhere(np.abs(brightness[:, None] - brightness) >= CONTRAST)
    chosen = DYES[pairs[rng.integers(len(pairs), size=count)]]
    return chosen + rng.normal(0, 8, chosen.shape).astype(np.float32)


def cloth(weaves: Weaves, labels: Labels, colours: Floats, rng: np.random.Generator) -> Floats:
    """Return pieces of cloth that fill the picture, `(n, SIZE, SIZE, 3)`."""
    n = len(labels)
    angle = each(rng, n, -TURN, TURN)[..., 0]
    x, y = grid()
    across = np.cos(angle) * x + np.sin(angle) * y
    along = np.cos(angle) * y - np.sin(angle) * x
    # Cloth never lies flat.
    across += each(rng, n, 0, 1.2)[..., 0] * np.sin(along * each(rng, n, 0.05, 0.15)[..., 0])
    u = across / each(rng, n, *PITCH)[..., 0] + each(rng, n, 100, 200)[..., 0]
    v = along / each(rng, n, *PITCH)[..., 0] + each(rng, n, 100, 200)[..., 0]
    warp, weft = u.astype(np.int32), v.astype(np.int32)  # numbers of the threads
    off_warp, off_weft = u - warp - 0.5, v - weft - 0.5  # from a thread's middle, -0.5 to 0.5

    def on_top(weft: npt.NDArray[np.int32], warp: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        crossing = (labels[:, None, None] * PERIOD + weft % PERIOD) * PERIOD + warp % PERIOD
        return weaves.ravel()[crossing] == 1

    top = on_top(weft, warp)
    # The thread on top is round, and dives where the next one along it comes up.
    beside = np.where(top, off_warp, off_weft)
    ahead = np.where(top, off_weft, off_warp)
    step = np.sign(ahead).astype(np.int32)
    goes_on = on_top(weft + np.where(top, step, 0), warp + np.where(top, 0, step)) == top
    shade = np.cos(2.3 * beside) * np.where(goes_on, 1, 0.35 + 0.65 * np.cos(2.6 * ahead))
    # No two threads took the dye alike.
    dye = rng.normal(1, 0.07, (n, 2 * 64)).astype(np.float32)
    thread = np.where(top, warp % 64, 64 + weft % 64)
    shade *= np.take_along_axis(dye, thread.reshape(n, -1), axis=1).reshape(shade.shape)
    colour = np.where(top[..., None], colours[:, None, None, 0], colours[:, None, None, 1])
    return colour * shade[..., None].astype(np.float32)


def wear(photo: Floats, rng: np.random.Generator) -> Floats:
    """Leave stains, rub the cloth thin in places, let threads and straws lie on it."""
    n = len(photo)
    x, y = grid()
    for share, low, high in ((0.5, 0.45, 0.85), (0.4, 0.5, 0.9)):
        away = (x - each(rng, n, -24, 24)[..., 0]) ** 2 + (y - each(rng, n, -24, 24)[..., 0]) ** 2
        radius = each(rng, n, 4, 14)[..., 0]
        spot = np.exp(-((away / radius**2) ** 2)) * (each(rng, n, 0, 1)[..., 0] < share)
        tint = rng.uniform(low, high, (n, 1, 1, 3)).astype(np.float32)
        photo = photo * (1 - spot[..., None] * (1 - tint))
    faded = each(rng, n, 0, 0.35)
    photo = photo * (1 - faded) + 150 * faded
    for _ in range(2):
        lies = np.abs(sloped(rng, n) + each(rng, n, -22, 22)) < each(rng, n, 0.4, 1.3)
        lies &= each(rng, n, 0, 1) < 0.3
        colour = rng.uniform(40, 230, (n, 1, 1, 3)).astype(np.float32)
        photo = np.where(lies, colour, photo)
    return photo


def light(photo: Floats, rng: np.random.Generator) -> Floats:
    """Let lamps of any colour shine from somewhere, and a fold cast its shadow."""
    n = len(photo)
    gain = each(rng, n, 0.55, 1.2) * (1 + each(rng, n, 0, 0.012) * sloped(rng, n))
    fold = np.exp(-((sloped(rng, n) - each(rng, n, -30, 30)) ** 2) / each(rng, n, 3, 9) ** 2)
    gain *= 1 - fold * each(rng, n, 0, 0.55)
    return photo * gain * rng.uniform(0.88, 1.12, (n, 1, 1, 3)).astype(np.float32)


def blur(photo: Floats, rng: np.random.Generator) -> Floats:
    """Blur each photograph by its own amount, as a lens does."""
    spread = each(rng, len(photo), *BLUR)
    side = np.exp(-0.5 / spread**2)
    middle, side = 1 / (1 + 2 * side), side / (1 + 2 * side)
    for axis in (1, 2):
        padding = [(1, 1) if k == axis else (0, 0) for k in range(4)]
        wide = np.moveaxis(np.pad(photo, padding, mode="edge"), axis, 1)
        sharp = np.moveaxis(photo, axis, 1)
        photo = np.moveaxis(middle * sharp + side * (wide[:, :-2] + wide[:, 2:]), 1, axis)
    return photo


def grid() -> tuple[Floats, Floats]:
    """Return how far right and how far down pixels are from the middle, each `(1, SIZE, SIZE)`."""
    steps = np.arange(SIZE, dtype=np.float32) - (SIZE - 1) / 2
    y, x = np.meshgrid(steps, steps, indexing="ij")
    return x[None], y[None]


def each(rng: np.random.Generator, n: int, low: float, high: float) -> Floats:
    """Return a random number for each photograph, `(n, 1, 1, 1)`."""
    return rng.uniform(low, high, (n, 1, 1, 1)).astype(np.float32)


def sloped(rng: np.random.Generator, n: int) -> Floats:
    """Return how far the pixels are along a random direction, `(n, SIZE, SIZE, 1)`."""
    angle = each(rng, n, 0, 2 * np.pi)
    x, y = grid()
    return np.cos(angle) * x[..., None] + np.sin(angle) * y[..., None]


# What the candidate gets


def classes_json(names: Sequence[tuple[str, str]]) -> bytes:
    """Return the names of the villages as JSON."""
    classes = [{"index": i, "en": en, "zh-CN": zh} for i, (en, zh) in enumerate(names)]
    return json.dumps(classes, ensure_ascii=False, indent=2).encode() + b"\n"


def poster(weaves: Weaves) -> bytes:
    """Return a picture of all weaves side by side, new: dark warp upright, light weft across."""
    picture = Image.new("RGB", (VILLAGES * 156 + 12, 168), (235, 230, 220))
    for column, tile in enumerate(tiles(weaves)):
        picture.paste(Image.fromarray(tile), (12 + column * 156, 12))
    file = io.BytesIO()
    picture.save(file, format="PNG")
    return file.getvalue()


def tiles(weaves: Weaves) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield a picture of each weave, two repeats each way, `(144, 144, 3)`."""
    cell = 12
    steps = (np.arange(cell) + 0.5) / cell - 0.5
    round_ = np.cos(2.3 * steps)
    for draft in weaves:
        top = np.tile(draft, (2, 2)).repeat(cell, 0).repeat(cell, 1)[..., None] == 1
        upright = np.tile(round_, 2 * PERIOD)[None, :, None] * np.array([38, 62, 112])
        across = np.tile(round_, 2 * PERIOD)[:, None, None] * np.array([224, 212, 186])
        yield np.where(top, upright, across).astype(np.uint8)
