"""Bringing the database up to date, or saying why that must not be done."""

from __future__ import annotations

import re

import psycopg
from django.core.management import call_command
from django.db import OperationalError, ProgrammingError, connection, connections
from django.db.migrations.loader import MigrationLoader
from procrastinate.contrib.django.utils import connector_params

from assay import __version__
from assay.server.embedded.errors import DatabaseNotReachable, NewerSchema

_CONNECT_SECONDS = 10
_LOCK = 0x4153_5359  # "ASSY": one process migrates at a time


def migrate() -> None:
    """Apply the migrations that this version has and the database has not.

    Raises:
        DatabaseNotReachable: There is no database, or it does not let us in.
        NewerSchema: The database has migrations that this version does not know.
    """
    try:
        # Asked without the pool, which would try for long and hide the reason.
        with psycopg.connect(**connector_params(), connect_timeout=_CONNECT_SECONDS):
            pass
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            try:
                _refuse_newer()
                call_command("migrate", interactive=False, verbosity=0)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    except (OperationalError, ProgrammingError, psycopg.Error) as fault:
        raise DatabaseNotReachable(reason=_without_password(str(fault))) from fault


def _refuse_newer() -> None:
    loader = MigrationLoader(connection, ignore_no_migrations=True)
    ours = {label for label, _ in loader.disk_migrations}
    unknown = sorted(
        (label, name)
        for label, name in loader.applied_migrations
        if label in ours
        and (label, name) not in loader.disk_migrations
        # A squashed migration stays applied under the names that it replaces.
        and not any((label, name) in m.replaces for m in loader.disk_migrations.values())
    )
    if unknown:
        label, name = unknown[-1]
        raise NewerSchema(migration=f"{label}.{name}", version=__version__)


def _without_password(text: str) -> str:
    return re.sub(r"://([^:@/\s]*):[^@/\s]*@", r"://\1:…@", text).strip()


def close_connections() -> None:
    """Close this process's connections to the database, those of the pool included."""
    for wrapper in connections.all(initialized_only=True):
        wrapper.close()
        getattr(wrapper, "close_pool", bool)()
