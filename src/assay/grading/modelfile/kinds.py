"""Tells what kind of file some bytes are, by content and not by name."""

from __future__ import annotations

from enum import StrEnum

from assay.errors import Refusal
from assay.grading import refusals

SMALLEST = 64  # bytes; no model file is smaller


class Kind(StrEnum):
    """The kinds of file that are read."""

    HDF5 = "hdf5"
    ZIP = "zip"
    ONNX = "onnx"


_HDF5 = b"\x89HDF\r\n\x1a\n"
_PACKERS = (
    b"\x1f\x8b",  # gzip
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x28\xb5\x2f\xfd",  # zstd
)
_PAGES = (b"<!doctype html", b"<html", b"<?xml")
_TEXT = bytes(range(0x20, 0x7F)) + b"\t\n\r\f\b\x1b"
_LOOK = 2048  # bytes that are looked at


def kind_of(data: bytes) -> Kind:
    """Return which reader `data` is for.

    Args:
        data: The whole file.

    Raises:
        Refusal: The file is none of the kinds that are read; the class says what
            it is instead.
    """
    if data.startswith(_HDF5):
        return Kind.HDF5
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Kind.ZIP
    refusal = _something_else(data)
    if refusal is not None:
        raise refusal
    if _looks_like_onnx(data):
        return Kind.ONNX
    raise refusals.UnknownFile


def _something_else(data: bytes) -> Refusal | None:  # noqa: C901, PLR0911 - one for each kind
    head = data[:_LOOK]
    stripped = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if data.startswith(b"version https://git-lfs"):
        return refusals.GitLfsPointer()
    if stripped[:16].lower().startswith(_PAGES):
        return refusals.WebPage()
    if len(data) < SMALLEST:
        return refusals.EmptyFile(size=len(data))
    if not any(data):
        return refusals.DamagedFile(part="zeros only")
    if data.startswith(_PACKERS) or data[257:262] == b"ustar":
        return refusals.PackedFile()
    if data.startswith(b"\x93NUMPY"):
        return refusals.ArraysOnly()
    if data[4:8] == b"TFL3":
        return refusals.LiteModelFile()
    if _is_pickle(data):
        return refusals.PickleFile()
    if stripped.startswith(b"{") and b'"class_name"' in head:
        return refusals.ArchitectureOnly()
    if _is_text(head):
        return refusals.TextFile()
    return _bare_saved_model(head)


def _is_pickle(data: bytes) -> bool:
    """Whether `data` begins as pickle protocol 2 or later does and ends as all do."""
    protocols = range(2, 6)
    return data[0] == 0x80 and data[1] in protocols and data.rstrip(b"\x00").endswith(b".")  # noqa: PLR2004 - the PROTO opcode


def _is_text(head: bytes) -> bool:
    if not head.translate(None, _TEXT):
        return True
    # The cut may fall into the middle of a character of up to four bytes.
    for cut in range(4):
        try:
            text = head[: len(head) - cut].decode()
        except UnicodeDecodeError:
            continue
        return all(character.isprintable() or character.isspace() for character in text)
    return False


def _bare_saved_model(head: bytes) -> Refusal | None:
    """A `saved_model.pb` begins with field 1 (schema version 1) and field 2, the graph."""
    return refusals.SavedModelFile() if head.startswith(b"\x08\x01\x12") else None


def _looks_like_onnx(data: bytes) -> bool:
    """Whether `data` begins like a `ModelProto`: field 1 (varint, the IR version), or field 2 or 7.

    Exporters write the fields in ascending order, so the IR version comes first.
    """
    return data[0] == 0x08 and 1 <= data[1] <= 0x20  # noqa: PLR2004 - far beyond today's IR version
