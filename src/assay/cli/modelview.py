"""What a model file holds, for the eye and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from assay.cli.tables import bare_table
from assay.cli.talk import Talk, size_of
from assay.cli.told import problem_of
from assay.errors import Refusal
from assay.messages import N_

if TYPE_CHECKING:
    from assay.grading.sandbox.inspection import Inspection, Shape

_LAYERS_SHOWN = 100
_KINDS = {"keras-h5": "Keras HDF5 (.h5)", "keras": "Keras (.keras)", "onnx": "ONNX (.onnx)"}


def show(file: Path, found: Inspection, item: str | None, talk: Talk) -> None:
    """Show what a file holds, and whether it can be graded.

    Args:
        file: The file.
        found: What was found in it.
        item: The item whose task it was checked against; None if it was for none.
        talk: Where to show it.
    """
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
            facts.add_row(
                talk.in_words(title), f"{port.name}  {shown_shape(port.shape)}  {port.dtype}"
            )
    layers = bare_table()
    layers.add_column(talk.in_words(N_("Layer")))
    layers.add_column(talk.in_words(N_("Class")))
    layers.add_column(talk.in_words(N_("Output")))
    layers.add_column(talk.in_words(N_("Parameters")), justify="right")
    for layer in found.layers[:_LAYERS_SHOWN]:
        shape = "?" if layer.shape is None else shown_shape(layer.shape)
        layers.add_row(layer.name, layer.kind, shape, f"{layer.parameters:,}")
    if found.layer_count > _LAYERS_SHOWN:
        layers.add_row("…", "", "", "")
    talk.show(facts, "", layers, "")
    tell(found.problems, talk)
    if found.problems:
        return
    if item is None:
        talk.show_plain(talk.in_words(N_("✓ The file can be graded.")))
        talk.say(N_("Name a task to check it against: assay inspect {file} --item ITEM"), file=file)
    else:
        talk.show_plain(
            talk.in_words(N_("✓ The file fits the task {item} and its limits."), item=item)
        )


def tell(problems: Sequence[Refusal], talk: Talk) -> None:
    """Say why a file is refused, with the remedies."""
    for refusal in problems:
        talk.tell_problem(problem_of(refusal, talk.language))


def report(file: Path, found: Inspection, item: str | None, talk: Talk) -> dict[str, Any]:
    """Return the same as JSON has it."""

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
        "item": item,
        "problems": [
            problem_of(refusal, talk.language).model_dump(mode="json") for refusal in found.problems
        ],
    }


def shown_shape(shape: Shape) -> str:
    """Return a shape as NumPy writes it; None for a size that is left open."""
    inside = ", ".join("None" if size is None else str(size) for size in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"
