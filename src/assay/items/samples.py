"""Whether a drawn variant keeps its item's promises: files, shapes, ranges, no leaks."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from assay.errors import BankError
from assay.items.bundle import TASK_TEXTS, build_bundle, bundle_names, task_text
from assay.items.contract import Contract, InputSpec, OutputKind
from assay.items.errors import (
    ArrayWrong,
    BundleWrong,
    PublicFilesDiffer,
    SamplesOverlap,
    TaskTextWrong,
    TrainingSamplesUnknown,
)
from assay.items.loader import ITEM_YAML, Item
from assay.items.sources import NONE
from assay.items.spec import MetricName
from assay.items.store import load_arrays
from assay.items.variant import Array, Split, Variant
from assay.messages import N_, Words

_FINITE, _NOT_FINITE = Words(N_("finite numbers")), Words(N_("NaN or infinity"))
_TOLERANCE = 1e-6  # of a declared range, for float32


def check_variant(item: Item, variant: Variant) -> list[BankError]:
    """Return everything that is wrong with `variant`; cheap beside drawing it."""
    declared, drawn = sorted(item.spec.public_files), sorted(variant.files)
    if declared != drawn:
        return [
            PublicFilesDiffer(
                file=f"{item.key}/{ITEM_YAML}",
                field="files",
                expected=", ".join(declared) or NONE,
                received=", ".join(drawn) or NONE,
            )
        ]
    wrong_kinds = [*_check_kinds(item, variant)]
    if wrong_kinds:
        return wrong_kinds  # nothing else can be looked at
    wrong_train = [*_check_train(item, variant)]
    return [
        *_check_split(item, "hidden", variant.hidden),
        *_check_split(item, "sealed", variant.sealed),
        *wrong_train,
        *_check_texts(item, variant),
        *_check_bundle(item, variant),
        *([] if wrong_train else _check_overlap(item, variant)),  # it could not be compared
    ]


def _check_kinds(item: Item, variant: Variant) -> Iterator[BankError]:
    """Check what no type checker sees of an author's code: arrays, and bytes."""

    def wrong(field: str, expected: str, received: object) -> ArrayWrong:
        kind = type(received).__name__
        return ArrayWrong(file=f"{item.key}/data.py", field=field, expected=expected, received=kind)

    for name, data in variant.files.items():
        if not isinstance(data, bytes):
            yield wrong(f"files[{name!r}]", "bytes", data)
    named = {"hidden": variant.hidden, "sealed": variant.sealed}
    for name, split in named.items():
        if not isinstance(split, Split):
            yield wrong(name, "Split", split)
    splits = {name: split for name, split in named.items() if isinstance(split, Split)}
    arrays: dict[str, object] = {f"train[{key!r}]": array for key, array in variant.train.items()}
    for name, split in splits.items():
        arrays |= {f"{name}.inputs[{key!r}]": array for key, array in split.inputs.items()}
        arrays[f"{name}.labels"] = split.labels
        if split.baseline is not None:
            arrays[f"{name}.baseline"] = split.baseline
    for field, array in arrays.items():
        if not isinstance(array, np.ndarray):
            yield wrong(field, Words(N_("a NumPy array")), array)


def _check_train(item: Item, variant: Variant) -> Iterator[BankError]:
    """Check that `train`, if it is given, can be compared with the hidden samples."""
    inputs = item.spec.to_contract().inputs
    names = sorted(spec.name for spec in inputs)
    file = f"{item.key}/data.py"
    if variant.train and sorted(variant.train) != names:
        yield ArrayWrong(
            file=file,
            field="train",
            expected=Words(N_("the inputs {names}"), names=", ".join(names)),
            received=", ".join(variant.train),
        )
        return
    for spec in inputs:
        array = variant.train.get(spec.name)
        if array is not None and not _fits(array.shape, (None, *spec.shape)):
            yield ArrayWrong(
                file=file,
                field=f"train[{spec.name!r}]",
                expected=_shape(_show((None, *spec.shape))),
                received=str(array.shape),
            )


def _check_split(item: Item, name: str, split: Split) -> Iterator[BankError]:
    contract = item.spec.to_contract()
    n = item.spec.hidden_size
    wrong = _Reporter(f"{item.key}/data.py", name)
    expected_names = sorted(i.name for i in contract.inputs)
    if sorted(split.inputs) != expected_names:
        names = ", ".join(expected_names)
        yield wrong("inputs", Words(N_("the inputs {names}"), names=names), ", ".join(split.inputs))
        return
    for spec in contract.inputs:
        yield from _check_input(wrong, spec, split.inputs[spec.name], n)
    yield from _check_labels(wrong, contract, split.labels, n)
    needs_baseline = item.spec.metric.name is MetricName.MAE_RATIO
    shape = (n, *contract.output.shape)
    if needs_baseline and split.baseline is None:
        yield wrong("baseline", Words(N_("the naive forecast, for mae_ratio")), NONE)
    elif not needs_baseline and split.baseline is not None:
        yield wrong(
            "baseline",
            Words(N_("none, for {metric}"), metric=item.spec.metric.name),
            Words(N_("one")),
        )
    elif split.baseline is not None:
        yield from _check_values(wrong, "baseline", split.baseline, shape)


class _Reporter:
    """Makes errors about one split of one item."""

    def __init__(self, file: str, split: str) -> None:
        self._file = file
        self._split = split

    def __call__(self, field: str, expected: str, received: str) -> ArrayWrong:
        return ArrayWrong(
            file=self._file, field=f"{self._split}.{field}", expected=expected, received=received
        )


def _check_input(wrong: _Reporter, spec: InputSpec, array: Array, n: int) -> Iterator[BankError]:
    field = f"inputs[{spec.name!r}]"
    if not _fits(array.shape, (n, *spec.shape)):
        yield wrong(field, _shape(_show((n, *spec.shape))), str(array.shape))
        return
    if array.dtype != spec.dtype:
        yield wrong(field, Words(N_("dtype {dtype}"), dtype=spec.dtype), str(array.dtype))
        return
    if not np.isfinite(array).all():
        yield wrong(field, _FINITE, _NOT_FINITE)
        return
    low, high = float(array.min()), float(array.max())
    if spec.low is not None and low < spec.low - _TOLERANCE * max(1, abs(spec.low)):
        yield wrong(field, Words(N_("values from {low}"), low=spec.low), str(low))
    if spec.high is not None and high > spec.high + _TOLERANCE * max(1, abs(spec.high)):
        yield wrong(field, Words(N_("values up to {high}"), high=spec.high), str(high))


def _check_labels(
    wrong: _Reporter, contract: Contract, labels: Array, n: int
) -> Iterator[BankError]:
    if contract.output.kind is OutputKind.VALUE:
        yield from _check_values(wrong, "labels", labels, (n, *contract.output.shape))
        return
    classes = 2 if contract.output.kind is OutputKind.PROBABILITY else contract.output.shape[-1]
    if labels.shape != (n,):
        yield wrong("labels", _shape((n,)), str(labels.shape))
    elif not np.issubdtype(labels.dtype, np.integer):
        yield wrong("labels", Words(N_("integers, the classes' indices")), str(labels.dtype))
    else:
        present = {int(label) for label in np.unique(labels)}
        if present != set(range(classes)):
            every = Words(N_("every class from 0 to {last}"), last=classes - 1)
            yield wrong("labels", every, str(sorted(present)))


def _check_values(
    wrong: _Reporter, field: str, array: Array, shape: tuple[int, ...]
) -> Iterator[BankError]:
    if array.shape != shape:
        yield wrong(field, _shape(shape), str(array.shape))
    elif not np.issubdtype(array.dtype, np.floating):
        yield wrong(field, Words(N_("floating-point numbers")), str(array.dtype))
    elif not np.isfinite(array).all():
        yield wrong(field, _FINITE, _NOT_FINITE)


def _check_texts(item: Item, variant: Variant) -> Iterator[BankError]:
    for language, name in TASK_TEXTS.items():
        text = task_text(item, variant, language)
        if "${" in text:
            left = text[text.index("${") :].split("}")[0] + "}"
            yield TaskTextWrong(
                file=f"{item.key}/{name}",
                field="${}",
                expected=Words(
                    N_("a text for it in {place}"), place=f"Variant.texts[{language.value!r}]"
                ),
                received=left,
            )


def _check_bundle(item: Item, variant: Variant) -> Iterator[BankError]:
    members = _member_names(build_bundle(item, variant))
    allowed = bundle_names(item)
    if members != allowed:
        yield BundleWrong(
            file=item.key,
            field="bundle",
            expected=", ".join(sorted(allowed)),
            received=", ".join(sorted(members)),
        )
    private = {
        _digest(path.read_bytes()): path
        for path in item.folder.rglob("*")
        if path.is_file() and path.name not in allowed
    }
    for name, data in variant.files.items():
        copied = private.get(_digest(data))
        if copied is not None:
            yield BundleWrong(
                file=item.key,
                field=name,
                expected=Words(N_("nothing private")),
                received=f"{name} = {copied.relative_to(item.folder)}",
            )


def _member_names(bundle: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as file:
        return set(file.namelist())


def _check_overlap(item: Item, variant: Variant) -> Iterator[BankError]:
    contract = item.spec.to_contract()
    train = dict(variant.train) or find_training_samples(contract, variant)
    if train is None:
        yield TrainingSamplesUnknown(file=f"{item.key}/data.py", field="train")
        return
    sets = {
        "train": _digests(contract, train),
        "hidden": _digests(contract, variant.hidden.inputs),
        "sealed": _digests(contract, variant.sealed.inputs),
    }
    for one, other in combinations(sets, 2):
        shared = len(sets[one] & sets[other])
        if shared:
            yield SamplesOverlap(
                file=f"{item.key}/data.py",
                field=f"{one}, {other}",
                expected=0,
                received=shared,
            )


def find_training_samples(contract: Contract, variant: Variant) -> dict[str, Array] | None:
    """Return arrays of the contract's input shapes from the public npz files, if any."""
    found: dict[str, Array] = {}
    for name, data in sorted(variant.files.items()):
        if not name.endswith(".npz"):
            continue
        for array in load_arrays(data).values():
            for spec in contract.inputs:
                if _fits(array.shape[1:], spec.shape) and array.ndim == 1 + len(spec.shape):
                    found.setdefault(spec.name, array)
    return found if len(found) == len(contract.inputs) else None


def _digests(contract: Contract, inputs: Mapping[str, Array]) -> set[bytes]:
    """Return a digest of each sample, all its inputs together, as numbers of the contract."""
    arrays = [
        np.ascontiguousarray(inputs[spec.name], dtype=spec.dtype)
        for spec in contract.inputs
        if spec.name in inputs
    ]
    return {
        hashlib.sha256(b"".join(row.tobytes() for row in rows)).digest()
        for rows in zip(*arrays, strict=True)
    }


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _fits(shape: tuple[int, ...], expected: tuple[int | None, ...]) -> bool:
    return len(shape) == len(expected) and all(
        want is None or have == want for have, want in zip(shape, expected, strict=True)
    )


def _shape(shape: object) -> Words:
    return Words(N_("shape {shape}"), shape=str(shape))


def _show(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")"
