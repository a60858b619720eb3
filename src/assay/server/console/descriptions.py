"""What is in a task's public bundle: the zip itself and the description in both languages."""

from __future__ import annotations

import functools
import io
import zipfile

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assay.messages import Language
from assay.server.console.markdown import to_html
from assay.server.exams.models import DrawnTask
from assay.server.storage import store

_NONCE_BYTES = 12
_KEPT = 128  # descriptions, of some kilobytes each


def plain_bundle(task: DrawnTask) -> bytes:
    """Return the zip that a candidate gets for a task, after Start."""
    return _opened(task.bundle_sha256, bytes(task.bundle_key), task.bundle_plain_sha256)


def _opened(sealed_sha256: str, key: bytes, plain_sha256: str) -> bytes:
    sealed = store().read(sealed_sha256)
    return AESGCM(key).decrypt(
        sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bytes.fromhex(plain_sha256)
    )


def description(task: DrawnTask, language: Language) -> str:
    """Return a task's description as HTML."""
    return _description(
        task.bundle_sha256, bytes(task.bundle_key), task.bundle_plain_sha256, language
    )


@functools.lru_cache(maxsize=_KEPT)
def _description(sealed_sha256: str, key: bytes, plain_sha256: str, language: Language) -> str:
    with zipfile.ZipFile(io.BytesIO(_opened(sealed_sha256, key, plain_sha256))) as bundle:
        text = bundle.read(f"task.{language.value}.md").decode("utf-8")
    return to_html(text, skip_title=True)
