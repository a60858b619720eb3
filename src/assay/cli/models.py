"""`assay inspect`, `assay predict`, `assay grade`: the grader's eyes, on one's own machine."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.table import Table
from rich.text import Text

from assay.cli.exits import ExitCode
from assay.cli.failures import ExtraMissing
from assay.cli.options import Json
from assay.cli.talk import Talk, size_of
from assay.cli.told import problem_of
from assay.errors import Refusal, UsageError
from assay.items import scan_bank
from assay.items.spec import ContractYaml, LimitsYaml
from assay.messages import N_
from assay.wire import TOP_POINTS, Verdict

if TYPE_CHECKING:
    from assay.grading.sandbox import Runner
    from assay.grading.sandbox.inspection import Inspection, Shape
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
_MOST_THREADS = 2
_LAYERS_SHOWN = 100
_KINDS = {"keras-h5": "Keras HDF5 (.h5)", "keras": "Keras (.keras)", "onnx": "ONNX (.onnx)"}

ModelPath = Annotated[
    Path, typer.Argument(metavar="FILE", show_default=False, help=N_("The model file."))
]
BankFolder = Annotated[
    Path | None,
    typer.Option(
        "--bank",
        metavar="FOLDER",
        show_default=False,
        help=N_("The bank; else ASSAY_BANK, else the open bank."),
    ),
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
    with _runner(talk) as runner:
        if task is None:
            found = runner.inspect(file)
        else:
            found = runner.inspect(file, task.contract.to_contract(), task.limits.to_limits())
    _show(file, found, task, talk)
    talk.give(_report(file, found, task, talk))
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
    with _runner(talk) as runner:
        arrays = _arrays(inputs)
        with talk.waiting(N_("Running {file}"), file=file.name):
            predictions = runner.run(file, arrays)
    with output.open("wb") as target:
        np.save(target, predictions, allow_pickle=False)
    shape = _shown(predictions.shape)
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
    with _runner(talk) as runner:
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
            _tell([refusal], talk)
            talk.give({"verdict": Verdict(refusal=problem).model_dump(mode="json")})
            raise typer.Exit(ExitCode.REFUSED) from None
    metric = chosen.spec.metric.name
    talk.show_plain(f"{outcome.points}/{TOP_POINTS}  {metric} {outcome.value:.6g}")
    verdict = Verdict(points=outcome.points).model_dump(mode="json")
    talk.give({"verdict": verdict, "metric": metric, "value": outcome.value})


# What they share


@contextmanager
def _runner(talk: Talk) -> Iterator[Runner]:
    """Start a runner: locked where the system has what that needs, else plain, and say so."""
    for module in ("h5py", "numpy", "onnx", "onnxruntime"):
        if importlib.util.find_spec(module) is None:
            raise ExtraMissing(missing=module, extra="grader")
    from assay.grading.sandbox import Runner  # noqa: PLC0415 - takes its time

    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    runner = _locked(threads, second_path=os.environ.get("ASSAY_KERAS") == "1")
    if runner is None:
        talk.warn(
            N_(
                "The model runs without a sandbox here. That is fine for files of your own; "
                "do not run those of other people."
            )
        )
        runner = Runner(threads=threads, plain=True)
    with runner:
        yield runner


def _locked(threads: int, *, second_path: bool) -> Runner | None:
    """Return a runner whose lock holds, running; None where there is none."""
    from assay.grading.sandbox import GradingFault, Runner  # noqa: PLC0415 - the same

    runner = Runner(threads=threads, second_path=second_path)
    try:
        runner.start()
        if runner.self_test().is_sandboxed:
            return runner
    except GradingFault:
        pass  # this system does not let a process lock itself
    runner.close()
    return None


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
            reason = f"{name}: {array.dtype} {_shown(array.shape)}"
            raise BadInputs(file=str(file), reason=reason)
    if len({len(array) for array in arrays.values()}) != 1:
        lengths = ", ".join(f"{name}: {len(array)}" for name, array in arrays.items())
        raise BadInputs(file=str(file), reason=lengths or "-")
    return arrays


def _show(file: Path, found: Inspection, task: _Manifest | None, talk: Talk) -> None:
    facts = Table.grid(padding=(0, 3, 0, 0))
    facts.add_row(talk.in_words(N_("File")), f"{file.name}, {size_of(found.file_bytes)}")
    facts.add_row(
        talk.in_words(N_("Kind")), f"{_KINDS.get(found.kind, found.kind)}, {found.framework}"
    )
    facts.add_row(talk.in_words(N_("Parameters")), f"{found.parameters:,}")
    facts.add_row(
        talk.in_words(N_("Cost of a sample")),
        talk.in_words(
            N_("{count} multiplications, {size} of memory"),
            count=f"{found.multiply_adds:,}",
            size=size_of(found.activation_bytes),
        ),
    )
    for title, ports in ((N_("Input"), found.inputs), (N_("Output"), found.outputs)):
        for port in ports:
            facts.add_row(talk.in_words(title), f"{port.name}  {_shown(port.shape)}  {port.dtype}")
    layers = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    layers.add_column(talk.in_words(N_("Layer")))
    layers.add_column(talk.in_words(N_("Class")))
    layers.add_column(talk.in_words(N_("Output")))
    layers.add_column(talk.in_words(N_("Parameters")), justify="right")
    for layer in found.layers[:_LAYERS_SHOWN]:
        shape = "?" if layer.shape is None else _shown(layer.shape)
        layers.add_row(layer.name, layer.kind, shape, f"{layer.parameters:,}")
    if found.layer_count > _LAYERS_SHOWN:
        layers.add_row("…", "", "", "")
    talk.show(facts, "", layers, "")
    _tell(found.problems, talk)
    if found.problems:
        return
    if task is None:
        talk.show_plain(talk.in_words(N_("✓ The file can be graded.")))
        talk.say(N_("Name a task to check it against: assay inspect {file} --item ITEM"), file=file)
    else:
        talk.show_plain(
            talk.in_words(N_("✓ The file fits the task {item} and its limits."), item=task.key)
        )


def _tell(problems: Sequence[Refusal], talk: Talk) -> None:
    for refusal in problems:
        problem = problem_of(refusal, talk.language)
        talk.tell(Text(f"✗ {problem.message}", style="bold red"))
        talk.tell(Text(f"  → {problem.remedy}"))


def _report(file: Path, found: Inspection, task: _Manifest | None, talk: Talk) -> dict[str, Any]:
    def ports(of: Sequence[Any]) -> list[dict[str, Any]]:
        return [{"name": p.name, "shape": list(p.shape), "dtype": p.dtype} for p in of]

    return {
        "file": str(file),
        "kind": found.kind,
        "framework": found.framework,
        "size": found.file_bytes,
        "parameters": found.parameters,
        "multiply_adds": found.multiply_adds,
        "activation_bytes": found.activation_bytes,
        "inputs": ports(found.inputs),
        "outputs": ports(found.outputs),
        "layer_count": found.layer_count,
        "layers": [
            {
                "name": layer.name,
                "class": layer.kind,
                "shape": None if layer.shape is None else list(layer.shape),
                "parameters": layer.parameters,
            }
            for layer in found.layers
        ],
        "item": None if task is None else task.key,
        "problems": [
            problem_of(refusal, talk.language).model_dump(mode="json") for refusal in found.problems
        ],
    }


def _shown(shape: Shape) -> str:
    inside = ", ".join("None" if size is None else str(size) for size in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"
