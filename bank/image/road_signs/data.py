"""Draws variants of image/road_signs: invents signs and photographs them."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from assay.items.store import save_arrays
from assay.items.variant import Split, Variant

SIZE = 32  # pixels of a photograph, each way
PAIRS = 5  # of mirror images among the signs
TRAIN = 6000  # photographs
HIDDEN = 5000  # photographs, in each of the hidden and the sealed set

Floats = npt.NDArray[np.float32]
Colour = tuple[int, int, int]
Point = tuple[float, float]

# What a pair of signs says; the second one is the mirror image of the first.
MEANINGS: Sequence[tuple[tuple[str, str], tuple[str, str]]] = (
    (("ferry leaves here", "渡船由此出发"), ("ferry lands here", "渡船在此靠岸")),
    (("pass road open", "山口道路开放"), ("pass road closed", "山口道路封闭")),
    (("quiet zone begins", "静音区开始"), ("quiet zone ends", "静音区结束")),
    (("put on snow chains", "装上防滑链"), ("take off snow chains", "卸下防滑链")),
    (("tide coming in", "正在涨潮"), ("tide going out", "正在退潮")),
    (("drawbridge goes up", "吊桥升起"), ("drawbridge comes down", "吊桥落下")),
    (("sledges on the left", "雪橇靠左"), ("sledges on the right", "雪橇靠右")),
    (("balloons taking off", "热气球升空"), ("balloons landing", "热气球降落")),
    (("sheep come down", "羊群下山"), ("sheep go up", "羊群上山")),
    (("lamp on", "开灯行驶"), ("lamp off", "关灯行驶")),
)
COUNTRIES: Sequence[tuple[str, str]] = (
    ("Ostermark", "奥斯特马克"),
    ("Vellonia", "维洛尼亚"),
    ("Karsund", "卡松德"),
    ("Brigovia", "布里戈维亚"),
    ("Talmere", "塔尔米尔"),
    ("Nordhavel", "诺德哈维尔"),
)
# Shape → how wide the pictogram may be, as a share of the sign.
SHAPES = {"circle": 0.62, "square": 0.70, "octagon": 0.66, "hexagon": 0.60, "shield": 0.60}
# Border, field, pictogram. A variant has two of each kind, so that neither a dark pixel
# nor a light one speaks for any sign.
DARK_ON_LIGHT: Sequence[tuple[Colour, Colour, Colour]] = (
    ((190, 30, 40), (240, 240, 235), (25, 25, 30)),
    ((30, 30, 30), (245, 205, 50), (25, 25, 25)),
    ((30, 70, 160), (235, 240, 245), (30, 60, 140)),
    ((120, 60, 30), (240, 225, 200), (90, 45, 25)),
    ((200, 90, 20), (250, 240, 225), (60, 30, 20)),
)
LIGHT_ON_DARK: Sequence[tuple[Colour, Colour, Colour]] = (
    ((235, 235, 235), (35, 80, 170), (245, 245, 245)),
    ((235, 235, 230), (20, 105, 65), (240, 240, 235)),
    ((240, 230, 210), (110, 60, 35), (245, 235, 215)),
    ((240, 190, 40), (35, 35, 40), (245, 200, 60)),
    ((240, 240, 240), (150, 25, 45), (245, 240, 240)),
)

# How hard it is.
WIDTH = (17.0, 28.0)  # pixels that a sign is wide
TILT = 0.13  # standard deviation of its rotation, radians
SKEW = 0.05  # standard deviation of its corners, as a share of its width
SHIFT = 3.0  # pixels that it may be off the centre, each way
BLUR = (0.3, 1.0)  # standard deviation of the blur, pixels
NOISE = (3.0, 16.0)  # standard deviation of the noise, of 255
INK = 0.30  # share of a pictogram's box that is painted: no sign is darker than another
CLOSEST = 0.45  # difference of a pictogram to any other at the least
TYPICAL = 0.75  # difference of two pictograms, the mean over a variant's
FADES = 0.125  # difference that makes two pictograms e times less alike
CROWDING = 0.045  # likeness of a pictogram to all others together, the mean over a variant's
CANDIDATES = 20  # pairs to choose a variant's from

MASK = 96  # pixels of a template, each way
FINE = 4  # templates are drawn so many times larger
GRID = 2 * SIZE  # photographs are taken at twice the size and halved
CHUNK = 500  # photographs at a time


@dataclass(frozen=True, kw_only=True)
class County:
    """How one county makes its signs."""

    shape: str
    border: Colour
    field: Colour
    ink: Colour


def variant(seed: int) -> Variant:
    """Invent ten signs and four counties, and take photographs."""
    rng = np.random.default_rng(seed)
    pictograms = _invent(rng)
    counties = _draw_counties(rng)
    names = _draw_names(rng)
    order = rng.permutation(len(pictograms))
    pictograms, names = [pictograms[i] for i in order], [names[i] for i in order]
    templates = [[_template(c.shape, p) for c in counties] for p in pictograms]
    camera = Camera(templates, counties, rng)
    (train, train_labels), *secret = (camera.take(n) for n in (TRAIN, HIDDEN, HIDDEN))
    hidden, sealed = (
        Split(inputs={"image": images.astype(np.float32)}, labels=labels)
        for images, labels in secret
    )
    country = COUNTRIES[rng.integers(len(COUNTRIES))]
    return Variant(
        files={
            "train.npz": save_arrays({"images": train, "labels": train_labels.astype(np.uint8)}),
            "classes.json": _classes_json(names),
            "signs.png": _poster(templates, counties),
        },
        train={"image": train.astype(np.float32)},
        hidden=hidden,
        sealed=sealed,
        texts={
            language: {
                "country": country[k],
                "signs": "\n".join(f"| {i} | {name[k]} |" for i, name in enumerate(names)),
            }
            for k, language in enumerate(("en", "zh-CN"))
        },
    )


def _draw_counties(rng: np.random.Generator) -> list[County]:
    schemes = [
        pool[i]
        for pool in (DARK_ON_LIGHT, LIGHT_ON_DARK)
        for i in rng.choice(len(pool), size=2, replace=False)
    ]
    shapes = rng.choice(sorted(SHAPES), size=len(schemes), replace=False)
    return [
        County(shape=str(shape), border=border, field=field, ink=ink)
        for shape, (border, field, ink) in zip(shapes, schemes, strict=True)
    ]


def _draw_names(rng: np.random.Generator) -> list[tuple[str, str]]:
    pairs = rng.choice(len(MEANINGS), size=PAIRS, replace=False)
    return [name for i in pairs for name in MEANINGS[i]]


# Pictograms


def _invent(rng: np.random.Generator) -> list[Image.Image]:
    """Return pictograms, each one and its mirror image, that are as hard to tell apart as ever.

    Of all sets that can be made of some candidates, the one is taken whose likeness comes
    nearest to `CROWDING` and whose differences come nearest to `TYPICAL`: that is what
    variants would be harder or easier by.
    """
    pairs: list[tuple[Image.Image, Image.Image]] = []
    while len(pairs) < CANDIDATES:
        one = _pictogram(rng)
        if one is None:
            continue
        pair = one, one.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if _differences(pair)[0, 1] >= CLOSEST:
            pairs.append(pair)
    gaps = _differences([image for pair in pairs for image in pair])
    sets = np.array(list(itertools.combinations(range(CANDIDATES), PAIRS)))
    signs = np.stack([2 * sets, 2 * sets + 1], axis=-1).reshape(len(sets), -1)
    between = gaps[signs[:, :, None], signs[:, None, :]]  # (set, sign, sign)
    count = 2 * PAIRS
    typical = between.sum(axis=(1, 2)) / (count * (count - 1))
    between[:, range(count), range(count)] = np.inf
    likeness = np.exp(-between / FADES).sum(axis=2).mean(axis=1)
    away = np.abs(likeness / CROWDING - 1) + np.abs(typical / TYPICAL - 1)
    away[between.min(axis=(1, 2)) < CLOSEST] = np.inf
    return [image for i in sets[away.argmin()] for image in pairs[i]]


def _differences(pictograms: Sequence[Image.Image]) -> Floats:
    """Return how different pictograms look from afar: 0 if equal, 1 if unrelated.

    They may be moved a little to lie on each other as well as can be.

    Returns:
        `(n, n)`, one row and one column for each pictogram.
    """
    afar = np.stack(
        [
            np.asarray(
                image.filter(ImageFilter.GaussianBlur(image.width / 16)).resize((16, 16)),
                dtype=np.float32,
            )
            for image in pictograms
        ]
    )
    n = len(afar)
    moves = itertools.product(range(-2, 3), repeat=2)
    best = np.min(
        [((afar[:, None] - np.roll(afar, move, (1, 2))) ** 2).mean(axis=(2, 3)) for move in moves],
        axis=0,
    )
    spread = afar.reshape(n, -1).var(axis=1)
    return np.asarray(best / (spread[:, None] + spread), np.float32)


def _pictogram(rng: np.random.Generator) -> Image.Image | None:
    """Return a bent arrow with one or two ornaments, or None if it has too much or little ink."""
    knots = [(x, y) for x in (0.16, 0.5, 0.84) for y in (0.16, 0.5, 0.84)]
    path = _walk(knots, rng)
    free = [k for k in knots if k not in path]
    ornaments = [
        (str(kind), free[i])
        for kind, i in zip(
            rng.choice(["dot", "ring", "box", "bar", "wedge"], size=rng.integers(1, 3)),
            rng.permutation(len(free)),
            strict=False,
        )
    ]
    thin, thick = 0.05, 0.20
    for _ in range(7):
        image = _paint(path, ornaments, (thin + thick) / 2)
        ink = float(np.asarray(image).mean()) / 255
        if ink > INK:
            thick = (thin + thick) / 2
        else:
            thin = (thin + thick) / 2
    return image if abs(ink - INK) < 0.01 else None


def _walk(knots: Sequence[Point], rng: np.random.Generator) -> list[Point]:
    """Return three or four knots, each a step away from the one before, with a bend."""
    while True:
        path = [knots[rng.integers(len(knots))]]
        for _ in range(rng.integers(2, 4)):
            near = [k for k in knots if k not in path and 0.3 < _distance(k, path[-1]) < 0.6]
            if near:
                path.append(near[rng.integers(len(near))])
        (ax, ay), (bx, by), (cx, cy) = path[0], path[1], path[-1]
        if len(path) > 2 and abs((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)) > 0.05:
            return path


def _distance(a: Point, b: Point) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))


def _paint(
    path: Sequence[Point], ornaments: Sequence[tuple[str, Point]], width: float
) -> Image.Image:
    """Return the picture of a path that ends in an arrow head, white on black."""
    side = MASK * FINE
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)

    def scaled(*points: Point) -> list[Point]:
        return [(x * side, y * side) for x, y in points]

    def disc(centre: Point, radius: float, fill: int = 255) -> None:
        (x, y) = centre
        draw.ellipse(scaled((x - radius, y - radius), (x + radius, y + radius)), fill=fill)

    draw.line(scaled(*path), fill=255, width=round(width * side))
    for knot in path:
        disc(knot, width / 2)
    (ax, ay), (bx, by) = path[-2:]
    length = _distance((ax, ay), (bx, by))
    dx, dy = (bx - ax) / length * width, (by - ay) / length * width
    tip = (bx + 1.2 * dx, by + 1.2 * dy)
    left, right = (bx - dx - 1.5 * dy, by - dy + 1.5 * dx), (bx - dx + 1.5 * dy, by - dy - 1.5 * dx)
    draw.polygon(scaled(tip, left, right), fill=255)
    for kind, (x, y) in ornaments:
        r = 0.95 * width
        match kind:
            case "dot":
                disc((x, y), r)
            case "ring":
                disc((x, y), 1.25 * r)
                disc((x, y), 0.65 * r, fill=0)
            case "box":
                draw.rectangle(scaled((x - r, y - r), (x + r, y + r)), fill=255)
            case "bar":
                draw.rectangle(
                    scaled((x - 0.5 * r, y - 1.5 * r), (x + 0.5 * r, y + 1.5 * r)), fill=255
                )
            case "wedge":
                draw.polygon(scaled((x - r, y + r), (x + r, y + r), (x, y - r)), fill=255)
    return image.resize((MASK, MASK), Image.Resampling.BOX)


# Signs


def _template(shape: str, pictogram: Image.Image) -> Image.Image:
    """Return a sign's three masks as an RGB image: the whole sign, its field, its pictogram."""
    side = MASK * FINE
    sign, field = (Image.new("L", (side, side)) for _ in range(2))
    outline = _outline(shape)
    for mask, scale in ((sign, 0.96), (field, 0.80)):
        points = [(side * (0.5 + scale * x), side * (0.5 + scale * y)) for x, y in outline]
        ImageDraw.Draw(mask).polygon(points, fill=255)
    ink = Image.new("L", (MASK, MASK))
    inner = round(SHAPES[shape] * MASK)
    ink.paste(pictogram.resize((inner, inner), Image.Resampling.BOX), [(MASK - inner) // 2] * 2)
    small = [mask.resize((MASK, MASK), Image.Resampling.BOX) for mask in (sign, field)]
    return Image.merge("RGB", [*small, ink])


def _outline(shape: str) -> list[Point]:
    """Return the corners of a shape that fits into the square from -0.5 to 0.5."""
    if shape == "shield":
        corners = [(-0.45, -0.5), (0.45, -0.5)]
        turns = np.linspace(0, np.pi, 24)
        return corners + [(0.45 * float(np.cos(t)), 0.05 + 0.45 * float(np.sin(t))) for t in turns]
    if shape == "square":
        return [(-0.46, -0.46), (0.46, -0.46), (0.46, 0.46), (-0.46, 0.46)]
    corners_of = {"circle": 48, "octagon": 8, "hexagon": 6}
    turns = (np.arange(corners_of[shape]) + 0.5) * 2 * np.pi / corners_of[shape]
    return [(0.5 * float(np.cos(t)), 0.5 * float(np.sin(t))) for t in turns]


# Photographs


class Camera:
    """Takes photographs of signs in all weathers."""

    def __init__(
        self,
        templates: Sequence[Sequence[Image.Image]],
        counties: Sequence[County],
        rng: np.random.Generator,
    ) -> None:
        self._templates = templates  # by class and county
        self._colours = np.array([[c.border, c.field, c.ink] for c in counties], np.float32)
        self._rng = rng
        self._scenes = np.stack([_scene(rng) for _ in range(200)])

    def take(self, count: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
        """Return photographs `(count, SIZE, SIZE, 3)` and which sign is on each, `(count,)`."""
        labels = self._rng.permutation(np.arange(count) % len(self._templates))
        chunks = [self._chunk(labels[i : i + CHUNK]) for i in range(0, count, CHUNK)]
        return np.concatenate(chunks), labels

    def _chunk(self, labels: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        n, rng = len(labels), self._rng
        counties = rng.integers(len(self._colours), size=n)
        sheets = [self._templates[k][c] for k, c in zip(labels, counties, strict=True)]
        masks = _project(sheets, rng)
        colours = self._colours[counties] * rng.uniform(0.85, 1.1, (n, 3, 1))
        colours = (colours + rng.normal(0, 12, (n, 3, 3))).astype(np.float32)
        sign, field, ink = (masks[..., i, None] for i in range(3))
        border, ground, paint = (colours[:, None, None, i] for i in range(3))
        photo = self._backgrounds(n)
        photo += sign * (border - photo)
        photo += field * (ground - photo)
        photo += ink * (paint - photo)
        photo = _occlude(photo, rng)
        photo = _light(photo, rng)
        photo = _blur(photo, rng)
        photo += rng.standard_normal(photo.shape, dtype=np.float32) * _each(rng, n, *NOISE)
        return np.clip(np.rint(photo), 0, 255).astype(np.uint8)

    def _backgrounds(self, n: int) -> Floats:
        rng = self._rng
        which = rng.integers(len(self._scenes), size=n)
        ys, xs = rng.integers(self._scenes.shape[1] - SIZE, size=(2, n))
        crops = [
            self._scenes[w, y : y + SIZE, x : x + SIZE]
            for w, y, x in zip(which, ys, xs, strict=True)
        ]
        tint = rng.uniform(0.75, 1.2, (n, 1, 1, 3)).astype(np.float32)
        return np.stack(crops).astype(np.float32) * tint


def _scene(rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Return a piece of the world to stand before: sky, ground, walls, trees, poles."""
    side = 3 * SIZE
    sky, ground = rng.integers((90, 120, 140), (220, 230, 250)), rng.integers(40, 150, 3)
    horizon = int(rng.integers(side // 3, side))
    image = Image.new("RGB", (side, side), tuple(map(int, sky)))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, horizon, side, side), fill=tuple(map(int, ground)))
    for _ in range(rng.integers(8, 22)):
        x, y = rng.integers(-10, side, 2)
        w, h = rng.integers(4, 50, 2)
        colour = tuple(map(int, np.clip(rng.integers(20, 235) + rng.normal(0, 25, 3), 0, 255)))
        match rng.integers(4):
            case 0:
                draw.rectangle((x, y, x + w, y + h), fill=colour)
            case 1:
                draw.ellipse((x, y, x + w, y + h), fill=colour)
            case 2:
                draw.line(
                    (x, y, x + 3 * int(w) - 75, y + 3 * int(h) - 75),
                    fill=colour,
                    width=int(rng.integers(1, 6)),
                )
            case _:
                draw.polygon(
                    [tuple(map(int, p)) for p in rng.integers(-30, 30, (3, 2)) + np.array([x, y])],
                    fill=colour,
                )
    image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.5))))
    return np.asarray(image)


def _project(sheets: Sequence[Image.Image], rng: np.random.Generator) -> Floats:
    """Return the masks as the camera sees them, `(n, SIZE, SIZE, 3)` from 0 to 1."""
    n = len(sheets)
    width = rng.uniform(*WIDTH, (n, 1, 1))
    angle = rng.normal(0, TILT, (n, 1))
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
    corners = corners + rng.normal(0, SKEW, (n, 4, 2))
    x, y = corners[..., 0], corners[..., 1]
    turned = np.stack(
        [x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)], axis=-1
    )
    centre = SIZE / 2 + rng.uniform(-SHIFT, SHIFT, (n, 1, 2))
    seen = (centre + width * turned) * GRID / SIZE
    coefficients = _homographies(seen)
    grids = [
        np.asarray(
            sheet.transform(
                (GRID, GRID),
                Image.Transform.PERSPECTIVE,
                tuple(map(float, c)),
                Image.Resampling.BILINEAR,
            )
        )
        for sheet, c in zip(sheets, coefficients, strict=True)
    ]
    fine = np.stack(grids).astype(np.uint16)
    rows = fine[:, ::2] + fine[:, 1::2]
    return (rows[:, :, ::2] + rows[:, :, 1::2]) / np.float32(4 * 255)


def _homographies(seen: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return Pillow's eight coefficients from the photograph to the template, `(n, 8)`.

    Args:
        seen: Where the template's corners are in the photograph, `(n, 4, 2)`.
    """
    target = np.array([(0, 0), (MASK, 0), (MASK, MASK), (0, MASK)], dtype=float)
    system = np.zeros((len(seen), 8, 8))
    x, y = seen[..., 0], seen[..., 1]
    for axis in range(2):
        rows, first = slice(axis, 8, 2), 3 * axis
        system[:, rows, first] = x
        system[:, rows, first + 1] = y
        system[:, rows, first + 2] = 1
        system[:, rows, 6] = -x * target[:, axis]
        system[:, rows, 7] = -y * target[:, axis]
    right = np.broadcast_to(target.reshape(8, 1), (len(seen), 8, 1))
    return np.linalg.solve(system, right)[..., 0]


def _each(rng: np.random.Generator, n: int, low: float, high: float) -> Floats:
    """Return a random number for each photograph, `(n, 1, 1, 1)`."""
    return rng.uniform(low, high, (n, 1, 1, 1)).astype(np.float32)


def _sloped(rng: np.random.Generator, n: int) -> Floats:
    """Return for each photograph how far its pixels are along a random direction, in pixels."""
    angle = _each(rng, n, 0, 2 * np.pi)
    steps = np.arange(SIZE, dtype=np.float32) - (SIZE - 1) / 2
    return np.cos(angle) * steps[None, None, :, None] + np.sin(angle) * steps[None, :, None, None]


def _occlude(photo: Floats, rng: np.random.Generator) -> Floats:
    """Put a branch across some signs and leaves or stickers onto some."""
    n = len(photo)
    steps = np.arange(SIZE, dtype=np.float32)
    for share, kind in ((0.35, "branch"), (0.45, "leaf"), (0.25, "leaf")):
        if kind == "branch":
            inside = np.abs(_sloped(rng, n) + _each(rng, n, -10, 10)) < _each(rng, n, 0.5, 1.5)
        else:
            x, y = (steps - _each(rng, n, 5, SIZE - 5)[..., 0] for _ in range(2))
            round_ = x[:, :, None, :] ** 2 + y[:, :, :, None] ** 2
            inside = round_.reshape(n, SIZE, SIZE, 1) < _each(rng, n, 1.5, 4.0) ** 2
        inside &= _each(rng, n, 0, 1) < share
        colour = rng.integers((20, 30, 10), (150, 150, 120), (n, 3))[:, None, None]
        photo = np.where(inside, colour.astype(np.float32), photo)
    return photo


def _light(photo: Floats, rng: np.random.Generator) -> Floats:
    """Let the sun shine from somewhere, cast a shadow, add haze."""
    n = len(photo)
    gain = _each(rng, n, 0.45, 1.25) * (1 + _each(rng, n, 0, 0.012) * _sloped(rng, n))
    shadow = (_sloped(rng, n) > _each(rng, n, -10, 10)) & (_each(rng, n, 0, 1) < 0.35)
    gain = np.where(shadow, gain * _each(rng, n, 0.35, 0.7), gain)
    haze = _each(rng, n, 0, 0.35)
    warmth = rng.uniform(0.9, 1.1, (n, 1, 1, 3)).astype(np.float32)
    return photo * gain * warmth * (1 - haze) + 190 * haze


def _blur(photo: Floats, rng: np.random.Generator) -> Floats:
    """Blur each photograph by its own amount along each axis."""
    for axis in (1, 2):
        spread = _each(rng, len(photo), *BLUR)
        weights = [np.exp(-0.5 * (k / spread) ** 2) for k in range(3)]
        total = weights[0] + 2 * weights[1] + 2 * weights[2]
        padding = [(0, 0)] * 4
        padding[axis] = (2, 2)
        padded = np.pad(photo, padding, mode="edge")
        photo = np.zeros_like(photo)
        for k in range(-2, 3):
            window = [slice(None)] * 4
            window[axis] = slice(2 + k, 2 + k + SIZE)
            photo += padded[tuple(window)] * (weights[abs(k)] / total)
    return photo


# What the candidate gets


def _classes_json(names: Sequence[tuple[str, str]]) -> bytes:
    classes = [{"index": i, "en": en, "zh-CN": zh} for i, (en, zh) in enumerate(names)]
    return json.dumps(classes, ensure_ascii=False, indent=2).encode() + b"\n"


def _poster(templates: Sequence[Sequence[Image.Image]], counties: Sequence[County]) -> bytes:
    """Return a picture of all signs, a row for each county, a column for each class."""
    gap = 12
    step = MASK + gap
    size = (len(templates) * step + gap, len(counties) * step + gap)
    poster = Image.new("RGB", size, (205, 215, 220))
    for column, row_of_masks in enumerate(templates):
        for row, (masks, county) in enumerate(zip(row_of_masks, counties, strict=True)):
            corner = (gap + column * step, gap + row * step)
            colours = (county.border, county.field, county.ink)
            for mask, colour in zip(masks.split(), colours, strict=True):
                poster.paste(colour, (*corner, corner[0] + MASK, corner[1] + MASK), mask)
    file = io.BytesIO()
    poster.save(file, format="PNG")
    return file.getvalue()
