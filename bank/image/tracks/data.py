"""Draws variants of image/tracks: invents animals and photographs the prints of their feet."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from assay.items.variant import Split, Variant

ANIMALS = 4  # classes
TRAIN = 1400  # pictures
HIDDEN = 2000  # pictures, in each of the hidden and the sealed set
SIZE = 64  # pixels of a picture as the model gets it, each way
# Width and height of the pictures that six phones take, in pixels.
PHONES: Sequence[tuple[int, int]] = (
    (96, 72),
    (72, 96),
    (80, 80),
    (112, 64),
    (64, 112),
    (120, 90),
)
QUALITY = 92  # of the JPEG files

PRINT = (0.56, 0.88)  # length of a print, as a share of the picture's shorter side
TURN = 0.40  # radians by which a print may be turned, either way
SHIFT = 0.14  # of the picture that a print may be off the middle, each way
DEPTH = (0.7, 1.3)  # of the print in the ground
NOISE = (2.0, 9.0)  # standard deviation of the noise, of 255
CLOSEST = 0.22  # difference of two prints at the least: 0 equal, 1 unrelated
TYPICAL = (0.268, 0.282)  # the same, as a mean over all pairs of a variant's prints
POOL = 40  # feet to choose from
FOOT = 0.20  # share of the template that a foot covers: no animal is heavier than another

MASK = 96  # pixels of a template, each way
FINE = 4  # templates are drawn so many times larger
CHUNK = 200  # pictures at a time
GROUND = 256  # pixels of a piece of ground, each way

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]

# Names of folders, and what the animals are called.
NAMES: Sequence[tuple[str, str, str]] = (
    ("amberfox", "amber fox", "琥珀狐"),
    ("bogwolf", "bog wolf", "泽狼"),
    ("cinderlynx", "cinder lynx", "烬猞猁"),
    ("duskotter", "dusk otter", "暮獭"),
    ("fenbadger", "fen badger", "沼獾"),
    ("glacierbear", "glacier bear", "冰川熊"),
    ("hollowmarten", "hollow marten", "穴貂"),
    ("mosscat", "moss cat", "苔猫"),
    ("reedhound", "reed hound", "苇犬"),
    ("slateporcupine", "slate porcupine", "岩豪猪"),
    ("thornhare", "thorn hare", "棘兔"),
    ("windgenet", "wind genet", "风獛"),
)
RESERVES: Sequence[tuple[str, str]] = (
    ("Hallow Fells", "哈洛荒原"),
    ("the Otterburn reserve", "奥特本保护区"),
    ("the Mirren plateau", "米伦高原"),
    ("Grey Tarn park", "灰潭公园"),
    ("the Varrow coast", "瓦罗海岸"),
)
SNOW, SAND, MUD = (226, 232, 240), (206, 178, 136), (128, 100, 76)


@dataclass(frozen=True, kw_only=True)
class Foot:
    """What makes a foot an animal's own; lengths in shares of the template."""

    toes: int
    spread: float  # radians from the first toe to the last
    reach: float  # from the pad's middle to the toes
    long: float  # a toe's length over its width
    turned: bool  # whether the toes point away from the pad, or all ahead
    claws: bool
    pad: str  # shape
    wide: float  # the pad's width over its length


def variant(seed: int) -> Variant:
    """Invent four animals, and take pictures of their tracks."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(NAMES), ANIMALS, replace=False)
    names = sorted(NAMES[i] for i in chosen)
    reserve = RESERVES[rng.integers(len(RESERVES))]
    prints = invent(rng)
    walk = Walk(prints, rng)
    train, train_labels = walk.take(TRAIN)
    secret = [walk.take(HIDDEN) for _ in range(2)]
    hidden, sealed = (
        Split(inputs={"image": as_the_model_sees(pictures)}, labels=labels)
        for pictures, labels in secret
    )
    folders = [folder for folder, _, _ in names]
    return Variant(
        files={
            "pictures.zip": archive(train, [folders[k] for k in train_labels]),
            "tracks.png": poster(prints),
        },
        train={"image": as_the_model_sees(train)},
        hidden=hidden,
        sealed=sealed,
        texts={
            language: {
                "reserve": reserve[k],
                "count": f"{TRAIN:,}",
                "animals": "\n".join(
                    f"| {i} | `{name[0]}` | {name[1 + k]} |" for i, name in enumerate(names)
                ),
            }
            for k, language in enumerate(("en", "zh-CN"))
        },
    )


# Feet


def invent(rng: np.random.Generator) -> list[Floats]:
    """Return a template for each animal, none of them too much like another."""
    while True:
        drawn = [template(foot(rng)) for _ in range(POOL)]
        pool = [one for one in drawn if one is not None]
        gaps = differences(pool)
        for _ in range(100):
            chosen: list[int] = []
            for one in rng.permutation(len(pool)):
                if len(chosen) < ANIMALS and (gaps[one, chosen] >= CLOSEST).all():
                    chosen.append(int(one))
            pairs = gaps[np.ix_(chosen, chosen)][np.triu_indices(len(chosen), 1)]
            if len(chosen) == ANIMALS and TYPICAL[0] <= pairs.mean() <= TYPICAL[1]:
                return [pool[one] for one in chosen]


def foot(rng: np.random.Generator) -> Foot:
    """Return a foot that no animal has yet."""
    return Foot(
        toes=int(rng.integers(3, 6)),
        spread=float(rng.uniform(1.4, 2.9)),
        reach=float(rng.uniform(0.27, 0.36)),
        long=float(rng.uniform(1.0, 2.2)),
        turned=bool(rng.integers(2)),
        claws=bool(rng.integers(2)),
        pad=str(rng.choice(["round", "wedge", "lobes", "heel"])),
        wide=float(rng.uniform(0.9, 1.5)),
    )


def template(shape: Foot) -> Floats | None:
    """Return how deep a foot sinks in, `(MASK, MASK)` from 0 to 1, or None if it does not fit."""
    small, large = 0.6, 1.9
    for _ in range(7):
        image = paint(shape, (small + large) / 2)
        covered = float(np.asarray(image).mean()) / 255
        if covered > FOOT:
            large = (small + large) / 2
        else:
            small = (small + large) / 2
    edge = np.asarray(image)
    on_edge = max(edge[:2].max(), edge[-2:].max(), edge[:, :2].max(), edge[:, -2:].max())
    if abs(covered - FOOT) > 0.01 or on_edge:
        return None
    soft = image.filter(ImageFilter.GaussianBlur(1.6))
    return np.asarray(soft, dtype=np.float32) / 255


def paint(shape: Foot, scale: float) -> Image.Image:
    """Return a foot, toes up, white on black; `scale` is the size of its pad and toes."""
    side = MASK * FINE
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    x0, y0 = 0.5, 0.62

    def oval(x: float, y: float, across: float, along: float, angle: float = 0.0) -> None:
        turns = np.linspace(0, 2 * np.pi, 28)
        u, v = across * np.cos(turns), along * np.sin(turns)
        points = zip(
            (x + u * np.cos(angle) - v * np.sin(angle)) * side,
            (y + u * np.sin(angle) + v * np.cos(angle)) * side,
            strict=True,
        )
        draw.polygon([(float(px), float(py)) for px, py in points], fill=255)

    r = 0.115 * scale
    w, h = r * np.sqrt(shape.wide), r / np.sqrt(shape.wide)
    match shape.pad:
        case "round":
            oval(x0, y0, 1.05 * w, 1.05 * h)
        case "wedge":
            corners = [(x0, y0 - 1.1 * h), (x0 + w, y0 + 0.7 * h), (x0 - w, y0 + 0.7 * h)]
            outline = [(float(x * side), float(y * side)) for x, y in corners]
            draw.polygon(outline, fill=255)
            draw.line([*outline, outline[0]], fill=255, width=round(0.8 * h * side))
            for x, y in corners:
                oval(x, y, 0.4 * h, 0.4 * h)
        case "lobes":
            for move in (-0.85, 0.85):
                oval(x0 + move * w, y0 + 0.3 * h, 0.7 * w, 0.9 * h)
            oval(x0, y0 - 0.4 * h, 0.8 * w, 0.8 * h)
        case _:
            oval(x0, y0, w, 0.8 * h)
            oval(x0, y0 + 1.35 * h, 0.6 * w, 1.1 * h)
    t = 0.052 * scale
    for angle in np.linspace(-shape.spread / 2, shape.spread / 2, shape.toes):
        x, y = x0 + shape.reach * np.sin(angle), y0 - shape.reach * np.cos(angle)
        points_to = angle if shape.turned else 0.25 * angle
        along = np.sqrt(shape.long)
        oval(x, y, t / along, t * along, points_to)
        if shape.claws:
            ahead = t * along + 0.035
            cx, cy = x + ahead * np.sin(points_to), y - ahead * np.cos(points_to)
            oval(cx, cy, 0.012, 0.026, points_to)
    return image.resize((MASK, MASK), Image.Resampling.BOX)


def differences(prints: Sequence[Floats]) -> Floats:
    """Return how different prints look from afar, `(n, n)`: 0 if equal, 1 if unrelated.

    They may be turned a little, moved, or be of the other foot.
    """
    n = len(prints)
    pictures = [Image.fromarray(np.uint8(255 * one)) for one in prints]
    seen = np.stack([afar(picture) for picture in pictures])
    flat = seen.reshape(n, -1)
    power = (flat**2).mean(axis=1)
    smallest = np.ones((n, n), np.float32)
    for angle in (-20, 0, 20):
        turned = np.stack([afar(p.rotate(angle, Image.Resampling.BILINEAR)) for p in pictures])
        for foot_ in (turned, turned[:, :, ::-1]):
            for move in itertools.product((-1, 0, 1), repeat=2):
                moved = np.roll(foot_, move, (1, 2)).reshape(n, -1)
                both = power[:, None] + (moved**2).mean(axis=1)
                gaps = both - 2 * (flat @ moved.T) / flat.shape[1]
                spread = flat.var(axis=1)[:, None] + moved.var(axis=1)
                smallest = np.minimum(smallest, gaps / spread)
    return np.maximum(smallest, smallest.T)


def afar(picture: Image.Image) -> Floats:
    """Return a template as it looks from afar, `(16, 16)`."""
    small = picture.filter(ImageFilter.GaussianBlur(3)).resize((16, 16), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32)


# Pictures


class Walk:
    """Takes pictures of tracks on all kinds of ground."""

    def __init__(self, prints: Sequence[Floats], rng: np.random.Generator) -> None:
        fine = [
            Image.fromarray(p).resize((FINE * MASK,) * 2, Image.Resampling.BICUBIC) for p in prints
        ]
        self._prints = np.stack([np.pad(np.asarray(f), 1) for f in fine])  # around it, flat ground
        self._rng = rng
        self._bumps = np.stack([bumps(rng) for _ in range(24)])

    def take(self, count: int) -> tuple[list[Picture], Labels]:
        """Return pictures of several sizes, and whose track is on each, `(count,)`."""
        rng = self._rng
        labels = rng.permutation(np.arange(count) % len(self._prints))
        phones = rng.integers(len(PHONES), size=count)
        pictures: list[Picture] = [np.empty(0, np.uint8)] * count
        for number, (width, height) in enumerate(PHONES):
            mine = np.flatnonzero(phones == number)
            for start in range(0, len(mine), CHUNK):
                chosen = mine[start : start + CHUNK]
                taken = self._chunk(labels[chosen], width, height)
                for k, picture in zip(chosen, taken, strict=True):
                    pictures[k] = picture
        return pictures, labels

    def _chunk(self, labels: Labels, width: int, height: int) -> Iterator[Picture]:
        n, rng = len(labels), self._rng
        x, y = np.meshgrid(
            np.arange(width, dtype=np.float32) - (width - 1) / 2,
            np.arange(height, dtype=np.float32) - (height - 1) / 2,
        )
        # Where the sun stands, and how low.
        sun = each(rng, n, 0, 2 * np.pi)
        low = each(rng, n, 0.6, 1.3)
        step = 1.3
        here = self._deep(labels, (width, height), rng)
        depth = each(rng, n, *DEPTH)
        at = here(x, y)
        toward = here(x + step * np.cos(sun), y + step * np.sin(sun))
        shade = depth * (low * 1.5 * (at - toward) - 0.27 * at)
        shade += each(rng, n, 0.3, 1.1) * self._ground(n, width, height)
        ramp = np.cos(sun) * x + np.sin(sun) * y
        shade += each(rng, n, -0.003, 0.003) * ramp
        shadow = ramp * np.cos(1.1) + each(rng, n, -30, 30) > each(rng, n, 10, 60)
        shade = np.where(shadow, 0.75 * shade - 0.3, shade)
        photo = (1 + shade)[..., None] * colours(rng, n)
        photo = litter(photo, x, y, rng)
        photo += (
            rng.standard_normal(photo.shape, dtype=np.float32) * each(rng, n, *NOISE)[..., None]
        )
        for picture in np.clip(np.rint(photo), 0, 255).astype(np.uint8):
            yield decoded(jpeg(picture))

    def _deep(self, labels: Labels, size: tuple[int, int], rng: np.random.Generator) -> Depth:
        """Return the depth of a print somewhere on each picture."""
        n = len(labels)
        scale = MASK * 0.62 / (each(rng, n, *PRINT) * min(size))
        angle = each(rng, n, -TURN, TURN)
        left = np.where(each(rng, n, 0, 1) < 0.5, np.float32(-1), np.float32(1))
        stretch = np.exp(each(rng, n, -0.12, 0.12))  # nobody holds a phone straight above
        dx, dy = (each(rng, n, -SHIFT, SHIFT) * s for s in size)
        return Depth(
            prints=self._prints,
            labels=labels,
            right=(scale * stretch * left * np.cos(angle), scale * stretch * left * np.sin(angle)),
            down=(-scale / stretch * np.sin(angle), scale / stretch * np.cos(angle)),
            middle=(dx, dy),
        )

    def _ground(self, n: int, width: int, height: int) -> Floats:
        rng = self._rng
        which = rng.integers(len(self._bumps), size=n)
        xs, ys = rng.integers(GROUND - width, size=n), rng.integers(GROUND - height, size=n)
        return np.stack(
            [
                self._bumps[w, y : y + height, x : x + width]
                for w, x, y in zip(which, xs, ys, strict=True)
            ]
        )


@dataclass(frozen=True, kw_only=True)
class Depth:
    """How deep the ground is below its level: a print on each picture."""

    prints: Floats  # templates, FINE times larger, with a margin of one pixel
    labels: Labels
    right: tuple[Floats, Floats]  # of the template, per pixel of the picture to the right, down
    down: tuple[Floats, Floats]
    middle: tuple[Floats, Floats]  # of the print on the picture, from the picture's middle

    def __call__(self, x: Floats, y: Floats) -> Floats:
        """Return the depth at some pixels of the pictures, `(n, height, width)`."""
        x, y = x - self.middle[0], y - self.middle[1]
        side, middle = self.prints.shape[1], np.float32(self.prints.shape[1] / 2)
        column = FINE * (self.right[0] * x + self.right[1] * y) + middle
        row = FINE * (self.down[0] * x + self.down[1] * y) + middle
        inside = np.clip(row, 0, side - 1).astype(np.int32) * side
        inside += np.clip(column, 0, side - 1).astype(np.int32)
        return self.prints.ravel()[self.labels[:, None, None] * side**2 + inside]


def bumps(rng: np.random.Generator) -> Floats:
    """Return the light on a piece of ground that nobody walked on, `(GROUND, GROUND)`."""
    height = np.zeros((GROUND, GROUND), np.float32)
    for size, share in ((1.0, 0.35), (3.0, 0.9), (10.0, 2.2)):
        rough = Image.fromarray(rng.normal(128, 60, (GROUND, GROUND)).clip(0, 255).astype(np.uint8))
        smooth = np.asarray(rough.filter(ImageFilter.GaussianBlur(size)), dtype=np.float32)
        height += share * (smooth - smooth.mean()) / (smooth.std() + 1e-6)
    light = np.roll(height, 1, 1) - height + 0.5 * (np.roll(height, 1, 0) - height)
    return 0.09 * light / light.std()


def colours(rng: np.random.Generator, n: int) -> Floats:
    """Return the colour of the ground on each picture, `(n, 1, 1, 3)`, lit by sun or cloud."""
    ground = np.array([SNOW, SAND, MUD], np.float32)[rng.integers(3, size=n)]
    ground = ground * rng.uniform(0.92, 1.08, (n, 3)) * rng.uniform(0.65, 1.05, (n, 1))
    return ground[:, None, None].astype(np.float32)


def litter(photo: Floats, x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
    """Let twigs and leaves lie about."""
    for share, kind in ((0.35, "twig"), (0.2, "twig"), (0.5, "leaf"), (0.35, "leaf")):
        here = np.flatnonzero(rng.uniform(size=len(photo)) < share)
        n = len(here)
        a, b = x - each(rng, n, -40, 40), y - each(rng, n, -40, 40)
        angle = each(rng, n, 0, np.pi)
        u, v = a * np.cos(angle) + b * np.sin(angle), b * np.cos(angle) - a * np.sin(angle)
        if kind == "twig":
            inside = (np.abs(u) < each(rng, n, 6, 30)) & (np.abs(v) < each(rng, n, 0.6, 1.6))
        else:
            size = each(rng, n, 2, 5.5)
            inside = u**2 + (each(rng, n, 1, 2.2) * v) ** 2 < size**2
        colour = rng.uniform((40, 30, 20), (150, 120, 70), (n, 3)).astype(np.float32)
        which, rows, columns = np.nonzero(inside)
        photo[here[which], rows, columns] = colour[which]
    return photo


def each(rng: np.random.Generator, n: int, low: float, high: float) -> Floats:
    """Return a random number for each picture, `(n, 1, 1)`."""
    return rng.uniform(low, high, (n, 1, 1)).astype(np.float32)


def jpeg(picture: Picture) -> bytes:
    """Return a picture as a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="JPEG", quality=QUALITY)
    return file.getvalue()


def decoded(data: bytes) -> Picture:
    """Return the picture in a JPEG file, `(height, width, 3)`."""
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"))


def as_the_model_sees(pictures: Sequence[Picture]) -> Floats:
    """Return pictures of any size at the model's size, `(n, SIZE, SIZE, 3)`."""
    return np.stack([resized(picture) for picture in pictures])


def resized(picture: Picture) -> Floats:
    """Return a picture stretched to the model's size, as keras.utils does by default.

    Bilinear interpolation between the centres of pixels, without antialiasing and without
    rounding: `tf.image.resize(picture, (SIZE, SIZE))`.
    """
    height, width = picture.shape[:2]
    rows, columns = ((np.arange(SIZE) + 0.5) * side / SIZE - 0.5 for side in (height, width))
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    down = (rows - top).astype(np.float32)[:, None, None]
    right = (columns - left).astype(np.float32)[None, :, None]
    above, below = np.maximum(top, 0), np.minimum(top + 1, height - 1)
    before, after = np.maximum(left, 0), np.minimum(left + 1, width - 1)
    upper = picture[above].astype(np.float32)
    lines = upper + (picture[below] - upper) * down
    return lines[:, before] + (lines[:, after] - lines[:, before]) * right


# What the candidate gets


def archive(pictures: Sequence[Picture], folders: Sequence[str]) -> bytes:
    """Return a ZIP of the pictures, each in its animal's folder."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as zipped:
        for number, (picture, folder) in enumerate(zip(pictures, folders, strict=True)):
            entry = zipfile.ZipInfo(f"pictures/{folder}/{number:04}.jpg", (1980, 1, 1, 0, 0, 0))
            zipped.writestr(entry, jpeg(picture))
    return file.getvalue()


def poster(prints: Sequence[Floats]) -> bytes:
    """Return a picture of a print of each animal, in fresh snow, in the order of the folders."""
    sheets = []
    for depth in prints:
        wide = np.pad(depth, 12)
        shade = 1.6 * (np.roll(wide, (2, 2), (0, 1)) - wide) - 0.4 * wide
        sheets.append((1 + 0.6 * shade[..., None]) * np.array(SNOW) * 0.9)
    row = np.clip(np.concatenate(sheets, axis=1), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    picture = Image.fromarray(row)
    picture.resize((2 * row.shape[1], 2 * row.shape[0]), Image.Resampling.BICUBIC).save(
        file, format="PNG"
    )
    return file.getvalue()
