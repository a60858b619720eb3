"""Drawing a task's variant and sealing its bundle, in the background."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from assay.errors import PlatformFault
from assay.items import drawers
from assay.server import queue
from assay.server.accounts.services import tell_staff
from assay.server.exams.announcing import announce, sitting_key
from assay.server.exams.models import DrawnTask, Sitting
from assay.server.storage import BlobStore, store

TRIES = 5  # more than the kills and restarts that a machine sees while it draws one variant
RETRY_AFTER = timedelta(seconds=5)
SECONDS = 300  # that drawing one variant may take
_NONCE_BYTES = 12
_SPLITS = ("hidden.inputs", "hidden.labels", "sealed.inputs", "sealed.labels")
# What an author's code needs of the environment; it gets neither addresses nor secrets.
_ENVIRONMENT = (
    "HOME",
    "LANG",
    "PATH",
    "PYTHONPATH",
    "SYSTEMROOT",
    "TEMP",
    "TMPDIR",
    "VIRTUAL_ENV",
    "ASSAY_DATA_CACHE",
    "ASSAY_DATA_MIRROR",
    # Where downloads are kept on each system, and how to get out to fetch them.
    "HTTPS_PROXY",
    "LOCALAPPDATA",
    "SSL_CERT_FILE",
    "XDG_CACHE_HOME",
)

logger = logging.getLogger(__name__)


class DrawFault(PlatformFault):
    """An item's code did not draw its variant. For staff: the code is private."""

    code = "draw_fault"


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A variant in the store."""

    plain_sha256: str  # of the public bundle
    sealed_sha256: str  # of the public bundle, encrypted
    sealed_size: int  # bytes
    key: bytes  # 32 bytes, opens the sealed bundle
    splits: Mapping[str, str]  # name of the file → SHA-256


def order(task: DrawnTask, at: datetime | None = None) -> None:
    """Queue the job that prepares `task`, in the running transaction."""
    task.job_id = queue.defer("exams.prepare_task", queue=queue.PREPARE, at=at, task_id=task.pk)
    task.save(update_fields=["job_id"])


def try_again(sitting: Sitting) -> None:
    """Queue the preparations that were given up: the reason may be mended by now."""
    failed = sitting.tasks.select_for_update().filter(prepared_at=None, faults__gte=TRIES)
    for task in failed:
        task.faults = 0
        task.save(update_fields=["faults"])
        order(task)


def draw_variant(task: DrawnTask, blobs: BlobStore | None = None) -> Drawing:
    """Draw a task's variant and store its files.

    The item's code runs in a process of its own (`assay.items.drawers`): its memory and
    its mistakes stay out of the worker.

    Args:
        task: What to draw.
        blobs: Where to store it; the deployment's store by default.

    Raises:
        DrawFault: The code failed or took too long.
    """
    blobs = blobs or store()
    with tempfile.TemporaryDirectory(prefix="assay-draw-") as name:
        folder = Path(name)
        _run(task, folder)
        digests: dict[str, str] = json.loads((folder / "draw.json").read_text("utf-8"))["sha256"]
        plain = (folder / "bundle.zip").read_bytes()
        key = secrets.token_bytes(32)
        sealed = seal(plain, key)
        splits = {split: blobs.put((folder / f"{split}.npz").read_bytes()) for split in _SPLITS}
    received = {f"{split}.npz": sha256 for split, sha256 in splits.items()}
    received["bundle.zip"] = hashlib.sha256(plain).hexdigest()
    if received != digests:
        raise DrawFault(reason="the files are not those that the draw reports")
    return Drawing(
        plain_sha256=received["bundle.zip"],
        sealed_sha256=blobs.put(sealed),
        sealed_size=len(sealed),
        key=key,
        splits=splits,
    )


def _run(task: DrawnTask, folder: Path) -> None:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        drawers.draw(
            task.item,
            task.seed,
            folder,
            bank=settings.BANK,
            environment=environment,
            seconds=SECONDS,
        )
    except drawers.DrawEnded as end:
        raise DrawFault(reason=str(end)) from None


def seal(plain: bytes, key: bytes) -> bytes:
    """Return `nonce (12) ‖ AES-256-GCM(plain)`, the plain bytes' SHA-256 as associated data.

    So bundles can be downloaded before the clock starts and opened only after.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, hashlib.sha256(plain).digest())


@transaction.atomic
def finish(task_id: int, drawing: Drawing, now: datetime) -> bool:
    """Record a variant that was drawn; the last one makes the sitting ready.

    Returns:
        False if it was recorded already.
    """
    task = DrawnTask.objects.get(pk=task_id)
    sitting = Sitting.objects.select_for_update().get(pk=task.sitting_id)
    task.refresh_from_db()
    if task.prepared_at is not None:
        return False
    task.prepared_at = now
    task.bundle_plain_sha256 = drawing.plain_sha256
    task.bundle_sha256 = drawing.sealed_sha256
    task.bundle_size = drawing.sealed_size
    task.bundle_key = drawing.key
    task.hidden_inputs = drawing.splits["hidden.inputs"]
    task.hidden_labels = drawing.splits["hidden.labels"]
    task.sealed_inputs = drawing.splits["sealed.inputs"]
    task.sealed_labels = drawing.splits["sealed.labels"]
    task.save()
    if not sitting.tasks.filter(prepared_at=None).exists():
        sitting.prepared_at = now
        sitting.save(update_fields=["prepared_at"])
    announce(sitting_key(sitting.pk))
    return True


@transaction.atomic
def fail(task_id: int, reason: str, now: datetime, *, retry_after: timedelta = RETRY_AFTER) -> None:
    """Record a failed preparation: it is tried again, and in the end staff are told."""
    task = DrawnTask.objects.select_for_update().get(pk=task_id)
    if task.prepared_at is not None or task.faults >= TRIES:
        return
    task.faults += 1
    task.save(update_fields=["faults"])
    logger.error("Could not draw %s with seed %d: %s", task.item, task.seed, reason)
    if task.faults < TRIES:
        order(task, at=now + retry_after)
        return
    tell_staff(
        f"The item {task.item} cannot be drawn",
        f"Sitting {task.sitting_id}, {task.slot}: drawing {task.item} with seed {task.seed} "
        f"failed {TRIES} times.\n\n{reason}\n\nMend the item; the candidate's next "
        "`assay start` tries again. The candidate's time is not running.\n",
    )
    announce(sitting_key(task.sitting_id))


def sweep(now: datetime, stale_after: timedelta = queue.STALE_AFTER) -> int:
    """Queue preparations again whose job is lost; return their number.

    Each time counts as a failed try, so that code that takes its worker down with it
    is not drawn for ever.
    """
    waiting = list(DrawnTask.objects.filter(prepared_at=None, faults__lt=TRIES))
    live = queue.live((task.job_id for task in waiting if task.job_id), now, stale_after)
    lost = [task for task in waiting if task.job_id not in live]
    for snapshot in lost:
        with transaction.atomic():
            task = DrawnTask.objects.select_for_update().get(pk=snapshot.pk)
            if task.prepared_at is None and task.job_id == snapshot.job_id:
                fail(task.pk, "the worker stopped", now, retry_after=timedelta())
    return len(lost)
