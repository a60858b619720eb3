"""Which model file of a task's folder is meant, and whether it is fresh."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assay.workspace.errors import ModelFileTooLarge, NoModelFile
from assay.workspace.paths import tidy

NAMES = ("mymodel.h5", "mymodel.keras", "mymodel.onnx")


@dataclass(frozen=True, kw_only=True)
class ModelFile:
    """A model file that is about to be submitted."""

    path: Path
    size: int  # bytes
    passed_over: tuple[str, ...]  # other model files of the folder, which are older
    is_older_than_starter: bool  # starter.py was changed after the model was saved


def find(folder: Path) -> ModelFile:
    """Return the newest model file of a task's folder.

    Raises:
        NoModelFile: There is none.
    """
    found = sorted(
        (path for path in (folder / name for name in NAMES) if path.is_file()),
        key=lambda path: path.stat().st_mtime_ns,
    )
    if not found:
        raise NoModelFile(looked_for=", ".join(NAMES), folder=str(folder))
    return _describe(found[-1], starter=folder / "starter.py", others=tuple(found[:-1]))


def given(path: Path, *, folder: Path | None) -> ModelFile:
    """Return the model file that a person named.

    Args:
        path: The file.
        folder: The task's folder, if known; its starter tells whether the file is fresh.

    Raises:
        NoModelFile: There is no such file.
    """
    if not path.is_file():
        raise NoModelFile(looked_for=path.name, folder=str(tidy(path.parent)))
    beside = path.parent if folder is None else folder
    return _describe(path, starter=beside / "starter.py", others=())


def check_size(file: ModelFile, limit: int) -> None:
    """Raise `ModelFileTooLarge` if the file has more than `limit` bytes."""
    if file.size > limit:
        raise ModelFileTooLarge(file=str(file.path), size=file.size, limit=limit)


def _describe(path: Path, *, starter: Path, others: tuple[Path, ...]) -> ModelFile:
    status = path.stat()
    stale = starter.is_file() and starter.stat().st_mtime_ns > status.st_mtime_ns
    return ModelFile(
        path=path,
        size=status.st_size,
        passed_over=tuple(other.name for other in others),
        is_older_than_starter=stale,
    )
