"""ZIP archives from somebody nobody vouches for: the `.keras` format."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib

from assay.errors import Refusal
from assay.grading import refusals

CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"
MOST_MEMBERS = 1000
LARGEST_RATIO = 1100  # unpacked over packed; deflate reaches 1032 at the most
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def unpack(data: bytes, *, byte_budget: int) -> dict[str, bytes]:
    """Return the members of a `.keras` archive that a reader needs.

    Args:
        data: The whole archive.
        byte_budget: Bytes that the members may take together once unpacked.

    Returns:
        `config.json`, `model.weights.h5` and, if present, `metadata.json`.

    Raises:
        Refusal: The archive is something else, is damaged, or holds what no
            `.keras` archive holds.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            refusal = _something_else([member.filename for member in members])
            if refusal is not None:
                raise refusal
            for member in members:
                _check(member)
            _check_together(members, byte_budget)
            return {
                member.filename: archive.read(member)
                for member in members
                if member.filename in {CONFIG, METADATA, WEIGHTS}
            }
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise refusals.DamagedFile(part="zip") from error
    except (RuntimeError, ValueError, KeyError) as error:  # encrypted, or nonsense in a header
        raise refusals.DamagedFile(part="zip") from error


def _something_else(names: list[str]) -> Refusal | None:  # noqa: PLR0911 - one for each kind
    if CONFIG in names and WEIGHTS in names:
        return None
    last = {name.rsplit("/", 1)[-1] for name in names}
    if "saved_model.pb" in last or "keras_metadata.pb" in last:
        return refusals.SavedModelFile()
    if "data.pkl" in last or "constants.pkl" in last:
        return refusals.PyTorchFile()
    if names and all(name.endswith(".npy") for name in names):
        return refusals.ArraysOnly()
    if CONFIG in names:
        return refusals.WeightsMissing(layer="?")
    if not names:
        return refusals.DamagedFile(part="zip")
    return refusals.PackedFile()


def _check(member: zipfile.ZipInfo) -> None:
    """Refuse a member that no `.keras` archive has."""
    name = member.filename
    mode = member.external_attr >> 16
    fault = ""
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
        fault = "a path that leads out of the archive"
    elif mode and stat.S_ISLNK(mode):
        fault = "a symbolic link"
    elif name not in {CONFIG, METADATA, WEIGHTS} and not name.startswith("assets/"):
        fault = "a member that does not belong there"
    elif member.flag_bits & 0x1:
        fault = "an encrypted member"
    elif member.compress_type not in _METHODS:
        fault = "an unusual compression"
    elif member.file_size > LARGEST_RATIO * max(member.compress_size, 1):
        fault = "a member that declares more than is stored"
    if fault:
        raise refusals.SuspiciousFile(part=f"zip: {fault}")


def _check_together(members: list[zipfile.ZipInfo], byte_budget: int) -> None:
    names = [member.filename for member in members]
    if len(set(names)) != len(names):
        raise refusals.SuspiciousFile(part="zip: a member twice")
    if len(names) > MOST_MEMBERS:
        raise refusals.SuspiciousFile(part="zip: too many members")
    needed = [m for m in members if m.filename in {CONFIG, METADATA, WEIGHTS}]
    if sum(member.file_size for member in needed) > byte_budget:
        raise refusals.SuspiciousFile(part="zip: members larger than any model")
