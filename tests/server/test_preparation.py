"""Drawing variants in the background."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from procrastinate.contrib.django.models import ProcrastinateJob

from assay.items.store import load_inputs, load_labels
from assay.server import queue
from assay.server.exams.errors import PreparationFailed
from assay.server.exams.models import DrawnTask, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services import preparation, sittings
from assay.server.exams.tasks import prepare_task
from assay.wire import Phase


@pytest.fixture
def opened(register, blobs, alice, now):
    return sittings.open_sitting(register(alice), now)


def jobs(**fields):
    return ProcrastinateJob.objects.filter(task_name="exams.prepare_task", **fields)


def test_opening_a_sitting_queues_a_job_for_each_task(opened):
    wanted = sorted(task.pk for task in opened.tasks.all())

    assert sorted(job.args["task_id"] for job in jobs(queue_name=queue.PREPARE)) == wanted


def test_the_job_draws_the_variant_and_stores_its_files(opened, blobs):
    task = opened.tasks.get(slot="Category2")

    prepare_task(task.pk)

    task.refresh_from_db()
    inputs = load_inputs(blobs.read(task.hidden_inputs))["input"]
    labels, baseline = load_labels(blobs.read(task.hidden_labels))
    assert labels == pytest.approx(4 * inputs)
    assert baseline is None
    assert task.sealed_inputs != task.hidden_inputs


def test_the_bundle_is_sealed_until_its_key_is_known(opened, blobs):
    task = opened.tasks.get(slot="Category2")
    prepare_task(task.pk)
    task.refresh_from_db()
    sealed = blobs.read(task.bundle_sha256)
    nonce, ciphertext = sealed[:12], sealed[12:]
    digest = bytes.fromhex(task.bundle_plain_sha256)

    plain = AESGCM(bytes(task.bundle_key)).decrypt(nonce, ciphertext, digest)

    assert len(sealed) == task.bundle_size
    assert hashlib.sha256(plain).digest() == digest
    with zipfile.ZipFile(io.BytesIO(plain)) as bundle:
        assert json.loads(bundle.read("item.json"))["key"] == "series/steps"
        assert "data.py" not in bundle.namelist()
    with pytest.raises(InvalidTag):
        AESGCM(b"0" * 32).decrypt(nonce, ciphertext, digest)


def test_two_bundles_have_two_keys(opened):
    for task in opened.tasks.all():
        prepare_task(task.pk)

    assert len({bytes(task.bundle_key) for task in opened.tasks.all()}) == 2


def test_the_sitting_is_ready_with_its_last_task(opened, now):
    drawing = preparation.Drawing(
        plain_sha256="1" * 64,
        sealed_sha256="2" * 64,
        sealed_size=9,
        key=b"k" * 32,
        splits=dict.fromkeys(
            ("hidden.inputs", "hidden.labels", "sealed.inputs", "sealed.labels"), "3" * 64
        ),
    )
    first, last = opened.tasks.all()

    preparation.finish(first.pk, drawing, now)
    between = phase(Sitting.objects.get(pk=opened.pk).times, now)
    preparation.finish(last.pk, drawing, now)

    assert between is Phase.PREPARING
    assert phase(Sitting.objects.get(pk=opened.pk).times, now) is Phase.READY


def test_a_task_is_prepared_once(opened):
    task = opened.tasks.first()
    prepare_task(task.pk)
    key = DrawnTask.objects.get(pk=task.pk).bundle_key

    prepare_task(task.pk)

    assert DrawnTask.objects.get(pk=task.pk).bundle_key == key


@pytest.fixture
def broken(opened):
    """A task of an item that the bank does not have any more."""
    task = opened.tasks.get(slot="Category2")
    DrawnTask.objects.filter(pk=task.pk).update(item="series/gone")
    return task


def test_a_failed_draw_is_tried_again_a_while_later(broken):
    prepare_task(broken.pk)

    broken.refresh_from_db()
    retry = ProcrastinateJob.objects.get(pk=broken.job_id)
    assert broken.faults == 1
    assert retry.status == "todo"
    assert retry.scheduled_at is not None


def test_after_the_last_failed_draw_staff_are_told(broken):
    for _ in range(preparation.TRIES):
        prepare_task(broken.pk)

    (word,) = ProcrastinateJob.objects.filter(task_name="accounts.send_staff_mail")
    assert "series/gone" in word.args["subject"]
    assert "no item series/gone" in word.args["text"]  # what the draw itself said


def test_the_candidate_reads_that_it_is_our_fault(broken, now):
    for _ in range(preparation.TRIES):
        prepare_task(broken.pk)

    with pytest.raises(PreparationFailed, match="Category2"):
        sittings.start(broken.sitting_id, now)


def test_opening_again_tries_again(broken, now):
    for _ in range(preparation.TRIES):
        prepare_task(broken.pk)
    DrawnTask.objects.filter(pk=broken.pk).update(item="series/steps")

    sittings.open_sitting(broken.sitting.registration, now)

    broken.refresh_from_db()
    assert broken.faults == 0
    assert ProcrastinateJob.objects.get(pk=broken.job_id).status == "todo"


def test_a_lost_job_is_queued_again(opened, now):
    task = opened.tasks.first()
    lost = task.job_id
    queue.withdraw(lost)

    swept = preparation.sweep(now)

    task.refresh_from_db()
    assert swept == 1
    assert task.job_id != lost
    assert queue.live([task.job_id], now) == {task.job_id}


def test_a_job_that_waits_is_left_alone(opened, now):
    before = [task.job_id for task in opened.tasks.all()]

    assert preparation.sweep(now + timedelta(hours=1)) == 0
    assert [task.job_id for task in opened.tasks.all()] == before


def test_the_draw_gets_no_secrets(opened, monkeypatch, now):
    seen = {}
    monkeypatch.setenv("ASSAY_DATABASE_URL", "postgresql://somewhere")

    def draw(*_, environment, **__):
        seen.update(environment)
        raise preparation.drawers.DrawEnded("took too long")

    monkeypatch.setattr(preparation.drawers, "draw", draw)
    with pytest.raises(preparation.DrawFault):
        preparation.draw_variant(opened.tasks.first())

    assert "PATH" in seen
    assert not [name for name in seen if "DATABASE" in name or "SECRET" in name]
