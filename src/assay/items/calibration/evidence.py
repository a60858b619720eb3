"""The measured evidence of an item, `calibration.json`: recipes × seeds → points.

A run counts as long as the files that made it are the same: those that draw a variant, and the
recipe. Texts, titles and the README may change; so may the cuts, since points follow from the
values that were measured.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from assay.items.demands import newer_format
from assay.items.errors import UnreadableFile
from assay.items.ladder import Recipe, ladder
from assay.items.loader import Item
from assay.items.spec import MetricYaml, Spec
from assay.messages import N_, Words

FILE = "calibration.json"
PICTURE = "calibration.png"
FORMAT_VERSION = 1


class Mark(Spec):
    """What one model got on one set."""

    value: float
    """Of the item's metric."""
    points: int
    """With the cuts of the time when the file was written."""


class Transfer(Mark):
    """What one variant's model got on the hidden set of another."""

    seed: int
    """Of the other variant."""


class RunRecord(Spec):
    """One recipe, trained on one variant."""

    recipe: str
    """Its path within the item."""
    sha256: str
    """Of the recipe."""
    seed: int
    """Of the variant."""
    hidden: Mark
    """On the hidden set, which decides the points."""
    sealed: Mark
    """On the sealed set."""
    standard_error: float
    """Of the hidden value, for samples that are independent of each other: binomial for
    accuracy, else from a bootstrap over the samples."""
    same_points: float
    """The probability that two such sets give this model the same points."""
    transfer: Transfer | None = None
    """For the reference: on the next seed's variant."""
    seconds: float
    """Wall clock of the training, without importing TensorFlow."""
    processor_seconds: float | None = None
    """What all of its threads took of the processor; evidence of before lacks it."""
    machine: int
    """Which of `machines` it ran on."""


class Evidence(Spec):
    """The content of `calibration.json`."""

    format_version: Literal[1] = 1
    """The version of this format."""
    item: str
    """The item's name."""
    metric: str
    """What the values are."""
    drawing: str
    """SHA-256 of all that draws a variant."""
    machines: list[str] = Field(default_factory=list)
    """Where it was measured: processor, system, versions, threads."""
    runs: list[RunRecord] = Field(default_factory=list)
    """In the order of the ladder, then of the seeds."""


def drawing_digest(item: Item) -> str:
    """Return the SHA-256 of all that draws a variant and takes its models.

    These are `data.py`, the folder `assets/`, and of `item.yaml` the contract without its
    words, the metric's name, the limits, the sizes and the pins of downloads.
    """
    spec = item.spec
    settings = {
        "contract": repr(spec.to_contract()),
        "limits": repr(spec.to_limits()),
        "metric": spec.metric.name.value,
        "public_files": spec.public_files,
        "hidden_size": spec.hidden_size,
        "data": [
            [file.name, file.sha256, file.member, file.also, file.tree] for file in spec.data.files
        ],
    }
    assets = [path for path in item.folder.glob("assets/**/*") if path.is_file()]
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for path in [item.source, *sorted(p for p in assets if "__pycache__" not in p.parts)]:
        name = path.relative_to(item.folder).as_posix()
        digest.update(f"\n{name} {file_digest(path)}".encode())
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read(item: Item) -> Evidence | None:
    """Return the item's evidence, or None if there is none.

    Raises:
        NewerFormat: It was written by a newer Assay.
        UnreadableFile: It is not what `write` has written.
    """
    path, name = item.folder / FILE, f"{item.key}/{FILE}"
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise UnreadableFile(file=name, expected="JSON", received=str(error)) from None
    newer = newer_format(name, content, FORMAT_VERSION)
    if newer is not None:
        raise newer
    try:
        return Evidence.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        received = f"{field}: {first['msg']}" if field else first["msg"]
        raise UnreadableFile(
            file=name, expected=Words(N_("measured evidence")), received=received
        ) from None


def current(item: Item, evidence: Evidence | None) -> Evidence:
    """Return the runs that belong to the item as it is, with points by its present cuts."""
    drawing = drawing_digest(item)
    digests = {recipe.name: file_digest(recipe.path) for recipe in ladder(item)}
    known = evidence if evidence is not None and evidence.drawing == drawing else None
    runs = [
        _by_cuts(run, item.spec.metric)
        for run in (known.runs if known else [])
        if digests.get(run.recipe) == run.sha256
    ]
    return Evidence(
        item=item.key,
        metric=item.spec.metric.name,
        drawing=drawing,
        machines=known.machines if known else [],
        runs=runs,
    )


def stale(item: Item, evidence: Evidence) -> list[str]:
    """Return the names of what changed since the evidence was measured."""
    if evidence.drawing != drawing_digest(item):
        return [Words(N_("data.py, item.yaml or assets/"))]
    now = {recipe.name: file_digest(recipe.path) for recipe in ladder(item)}
    then = {run.recipe: run.sha256 for run in evidence.runs}
    return sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))


def write(item: Item, evidence: Evidence) -> None:
    """Write the evidence beside the item, one run in a line; never half of it."""
    order = {recipe.name: number for number, recipe in enumerate(ladder(item))}
    runs = sorted(evidence.runs, key=lambda run: (order[run.recipe], run.seed))
    used = sorted({run.machine for run in runs})
    head = evidence.model_dump(mode="json", exclude={"runs"})
    head["machines"] = [evidence.machines[number] for number in used]
    lines = [
        run.model_copy(update={"machine": used.index(run.machine)}).model_dump(
            mode="json", exclude_none=True
        )
        for run in runs
    ]
    text = json.dumps(head, indent=2, ensure_ascii=False)
    body = ",\n".join(f"    {json.dumps(line)}" for line in lines)
    path = item.folder / FILE
    draft = path.with_name(f".{FILE}.new")
    draft.write_text(f'{text[:-2]},\n  "runs": [\n{body}\n  ]\n}}\n', encoding="utf-8")
    draft.replace(path)


def missing(item: Item, evidence: Evidence, seeds: Sequence[int]) -> list[tuple[int, Recipe]]:
    """Return what is still to be trained: seed by seed, from the bottom of the ladder up."""
    done = {(run.recipe, run.seed) for run in evidence.runs}
    return [
        (seed, recipe)
        for seed in seeds
        for recipe in ladder(item)
        if (recipe.name, seed) not in done
    ]


def _by_cuts(run: RunRecord, metric: MetricYaml) -> RunRecord:
    def again(mark: Mark) -> Mark:
        return mark.model_copy(update={"points": metric.points(mark.value)})

    changes = {"hidden": again(run.hidden), "sealed": again(run.sealed)}
    if run.transfer is not None:
        changes["transfer"] = again(run.transfer)
    return run.model_copy(update=changes)
