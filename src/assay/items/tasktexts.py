"""Whether the two texts of a task are built alike and tell what `item.yaml` promises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assay.errors import BankError
from assay.items.bundle import TASK_TEXTS
from assay.items.errors import TaskTextSilent, TaskTextWrong
from assay.items.loader import Item
from assay.items.sources import NONE
from assay.messages import N_, Words

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_SAME = 1e-9


def check_task_texts(item: Item) -> Iterator[BankError]:
    """Check that both texts have the same headings, tables and fields, and keep nothing back.

    A candidate must find the shapes, the cuts (as they are or in per cent), the size of the
    hidden set and that of the file: they are what an author changes and forgets to tell.

    Args:
        item: The item; its task texts are there.
    """
    texts = {name: (item.folder / name).read_text(encoding="utf-8") for name in TASK_TEXTS.values()}
    yield from _check_likeness(item, texts)
    for name, text in texts.items():
        for lacking in _lacking(item, text):
            yield TaskTextSilent(file=f"{item.key}/{name}", expected=lacking)


def _lacking(item: Item, text: str) -> Iterator[Words]:
    spec = item.spec
    numbers = {float(number.replace(",", "")) for number in re.findall(_NUMBER, text)}
    contract = item.spec.to_contract()
    shapes: list[tuple[int | None, ...]] = [i.shape for i in contract.inputs]
    for shape in [*shapes, contract.output.shape]:
        shown = str(shape)
        if None not in shape and shown not in text:
            yield Words(N_("the shape {shape}"), shape=shown)
    cuts = [cut for cut in spec.metric.cuts if not _named(cut, numbers)]
    if cuts:
        yield Words(N_("the cuts {cuts}"), cuts=", ".join(f"{cut:g}" for cut in cuts))
    if spec.hidden_size not in numbers:
        yield Words(N_("the hidden set's {count} samples"), count=f"{spec.hidden_size:,}")
    if f"{spec.limits.file_mb:g} MB" not in text:
        yield Words(N_("the limit of {size} MB"), size=f"{spec.limits.file_mb:g}")


def _named(cut: float, numbers: set[float]) -> bool:
    return any(abs(cut - number) < _SAME or abs(100 * cut - number) < _SAME for number in numbers)


def _check_likeness(item: Item, texts: Mapping[str, str]) -> Iterator[BankError]:
    first_name, first = next(iter(texts.items()))
    for name, text in texts.items():
        for what, pattern in (
            (Words(N_("headings")), r"(?m)^#+ "),
            (Words(N_("tables' rows")), r"(?m)^\|"),
            (Words(N_("code blocks")), r"(?m)^```"),
        ):
            expected, received = len(re.findall(pattern, first)), len(re.findall(pattern, text))
            if expected != received:
                yield TaskTextWrong(
                    file=f"{item.key}/{name}",
                    field=what,
                    expected=Words(N_("{what}, as in {file}"), what=expected, file=first_name),
                    received=str(received),
                )
        expected_fields = sorted(set(re.findall(r"\$\{\w+\}", first)))
        fields = sorted(set(re.findall(r"\$\{\w+\}", text)))
        if fields != expected_fields:
            yield TaskTextWrong(
                file=f"{item.key}/{name}",
                field="${}",
                expected=Words(
                    N_("{what}, as in {file}"),
                    what=", ".join(expected_fields) or NONE,
                    file=first_name,
                ),
                received=", ".join(fields) or NONE,
            )
