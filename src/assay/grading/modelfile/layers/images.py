"""Layers that change the size of pictures, or stretch their contrast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from assay.grading.modelfile import ops
from assay.grading.modelfile.layer import Call, covers
from assay.grading.modelfile.layers import windows
from assay.grading.modelfile.tensor import Layout, Tensor

LARGEST_SIDE = 8192  # places


def resize(
    call: Call, x: Tensor, size: tuple[int, int], interpolation: Any, *, antialias: bool
) -> Tensor:
    """Return pictures of another size, as `tf.image.resize` does.

    Args:
        call: Of the layer.
        x: `(height, width, channels)`.
        size: Height and width of the result.
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
        antialias: Whether smaller pictures are smoothed first.
    """
    b = call.b
    height, width, channels = call.known(x)
    if max(*size, height, width) > LARGEST_SIDE or min(size) < 1:
        raise call.options.unsupported("height" if call.options.has("height") else "size")
    shrinks = size[0] < height or size[1] < width
    shape = (*size, channels)
    simple = interpolation == "bilinear" and not (antialias and shrinks)
    if interpolation in _KERNELS and not simple:
        rows = _weights(height, size[0], interpolation, antialias=antialias)
        columns = _weights(width, size[1], interpolation, antialias=antialias)
        y = ops.einsum(b, "nhwc,yh->nywc", x, rows)
        return ops.einsum(b, "nywc,xw->nyxc", y, columns)
    if interpolation == "nearest":
        y = ops.gather(b, x, _nearest(height, size[0]), 1)
        return ops.gather(b, y, _nearest(width, size[1]), 2)
    if interpolation != "bilinear":
        raise call.options.unsupported("interpolation")
    pictures = ops.first(b, x)
    front = b.node("Shape", [pictures], (), dtype="int64", start=0, end=2)
    sizes = b.node("Concat", [front, b.constant(np.array(size, np.int64))], (), axis=0)
    name = b.node(
        "Resize",
        [pictures, "", "", sizes],
        shape,
        mode="linear",
        coordinate_transformation_mode="half_pixel",
    )
    return ops.tensor(name, shape, layout=Layout.FIRST)


def _nearest(length: int, count: int) -> list[int]:
    """Return for each place of the result the place that its centre falls on."""
    scale = np.float32(length) / np.float32(count)
    places = np.floor((np.arange(count, dtype=np.float32) + np.float32(0.5)) * scale)
    return [int(place) for place in np.minimum(places, length - 1)]


def _weights(
    length: int, count: int, interpolation: str, *, antialias: bool
) -> npt.NDArray[np.float32]:
    """Return how much each of `length` places counts for each of `count` places.

    Centres lie at halves; weights that fall outside are left out, and the rest is
    scaled to 1. Keys' cubic kernel has a = -0.5. Without antialiasing TensorFlow
    looks the cubic kernel up in a table of 1024 entries.

    Reference: TensorFlow's `resize_bicubic_op.cc` and `scale_and_translate_op.cc`.
    """
    scale = np.float32(length) / np.float32(count)
    stretch = max(float(scale), 1.0) if antialias else 1.0
    centres = (np.arange(count, dtype=np.float32) + np.float32(0.5)) * scale - np.float32(0.5)
    offsets = np.arange(length)[None] - centres[:, None]
    if interpolation == "bicubic" and not antialias:
        whole = np.floor(centres)
        fractions = np.rint((centres - whole) * _TABLE) / _TABLE
        offsets = np.arange(length)[None] - (whole + fractions)[:, None]
    weights = _KERNELS[interpolation](np.abs(offsets / stretch))
    shares: npt.NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype("f4")
    return shares


_TABLE = 1024
Kernel = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]


def _triangle(distances: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.maximum(1 - distances, 0)


def _cubic(distances: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    near = (1.5 * distances - 2.5) * distances**2 + 1
    far = ((-0.5 * distances + 2.5) * distances - 4) * distances + 2
    return np.where(distances < 1, near, np.where(distances < 2, far, 0))  # noqa: PLR2004


def _lanczos(radius: int) -> Kernel:
    def kernel(distances: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        window = np.sinc(distances) * np.sinc(distances / radius)
        return np.where(distances < radius, window, 0)

    return kernel


_KERNELS: dict[str, Kernel] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}


@covers("Resizing", note='interpolation="area", "gaussian", "mitchellcubic"')
def resizing(call: Call) -> Tensor:
    """Read a change of the pictures' size, with cropping or padding to keep the proportions."""
    options = call.options
    b, x = windows.builder_and_input(call, 2)
    size = (options.count("height"), options.count("width"))
    height, width, _ = call.known(x)
    antialias = options.boolean("antialias", default=False)
    interpolation = options.raw("interpolation", "bilinear")
    wide_height = int(width * size[0] / size[1])  # the height that goes with the width
    wide_width = int(height * size[1] / size[0])
    if options.boolean("crop_to_aspect_ratio", default=False):
        x = _cropped(call, x, max(min(height, wide_height), 1), max(min(width, wide_width), 1))
    elif options.boolean("pad_to_aspect_ratio", default=False):
        options.choice("fill_mode", ("constant",), "constant")
        top = (max(height, wide_height) - height) // 2
        left = (max(width, wide_width) - width) // 2
        fill = options.number("fill_value", 0.0)
        x = ops.pad(b, x, [top, left, 0], [top, left, 0], fill)
    options.ignore("fill_mode", "fill_value")
    return windows.as_saved(call, resize(call, x, size, interpolation, antialias=antialias))


def _cropped(call: Call, x: Tensor, height: int, width: int) -> Tensor:
    """Return the middle of pictures."""
    full_height, full_width, _ = call.known(x)
    top, left = (full_height - height) // 2, (full_width - width) // 2
    bottom, right = full_height - height - top, full_width - width - left
    return ops.pad(call.b, x, [-top, -left, 0], [-bottom, -right, 0])


@covers("CenterCrop")
def centre_crop(call: Call) -> Tensor:
    """Cut out the middle, or, of smaller pictures, resize the middle of the right proportions."""
    options = call.options
    _, x = windows.builder_and_input(call, 2)
    size = (options.count("height"), options.count("width"))
    height, width, _ = call.known(x)
    if height >= size[0] and width >= size[1]:
        return windows.as_saved(call, _cropped(call, x, *size))
    crop_height = max(min(height, int(width * size[0] / size[1])), 1)
    crop_width = max(min(width, int(height * size[1] / size[0])), 1)
    x = _cropped(call, x, crop_height, crop_width)
    return windows.as_saved(call, resize(call, x, size, "bilinear", antialias=False))


@covers("AutoContrast")
def auto_contrast(call: Call) -> Tensor:
    """Stretch each channel of each picture to the whole range of values."""
    b, x = windows.builder_and_input(call, 2)
    low, high = (float(value) for value in call.options.list("value_range", [0, 255]))
    call.options.ignore("bounding_box_format")
    floor = ops.reduce(b, "ReduceMin", x, [1, 2], keepdims=True)
    ceiling = ops.reduce(b, "ReduceMax", x, [1, 2], keepdims=True)
    spread = ops.binary(b, "Sub", ceiling, floor)
    share = ops.binary(b, "Div", ops.binary(b, "Sub", x, floor), spread)
    stretched = ops.binary(b, "Add", ops.binary(b, "Mul", share, high - low), low)
    flat = ops.binary(b, "Equal", spread, 0.0, "bool")
    same = ops.binary(b, "Or", flat, ops.unary(b, "IsNaN", share, "bool"), "bool")
    return windows.as_saved(call, ops.where(b, same, x, stretched))
