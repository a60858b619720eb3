"""`.assay/workspace.json`: what an exam folder belongs to."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assay.messages import Language
from assay.wire import Slot
from assay.workspace.atomic import write_atomically
from assay.workspace.errors import DamagedWorkspace, NewerWorkspace

FORMAT_VERSION = 1


class EnvironmentKind(StrEnum):
    """Whose Python runs the candidate's code."""

    MANAGED = "managed"  # `.venv` in the workspace, made by Assay
    OWN = "own"  # the candidate's own, chosen with --no-env


class Manifest(BaseModel):
    """The record of an exam folder; it holds no token and no key.

    A newer minor version may add fields, which are kept out of the way; a change
    that older versions must not touch raises `format_version`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format_version: Literal[1] = 1
    server: str  # address, as signed in to
    sitting: str
    exam: str  # name of the blueprint
    title: str  # of the exam, in the candidate's language
    language: Language
    slots: tuple[Slot, ...]
    requirements: tuple[str, ...]  # pinned requirements of the environment
    environment: EnvironmentKind = EnvironmentKind.MANAGED


def read(path: Path) -> Manifest:
    """Return the manifest in the file `path`.

    Raises:
        NewerWorkspace: It was written by a newer Assay.
        DamagedWorkspace: It cannot be read.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        version = record["format_version"]
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise NewerWorkspace(
                folder=str(path.parent.parent), received=version, expected=FORMAT_VERSION
            )
        return Manifest.model_validate(record)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DamagedWorkspace(file=str(path), reason=f"{where}: {first['msg']}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedWorkspace(file=str(path), reason=_reason(error)) from error


def write(path: Path, manifest: Manifest) -> None:
    """Write `manifest` to `path`, all of it or nothing, for its owner only."""
    write_atomically(path, (manifest.model_dump_json(indent=2) + "\n").encode())


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"the field {error} is missing"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)
