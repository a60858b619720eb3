"""Operations on tensors: ONNX nodes whose shapes and layouts are kept track of.

Axes count the batch as axis 0, as Keras's do; shapes are of one sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from assay.grading.modelfile.builder import Builder
from assay.grading.modelfile.graph import Shape
from assay.grading.modelfile.tensor import Layout, Tensor, size_of

Operand = Tensor | npt.NDArray[np.generic] | float | int


class Mismatch(ValueError):
    """Shapes that do not go together; layers turn it into a refusal."""


# Layouts


def last(b: Builder, x: Tensor) -> str:
    """Return the value that holds `x` with the channels last."""
    if Layout.LAST not in x.names:
        perm = [0, *range(2, x.rank), 1]
        name = b.node("Transpose", [x.names[Layout.FIRST]], x.shape, dtype=x.dtype, perm=perm)
        x.names[Layout.LAST] = name
    return x.names[Layout.LAST]


def first(b: Builder, x: Tensor) -> str:
    """Return the value that holds `x` with the channels after the batch."""
    if Layout.FIRST not in x.names:
        name = x.names[Layout.LAST]
        if x.rank > 2:  # noqa: PLR2004 - batch and channels need no order
            perm = [0, x.rank - 1, *range(1, x.rank - 1)]
            name = b.node("Transpose", [name], x.shape, dtype=x.dtype, perm=perm)
        x.names[Layout.FIRST] = name
    return x.names[Layout.FIRST]


def in_layout(b: Builder, x: Tensor, layout: Layout) -> str:
    """Return the value that holds `x` in `layout`."""
    return last(b, x) if layout is Layout.LAST else first(b, x)


def tensor(name: str, shape: Shape, dtype: str = "float32", layout: Layout = Layout.LAST) -> Tensor:
    """Return the tensor that the value `name` holds."""
    return Tensor(shape=shape, dtype=dtype, names={layout: name})


def place(axis: int, rank: int, layout: Layout) -> int:
    """Return where `axis` of the channels-last order is in `layout`."""
    axis %= rank
    if layout is Layout.LAST or axis == 0:
        return axis
    return 1 if axis == rank - 1 else axis + 1


def _joint_layout(tensors: Sequence[Tensor]) -> Layout:
    """Return the layout that needs the fewest transpositions."""
    ranks = {x.rank for x in tensors}
    if len(ranks) == 1 and sum(Layout.FIRST in x.names for x in tensors) * 2 > len(tensors):
        return Layout.FIRST
    if len(tensors) == 1:
        return tensors[0].layout
    return Layout.LAST


# Elementwise


def unary(
    b: Builder, operator: str, x: Tensor, dtype: str | None = None, **attributes: Any
) -> Tensor:
    """Apply an elementwise operator."""
    layout = x.layout
    dtype = dtype or x.dtype
    name = b.node(operator, [x.names[layout]], x.shape, dtype=dtype, **attributes)
    return tensor(name, x.shape, dtype, layout)


def cast(b: Builder, x: Tensor, dtype: str) -> Tensor:
    """Convert to `dtype`."""
    if x.dtype == dtype:
        return x
    to = {"float32": 1, "int32": 6, "int64": 7, "bool": 9}[dtype]
    return unary(b, "Cast", x, dtype, to=to)


def binary(b: Builder, operator: str, x: Operand, y: Operand, dtype: str | None = None) -> Tensor:
    """Apply an elementwise operator to two operands, broadcast as NumPy does.

    Arrays broadcast against the last axes of the other operand's channels-last
    order.

    Raises:
        Mismatch: The shapes do not broadcast.
    """
    tensors = [operand for operand in (x, y) if isinstance(operand, Tensor)]
    if len({t.rank for t in tensors}) != 1:
        raise Mismatch
    layout = _joint_layout(tensors)
    rank = tensors[0].rank
    kind = tensors[0].dtype
    names, shapes = zip(*(_aligned(b, each, rank, layout, kind) for each in (x, y)), strict=True)
    shape = broadcast(*shapes)
    if len(shape) != rank - 1:
        raise Mismatch
    kind = dtype or kind
    return tensor(b.node(operator, names, shape, dtype=kind), shape, kind, layout)


def _aligned(
    b: Builder, operand: Operand, rank: int, layout: Layout, dtype: str
) -> tuple[str, Shape]:
    """Return the value of an operand in `layout` and its shape; an array becomes a constant."""
    if isinstance(operand, Tensor):
        return in_layout(b, operand, layout), operand.shape
    array = np.asarray(operand, dtype=dtype)
    return b.constant(_arranged(array, rank, layout)), array.shape


def _arranged(array: npt.NDArray[np.generic], rank: int, layout: Layout) -> npt.NDArray[np.generic]:
    """Return `array` ready to broadcast against a tensor of `rank` in `layout`."""
    if array.ndim >= rank:
        if array.ndim > rank or array.shape[0] != 1:
            raise Mismatch
        array = array[0]
    if layout is Layout.LAST or array.ndim == 0:
        return array
    full = array.reshape((1,) * (rank - 1 - array.ndim) + array.shape)
    return np.moveaxis(full, -1, 0)


def broadcast(*shapes: Shape) -> Shape:
    """Return the shape that `shapes` broadcast to.

    Raises:
        Mismatch: They do not.
    """
    rank = max(len(shape) for shape in shapes)
    columns = zip(*((1,) * (rank - len(shape)) + tuple(shape) for shape in shapes), strict=True)
    result: list[int | None] = []
    for sizes in columns:
        known = {size for size in sizes if size not in (1, None)}
        if len(known) > 1:
            raise Mismatch
        if known:
            result.append(known.pop())
        else:
            result.append(None if None in sizes else 1)
    return tuple(result)


# Shapes


def reshape(b: Builder, x: Tensor, shape: Shape) -> Tensor:
    """Give each sample another shape with as many numbers; at most one size may be None."""
    if shape == x.shape:
        return x
    target = [-1, *shape]
    if None in shape:
        target = [0, *(-1 if size is None else size for size in shape)]
    name = b.node(
        "Reshape", [last(b, x), b.constant(np.array(target, np.int64))], shape, dtype=x.dtype
    )
    return tensor(name, shape, x.dtype)


def regroup(b: Builder, x: Tensor, shape: Shape) -> Tensor:
    """Cut the numbers of all samples anew into samples of `shape`, which is wholly known."""
    target = np.array([-1, *shape], np.int64)
    name = b.node("Reshape", [last(b, x), b.constant(target)], shape, dtype=x.dtype)
    return tensor(name, shape, x.dtype)


def transpose(b: Builder, x: Tensor, perm: Sequence[int]) -> Tensor:
    """Put the axes into the order `perm`, which begins with 0 for the batch."""
    shape = tuple(x.shape[axis - 1] for axis in perm[1:])
    name = b.node("Transpose", [last(b, x)], shape, dtype=x.dtype, perm=list(perm))
    return tensor(name, shape, x.dtype)


def concat(b: Builder, tensors: Sequence[Tensor], axis: int) -> Tensor:
    """Join along `axis`.

    Raises:
        Mismatch: The other sizes differ.
    """
    rank = tensors[0].rank
    if any(t.rank != rank for t in tensors) or axis % rank == 0:
        raise Mismatch
    layout = _joint_layout(tensors)
    at = axis % rank - 1
    sizes = [t.shape[at] for t in tensors]
    rest = [(*t.shape[:at], *t.shape[at + 1 :]) for t in tensors]
    joined = None if None in sizes else sum(size or 0 for size in sizes)
    other = list(broadcast(*rest)) if rest[0] else []
    for shape in rest:
        if any(size not in (None, wide) for size, wide in zip(shape, other, strict=True)):
            raise Mismatch
    shape = (*other[:at], joined, *other[at:])
    dtype = tensors[0].dtype
    name = b.node(
        "Concat",
        [in_layout(b, t, layout) for t in tensors],
        shape,
        dtype=dtype,
        axis=place(axis, rank, layout),
    )
    return tensor(name, shape, dtype, layout)


def pad(
    b: Builder, x: Tensor, before: Sequence[int], after: Sequence[int], value: float = 0.0
) -> Tensor:
    """Pad each axis of a sample with `value`; negative numbers crop.

    Raises:
        Mismatch: Nothing would be left.
    """
    if any(size < 0 for size in (*before, *after)):
        x = _crop(b, x, [max(-size, 0) for size in before], [max(-size, 0) for size in after])
        before, after = [max(size, 0) for size in before], [max(size, 0) for size in after]
    if not any((*before, *after)):
        return x
    shape = tuple(
        None if size is None else size + low + high
        for size, low, high in zip(x.shape, before, after, strict=True)
    )
    if any(size is not None and size < 1 for size in shape):
        raise Mismatch
    layout = x.layout
    order = range(len(before))
    if layout is Layout.FIRST:
        order = [len(before) - 1, *range(len(before) - 1)]  # type: ignore[assignment]
    pads = [0, *(before[axis] for axis in order), 0, *(after[axis] for axis in order)]
    name = b.node(
        "Pad",
        [
            x.names[layout],
            b.constant(np.array(pads, np.int64)),
            b.constant(np.array(value, x.dtype)),
        ],
        shape,
        dtype=x.dtype,
    )
    return tensor(name, shape, x.dtype, layout)


def _crop(b: Builder, x: Tensor, before: Sequence[int], after: Sequence[int]) -> Tensor:
    """Cut places off each axis. ONNX Runtime's Pad crashes on some negative numbers."""
    for axis, (low, high) in enumerate(zip(before, after, strict=True), start=1):
        if low or high:
            x = cut(b, x, axis, low, -high if high else None)
    return x


def cut(  # noqa: PLR0917 - in the order of a slice
    b: Builder, x: Tensor, axis: int, start: int, stop: int | None, step: int = 1
) -> Tensor:
    """Take `start:stop:step` along `axis`, as Python slices do.

    Raises:
        Mismatch: Nothing is left.
    """
    size = x.shape[axis % x.rank - 1]
    far = np.iinfo(np.int64).max if step > 0 else np.iinfo(np.int64).min
    length = None if size is None else len(range(*slice(start, stop, step).indices(size)))
    if length == 0:
        raise Mismatch
    shape = list(x.shape)
    shape[axis % x.rank - 1] = length
    layout = x.layout
    vectors = [[start], [far if stop is None else stop], [place(axis, x.rank, layout)], [step]]
    name = b.node(
        "Slice",
        [x.names[layout], *(b.constant(np.array(vector, np.int64)) for vector in vectors)],
        tuple(shape),
        dtype=x.dtype,
    )
    return tensor(name, tuple(shape), x.dtype, layout)


def reduce(
    b: Builder, operator: str, x: Tensor, axes: Sequence[int], *, keepdims: bool = False
) -> Tensor:
    """Reduce over `axes`."""
    axes = sorted(axis % x.rank for axis in axes)
    layout = x.layout
    kept = [axis for axis in range(1, x.rank) if axis not in axes]
    # Without its other axes a channels-first tensor is in Keras's order only if one axis is left.
    if layout is Layout.FIRST and not keepdims and len(kept) > 1:
        layout = Layout.LAST
    sizes = [1 if axis in axes else x.shape[axis - 1] for axis in range(1, x.rank)]
    shape = tuple(sizes) if keepdims else tuple(x.shape[axis - 1] for axis in kept)
    where = b.constant(np.array([place(axis, x.rank, layout) for axis in axes], np.int64))
    name = b.node(
        operator,
        [in_layout(b, x, layout), where],
        shape,
        dtype=x.dtype,
        multiply_adds=size_of(x.shape),
        keepdims=int(keepdims),
    )
    return tensor(name, shape, x.dtype, layout if keepdims else Layout.LAST)


def expand_dims(b: Builder, x: Tensor, axis: int) -> Tensor:
    """Insert an axis of size 1 before `axis` of the result."""
    at = axis % (x.rank + 1)
    shape = (*x.shape[: at - 1], 1, *x.shape[at - 1 :])
    axes = b.constant(np.array([at], np.int64))
    name = b.node("Unsqueeze", [last(b, x), axes], shape, dtype=x.dtype)
    return tensor(name, shape, x.dtype)


# Products


def dense(b: Builder, x: Tensor, kernel: npt.NDArray[np.generic], bias: str) -> Tensor:
    """Multiply the last axis by `kernel` `(in, out)` and add `bias`, a constant's name or empty."""
    units = kernel.shape[1]
    shape = (*x.shape[:-1], units)
    cost = size_of(x.shape) * units
    weights = b.constant(kernel)
    inputs = [last(b, x), weights]
    if x.rank == 2:  # noqa: PLR2004 - Gemm is for matrices
        name = b.node("Gemm", [*inputs, bias] if bias else inputs, shape, multiply_adds=cost)
    else:
        name = b.node("MatMul", inputs, shape, multiply_adds=cost)
        name = b.node("Add", [name, bias], shape, multiply_adds=0) if bias else name
    return tensor(name, shape)


def softmax(b: Builder, x: Tensor, axis: int = -1, operator: str = "Softmax") -> Tensor:
    """Apply softmax, or the operator of the same kind, along `axis`."""
    return unary(b, operator, x, axis=place(axis, x.rank, x.layout))


def einsum(b: Builder, equation: str, *operands: Tensor | npt.NDArray[np.generic]) -> Tensor:
    """Sum products over the letters that the result lacks.

    Args:
        b: Takes the node.
        equation: Such as `abc,cd->abd`, without an ellipsis; the first letter of
            every tensor and of the result is the batch.
        operands: Tensors, or arrays without a batch.

    Raises:
        Mismatch: The letters do not go with the shapes.
    """
    left, arrow, result = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if not arrow or len(terms) != len(operands):
        raise Mismatch
    sizes: dict[str, int | None] = {}
    names = []
    batch = result[:1]
    for term, operand in zip(terms, operands, strict=True):
        is_tensor = isinstance(operand, Tensor)
        shape = (None, *operand.shape) if is_tensor else tuple(operand.shape)
        if len(term) != len(shape) or len(set(term)) != len(term):
            raise Mismatch
        if is_tensor != (batch in term) or (is_tensor and term[0] != batch):
            raise Mismatch
        for letter, size in zip(term, shape, strict=True):
            known = sizes.setdefault(letter, size)
            if None not in (known, size) and known != size:
                raise Mismatch
            sizes[letter] = size if known is None else known
        names.append(last(b, operand) if isinstance(operand, Tensor) else b.constant(operand))
    if len(set(result)) != len(result) or not set(result) <= set(sizes):
        raise Mismatch
    shape = tuple(sizes[letter] for letter in result[1:])
    cost = size_of(tuple(sizes[letter] for letter in sizes if letter != batch))
    name = b.node("Einsum", names, shape, multiply_adds=cost, equation=f"{left}->{result}")
    return tensor(name, shape)


def matmul(b: Builder, x: Tensor, y: Tensor) -> Tensor:
    """Multiply the last two axes as matrices, sample by sample.

    Raises:
        Mismatch: The shapes do not go together.
    """
    if x.rank != y.rank or x.rank < 3 or x.shape[-1] != y.shape[-2]:  # noqa: PLR2004 - batch and matrix
        raise Mismatch
    shape = (*broadcast(x.shape[:-2], y.shape[:-2]), x.shape[-2], y.shape[-1])
    cost = size_of(shape) * (x.shape[-1] or 1)
    return tensor(b.node("MatMul", [last(b, x), last(b, y)], shape, multiply_adds=cost), shape)


def where(b: Builder, condition: Tensor, x: Operand, y: Operand) -> Tensor:
    """Return `x` where `condition` holds, else `y`, broadcast as NumPy does."""
    tensors = [operand for operand in (x, y) if isinstance(operand, Tensor)]
    dtype = tensors[0].dtype if tensors else "float32"
    rank = max(t.rank for t in (condition, *tensors))
    if any(t.rank != rank for t in (condition, *tensors)):
        raise Mismatch
    layout = _joint_layout([condition, *tensors])
    operands = (condition, x, y)
    names, shapes = zip(*(_aligned(b, each, rank, layout, dtype) for each in operands), strict=True)
    shape = broadcast(*shapes)
    return tensor(b.node("Where", names, shape, dtype=dtype), shape, dtype, layout)


def gather(b: Builder, x: Tensor, index: Sequence[int], axis: int) -> Tensor:
    """Take the places `index` along `axis`."""
    at = axis % x.rank
    shape = (*x.shape[: at - 1], len(index), *x.shape[at:])
    layout = x.layout
    name = b.node(
        "Gather",
        [x.names[layout], b.constant(np.array(index, np.int64))],
        shape,
        dtype=x.dtype,
        axis=place(at, x.rank, layout),
    )
    return tensor(name, shape, x.dtype, layout)


def zeros(b: Builder, like: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return zeros of `shape` for each sample of `like`."""
    batch = b.node("Shape", [like.names[like.layout]], (), dtype="int64", start=0, end=1)
    whole = b.node("Concat", [batch, b.constant(np.array(shape, np.int64))], (), axis=0)
    return tensor(b.node("ConstantOfShape", [whole], shape), shape)
