"""`assay inspect`, `assay predict`, `assay grade`: the grader's eyes, on one's own machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from assay.cli.bankoptions import BankFolder
from assay.cli.exits import ExitCode
from assay.cli.modelview import report, show, shown_shape, tell
from assay.cli.options import Json
from assay.cli.ownrunner import own_runner
from assay.cli.talk import Talk
from assay.cli.told import problem_of
from assay.errors import Refusal, UsageError
from assay.items import scan_bank
from assay.items.spec import ContractYaml, LimitsYaml
from assay.messages import N_
from assay.wire import TOP_POINTS, Verdict

if TYPE_CHECKING:
    from assay.items.variant import Array

DETAILS = {
    "inspect": N_(
        "Shows the kind of file, the framework that wrote it, layers, inputs, outputs, parameters "
        "and the cost of one sample, and everything that a task would refuse it for, with the "
        "remedy. The task is the one whose folder the file is in, or the item named by --item. "
        "Nothing from the file is executed. Exit code 7: it would be refused."
    ),
    "predict": N_(
        "The inputs are a .npy file, or a .npz file with one array for each input of the model; "
        "the first axis is the samples. The predictions are written as float32. The model runs "
        "in the same sandbox as on a server, where the system has what it needs."
    ),
    "grade": N_(
        "Draws the item's variant from the seed and grades the file on its hidden samples, "
        "exactly as a server would. For authors: the hidden samples are drawn on this machine."
    ),
}

_MANIFEST = "item.json"  # in a category's folder

ModelPath = Annotated[
    Path, typer.Argument(metavar="FILE", show_default=False, help=N_("The model file."))
]


class NoModelFile(UsageError):
    """There is no such file."""

    code = "no_model_file"
    message = N_("A model file was expected, but there is no file {file}.")
    remedy = N_('Name the file that model.save("mymodel.h5") wrote.')


class FolderInstead(UsageError):
    """A folder, such as a SavedModel."""

    code = "folder_instead"
    message = N_("A model file was expected, but {file} is a folder.")
    remedy = N_('Save the model as one file: model.save("mymodel.h5").')


class BadInputs(UsageError):
    """The inputs cannot be used."""

    code = "bad_inputs"
    message = N_("{file} cannot be used as inputs: {reason}.")
    remedy = N_(
        'Save them with numpy.save("x.npy", x), or numpy.savez("x.npz", name=x, …) for several '
        "inputs; the first axis is the samples."
    )


class _Manifest(BaseModel):
    """What is needed of a task's `item.json`."""

    model_config = ConfigDict(extra="ignore")

    key: str
    contract: ContractYaml
    limits: LimitsYaml


def inspect(
    file: ModelPath,
    *,
    item: Annotated[
        str | None,
        typer.Option(
            "--item",
            metavar="ITEM",
            show_default=False,
            help=N_("An item of the bank, as category/name; else the task of the file's folder."),
        ),
    ] = None,
    bank: BankFolder = None,
    as_json: Json = False,
) -> None:
    """Show what a model file holds, and whether a task would take it."""
    talk = Talk(as_json=as_json)
    _check(file)
    task = _task(file, item, bank)
    with own_runner(talk) as runner:
        if task is None:
            found = runner.inspect(file)
        else:
            found = runner.inspect(file, task.contract.to_contract(), task.limits.to_limits())
    chosen = None if task is None else task.key
    show(file, found, chosen, talk)
    talk.give(report(file, found, chosen, talk))
    if found.problems:
        raise typer.Exit(ExitCode.REFUSED)


def predict(
    file: ModelPath,
    *,
    inputs: Annotated[
        Path,
        typer.Option(
            "--inputs",
            metavar="FILE",
            show_default=False,
            help=N_("The inputs, as .npy or .npz."),
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            metavar="FILE",
            show_default=False,
            help=N_("Where the predictions are written, as .npy."),
        ),
    ],
    as_json: Json = False,
) -> None:
    """Run a model file on inputs, as the grader does."""
    import numpy as np  # noqa: PLC0415 - not every candidate has it

    talk = Talk(as_json=as_json)
    _check(file)
    with own_runner(talk) as runner:
        arrays = _arrays(inputs)
        with talk.waiting(N_("Running {file}"), file=file.name):
            predictions = runner.run(file, arrays)
    with output.open("wb") as target:
        np.save(target, predictions, allow_pickle=False)
    shape = shown_shape(predictions.shape)
    talk.show_plain(
        talk.in_words(N_("{shape} float32 numbers written to {file}"), shape=shape, file=output)
    )
    talk.give({"file": str(output), "shape": list(predictions.shape), "dtype": "float32"})


def grade(
    file: ModelPath,
    *,
    item: Annotated[
        str,
        typer.Option(
            "--item",
            metavar="ITEM",
            show_default=False,
            help=N_("An item of the bank, as category/name."),
        ),
    ],
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", min=0, help=N_("Which variant of the item."))
    ] = 0,
    bank: BankFolder = None,
    as_json: Json = False,
) -> None:
    """Grade a model file against an item of the bank, as the server does."""
    talk = Talk(as_json=as_json)
    _check(file)
    chosen = scan_bank(bank).item(item)
    with own_runner(talk) as runner:
        from assay.grading import grade as grade_file  # noqa: PLC0415 - brings NumPy

        with talk.waiting(N_("Drawing {item}, seed {seed}"), item=chosen.key, seed=seed):
            split = chosen.draw(seed).hidden
        try:
            outcome = grade_file(
                runner,
                file,
                contract=chosen.spec.to_contract(),
                limits=chosen.spec.to_limits(),
                metric=chosen.spec.metric,
                split=split,
            )
        except Refusal as refusal:
            problem = problem_of(refusal, talk.language)
            tell([refusal], talk)
            talk.give({"verdict": Verdict(refusal=problem).model_dump(mode="json")})
            raise typer.Exit(ExitCode.REFUSED) from None
    metric = chosen.spec.metric.name
    talk.show_plain(f"{outcome.points}/{TOP_POINTS}  {metric} {outcome.value:.6g}")
    verdict = Verdict(points=outcome.points).model_dump(mode="json")
    talk.give({"verdict": verdict, "metric": metric, "value": outcome.value})


# What they share


def _check(file: Path) -> None:
    if file.is_dir():
        raise FolderInstead(file=str(file))
    if not file.is_file():
        raise NoModelFile(file=str(file))


def _task(file: Path, item: str | None, bank: Path | None) -> _Manifest | None:
    """Return the task that the file is for: named, or known by the folder it is in."""
    if item is not None:
        chosen = scan_bank(bank).item(item)
        return _Manifest(key=chosen.key, contract=chosen.spec.contract, limits=chosen.spec.limits)
    manifest = file.resolve().parent / _MANIFEST
    try:
        return _Manifest.model_validate_json(manifest.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _arrays(file: Path) -> dict[str, Array]:
    import numpy as np  # noqa: PLC0415 - see `predict`

    try:
        loaded = np.load(file, allow_pickle=False)
        arrays = dict(loaded) if isinstance(loaded, Mapping) else {"input": loaded}
    except (OSError, ValueError, EOFError) as error:
        raise BadInputs(file=str(file), reason=str(error)) from error
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):  # an archive of other things
            raise BadInputs(file=str(file), reason=name)
        if array.ndim == 0 or len(array) == 0 or array.dtype.kind not in "fiub":
            reason = f"{name}: {array.dtype} {shown_shape(array.shape)}"
            raise BadInputs(file=str(file), reason=reason)
    if len({len(array) for array in arrays.values()}) != 1:
        lengths = ", ".join(f"{name}: {len(array)}" for name, array in arrays.items())
        raise BadInputs(file=str(file), reason=lengths or "-")
    return arrays
