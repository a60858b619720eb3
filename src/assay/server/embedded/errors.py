"""What can keep a server from starting, and what to do about it."""

from __future__ import annotations

from assay.errors import Conflict, PlatformFault, UsageError
from assay.messages import N_


class AlreadyRunning(Conflict):
    """Another process has the data folder."""

    code = "already_running"
    message = N_(
        "A server is already running on {folder}: process {pid}, started at {started_at}, {url}."
    )
    remedy = N_(
        "Use that one, stop it with `assay serve --stop --data {folder}`, "
        "or name another folder with --data."
    )


class NotRunning(UsageError):
    """Nothing to talk to."""

    code = "not_running"
    message = N_("No server is running on {folder}.")
    remedy = N_("Start it with: assay serve --data {folder}")


class FolderNotUsable(UsageError):
    """The data folder cannot be written."""

    code = "folder_not_usable"
    message = N_("The data folder {folder} cannot be used: {reason}.")
    remedy = N_("Name a folder on a local disk that you may write to, with --data.")


class AddressNotFree(UsageError):
    """The port is taken, or the address is not this machine's."""

    code = "address_not_free"
    message = N_("The address {host}:{port} cannot be used: {reason}.")
    remedy = N_("Choose another port with --port, or --port 0 for any free one.")


class DatabaseNotReachable(UsageError):
    """ASSAY_DATABASE_URL leads nowhere."""

    code = "database_not_reachable"
    message = N_("The database that ASSAY_DATABASE_URL names cannot be used: {reason}")
    remedy = N_(
        "It must be a PostgreSQL server, written as postgresql://user:password@host:5432/name. "
        "Without the variable, Assay brings its own."
    )


class NewerSchema(UsageError):
    """The database was written by a later version."""

    code = "newer_schema"
    message = N_(
        "This database was written by a newer version of Assay: it has {migration}, "
        "which version {version} does not know."
    )
    remedy = N_("Install the newer version; going back needs the backup from before the upgrade.")


class NoDatabaseUser(UsageError):
    """Run by root, and PostgreSQL refuses root."""

    code = "no_database_user"
    message = N_(
        "PostgreSQL does not run as root, and the system user {user} for it "
        "could not be used: {reason}."
    )
    remedy = N_("Run Assay as an ordinary user, or set ASSAY_DATABASE_URL to a PostgreSQL server.")


class OtherDatabaseVersion(UsageError):
    """The embedded database's files are of a version that is not installed."""

    code = "other_database_version"
    message = N_("The database in {folder} is of PostgreSQL {found}; installed: {installed}.")
    remedy = N_("Install the version of Assay that made it, or one that upgrades it.")


class DatabaseDidNotStart(PlatformFault):
    """The embedded PostgreSQL gave up."""

    code = "database_did_not_start"
    message = N_("The embedded database did not start: {reason}")
    remedy = N_("Its log is {log}.")


class PartDidNotStart(PlatformFault):
    """A process of the tree ended before it was ready."""

    code = "part_did_not_start"
    message = N_("The part `{part}` of the server did not start ({reason}).")
    remedy = N_("Its log is {log}.")
