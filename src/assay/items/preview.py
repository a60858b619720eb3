"""What a candidate will see of a variant: its files, samples of them, and a picture."""

from __future__ import annotations

import contextlib
import csv
import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import numpy as np

from assay.items.loader import Item
from assay.items.samples import find_training_samples
from assay.items.spec import Category
from assay.items.store import load_arrays
from assay.items.variant import Array, Variant
from assay.messages import N_, Words

Rows = tuple[tuple[str, ...], ...]

ROWS = 5  # of a sample
_CELL = 60  # characters
_PICTURES = 16
_CURVES = 6
_SPREADS, _FEW_SPREADS = 32, 12
_LEAST_SIDE = 8  # numbers in a row that are a picture or a series, rather than features
_TEXT = (".txt", ".json", ".jsonl", ".py", ".md", ".tsv")
_CHINESE_FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Zen Hei", "PingFang SC", "SimHei")
_IMAGES = (".png", ".jpg", ".jpeg")


class Form(Enum):
    """As what samples are drawn."""

    IMAGES = auto()
    CURVES = auto()
    POINTS = auto()  # over the only feature
    TEXTS = auto()
    SPREADS = auto()  # of each feature


@dataclass(frozen=True, kw_only=True)
class Part:
    """A public file, or an array in one."""

    name: str
    kind: str  # shape and type, rows and columns, or bytes
    head: tuple[str, ...] = ()  # of the sample's columns
    rows: Rows = ()  # the first few


def parts_of(variant: Variant) -> list[Part]:
    """Return the public data files of a variant, with a sample of each."""
    return [part for name in sorted(variant.files) for part in _parts(name, variant.files[name])]


def _parts(name: str, data: bytes) -> Iterator[Part]:
    if name.endswith(".npz"):
        for key, array in load_arrays(data).items():
            shown = [np.array2string(row, threshold=8) for row in array[:ROWS]]
            rows: Rows = tuple((_short(text),) for text in shown)
            yield Part(name=f"{name}: {key}", kind=f"{array.shape} {array.dtype}", rows=rows)
    elif name.endswith(".csv"):
        table = list(csv.reader(io.StringIO(data.decode("utf-8"))))
        rows = tuple(tuple(_short(cell) for cell in row) for row in table[1 : ROWS + 1])
        kind = f"{len(table) - 1:,} × {len(table[0])}"
        yield Part(name=name, kind=kind, head=tuple(table[0]), rows=rows)
    elif name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            names = [entry.filename for entry in file.infolist() if not entry.is_dir()]
        rows = tuple((entry,) for entry in names[:ROWS])
        kind = Words(
            N_("{files} files, {size} bytes"), files=f"{len(names):,}", size=f"{len(data):,}"
        )
        yield Part(name=name, kind=kind, rows=rows)
    elif name.endswith(_TEXT):
        lines = data.decode("utf-8", "replace").splitlines()
        rows = tuple((_short(line),) for line in lines[:ROWS])
        yield Part(name=name, kind=Words(N_("{count} lines"), count=f"{len(lines):,}"), rows=rows)
    else:
        yield Part(name=name, kind=Words(N_("{size} bytes"), size=f"{len(data):,}"))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _CELL else f"{line[: _CELL - 1]}…"


def draw_preview(item: Item, variant: Variant) -> bytes:
    """Return a picture of samples as PNG: images, curves, points, or how features are spread.

    The samples are the training data in the form of the model's input, where the files or
    data.py have them in that form, and hidden ones otherwise.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415

    contract = item.spec.to_contract()
    samples = dict(variant.train) or find_training_samples(contract, variant)
    inputs = samples or dict(variant.hidden.inputs)
    array = next(iter(inputs.values()))
    labels = _labels(item, variant, len(array)) if samples else variant.hidden.labels
    figure = Figure(figsize=(10, 5), dpi=100)
    FigureCanvasAgg(figure)
    images = _zipped_images(variant)
    form = form_of(item, array, labels)
    if images:
        _draw_images(figure, images, None)
    elif form is Form.IMAGES:
        _draw_images(figure, list(array[:_PICTURES]), labels)
    elif form is Form.CURVES:
        _draw_curves(figure, array)
    elif form is Form.POINTS:
        assert labels is not None
        axes = figure.subplots()
        axes.plot(array[:, 0], labels.reshape(len(labels), -1)[:, 0], ".", color="black")
    elif form is Form.TEXTS:
        _draw_texts(figure, parts_of(variant))
    else:
        table = array.reshape(len(array), -1)
        _draw_spreads(figure, table, _columns(variant, table.shape[1]))
    figure.suptitle(item.key, fontsize=11, x=0.01, ha="left")
    content = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # there is no such font here
        figure.tight_layout()
        figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()


def form_of(item: Item, array: Array, labels: Array | None) -> Form:
    """Return as what samples are drawn.

    Args:
        item: Theirs.
        array: The first of their inputs, `(n, ...)`.
        labels: Theirs, if they are known.
    """
    if _is_image(array):
        return Form.IMAGES
    if array.dtype.kind == "i":  # ids of words or letters say nothing to people
        return Form.TEXTS
    # Eight numbers in a row are a curve in a series, and features anywhere else.
    is_series = array.ndim == 3 or item.spec.category is Category.SERIES  # noqa: PLR2004
    if array.ndim in {2, 3} and array.shape[1] >= _LEAST_SIDE and is_series:
        return Form.CURVES
    if array.shape[1:] == (1,) and labels is not None and labels.dtype.kind == "f":
        return Form.POINTS
    return Form.SPREADS


def _tables(variant: Variant) -> Iterator[list[list[str]]]:
    """Yield the public tables, each with its head."""
    for name in sorted(variant.files):
        if name.endswith(".csv"):
            yield list(csv.reader(io.StringIO(variant.files[name].decode("utf-8"))))


def _columns(variant: Variant, features: int) -> list[str]:
    """Return what a table calls the features, if it has them and nothing but a label beside."""
    heads = (table[0] for table in _tables(variant))
    return next((head[:features] for head in heads if len(head) == features + 1), [])


def _labels(item: Item, variant: Variant, n: int) -> Array | None:
    """Return what looks like the training samples' labels.

    That is an array of the public files, or the last column of a table.
    """
    shapes = {(n,), (n, 1), (n, *item.spec.contract.output.shape)}
    for table in _tables(variant):
        with contextlib.suppress(ValueError):  # they are words
            last = np.array([row[-1] for row in table[1:]], dtype=np.float64)
            if last.shape == (n,):
                return last
    for name in sorted(variant.files):
        if name.endswith(".npz"):
            for array in load_arrays(variant.files[name]).values():
                if array.shape in shapes and array.ndim <= 1 + len(item.spec.contract.output.shape):
                    return array
    return None


def _is_image(array: Array) -> bool:
    sides = array.shape[1:3]
    return (
        (array.ndim == 3 or (array.ndim == 4 and array.shape[3] in {1, 3}))  # noqa: PLR2004
        and len(sides) == 2  # noqa: PLR2004
        and min(sides) >= _LEAST_SIDE
        and sides[0] <= 2 * sides[1] <= 4 * sides[0]
    )


def _zipped_images(variant: Variant) -> list[Any]:
    """Return pictures from the ZIP files among the public ones, spread over their folders."""
    from PIL import Image  # noqa: PLC0415

    found: list[Any] = []
    for name in sorted(variant.files):
        if not name.endswith(".zip"):
            continue
        with zipfile.ZipFile(io.BytesIO(variant.files[name])) as file:
            names = sorted(n for n in file.namelist() if n.lower().endswith(_IMAGES))
            for chosen in names[:: max(1, len(names) // _PICTURES)]:
                with Image.open(io.BytesIO(file.read(chosen))) as image:
                    found.append(np.asarray(image.convert("RGB")))
    return found[:_PICTURES]


def _draw_images(figure: Any, images: Sequence[Any], labels: Array | None) -> None:
    for number, (axes, image) in enumerate(
        zip(figure.subplots(2, _PICTURES // 2).flat, images, strict=False)
    ):
        pixels = np.asarray(image, dtype=np.float64)
        low, high = float(pixels.min()), float(pixels.max())
        pixels = (pixels - low) / ((high - low) or 1)
        axes.imshow(pixels.squeeze(), cmap="gray")
        if labels is not None and labels.ndim == 1:
            axes.set_title(str(labels[number]), fontsize=8)
    for axes in figure.axes:
        axes.axis("off")


def _draw_curves(figure: Any, array: Array) -> None:
    chosen = array[:: max(1, len(array) // _CURVES)][:_CURVES]
    for axes, sample in zip(figure.subplots(2, _CURVES // 2).flat, chosen, strict=False):
        axes.plot(sample.reshape(len(sample), -1), linewidth=0.8)
        axes.tick_params(labelsize=7)


def _draw_texts(figure: Any, parts: Sequence[Part]) -> None:
    """Draw the rows of the longest texts among the parts."""
    part = max(parts, key=lambda part: (bool(part.head), sum(len(r[0]) for r in part.rows if r)))
    from matplotlib.font_manager import fontManager  # noqa: PLC0415

    installed = {font.name for font in fontManager.ttflist}
    families = ["DejaVu Sans", *(name for name in _CHINESE_FONTS if name in installed)]
    axes = figure.subplots()
    axes.axis("off")
    for number, row in enumerate(part.rows):
        y = 1 - (number + 0.5) / ROWS
        axes.text(0, y, " │ ".join(row), fontsize=10, family=families, parse_math=False)


def _draw_spreads(figure: Any, table: Array, names: Sequence[str]) -> None:
    shown = min(table.shape[1], _SPREADS)
    columns = min(shown, 4 if shown <= _FEW_SPREADS else 8)
    grid = figure.subplots(-(-shown // columns), columns, squeeze=False)
    for number, axes in enumerate(grid.flat):
        if number < shown:
            axes.hist(np.asarray(table[:, number], dtype=np.float64), bins=30, color="0.3")
            axes.set_title(names[number] if names else f"[{number}]", fontsize=8)
            axes.tick_params(labelsize=7)
        else:
            axes.axis("off")
