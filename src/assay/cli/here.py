"""Where a command is: in which exam folder, signed in where, about which sitting."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assay.cli import accounts
from assay.cli.accounts import Account, normal_address
from assay.cli.api import Api
from assay.cli.failures import NothingListens, NothingOpen, PracticeStopped
from assay.cli.http import PATIENCE, Connection
from assay.cli.talk import Talk
from assay.wire import Phase, Registration, Sitting
from assay.workspace import Workspace, slot_among
from assay.workspace.errors import NotAWorkspace, OtherServer, WhichSlot

_PATIENCE_WITH_OWN = 2.0  # seconds
# Of several sittings, the one that matters now: earlier in the list comes first.
_URGENCY = [
    Phase.RUNNING,
    Phase.PAUSED,
    Phase.READY,
    Phase.PREPARING,
    Phase.CLOSING,
    Phase.CLOSED,
    Phase.LAPSED,
    Phase.VOID,
]


@dataclass(frozen=True, kw_only=True)
class Here:
    """The place a command is called in, and its line to the server."""

    place: Path  # the current folder
    workspace: Workspace | None
    api: Api

    def sitting(self) -> Sitting:
        """Return the sitting of the exam folder, else the one that matters most now.

        Raises:
            NothingOpen: There is none.
        """
        if self.workspace is not None:
            return self.api.sitting(self.workspace.manifest.sitting)
        found = self.sittings(self.api.registrations())
        if not found:
            raise NothingOpen(server=self.api.server)
        return found[0]

    def sittings(self, registrations: list[Registration]) -> list[Sitting]:
        """Return the sittings of `registrations`, the most urgent first."""
        found = [self.api.sitting(r.sitting) for r in registrations if r.sitting is not None]
        return sorted(found, key=lambda sitting: _URGENCY.index(sitting.phase))

    def slot(self, given: str | None, sitting: Sitting, *, command: str) -> str:
        """Return the slot that a person means, by number, name or the folder they are in.

        Raises:
            NoSuchSlot: The exam has no such slot.
            WhichSlot: It cannot be known.
        """
        if self.workspace is not None:
            return self.workspace.slot_named(given, place=self.place, command=command)
        slots = tuple(slot.name for slot in sitting.exam.slots)
        if given is None:
            raise WhichSlot(expected=", ".join(slots), command=command)
        return slot_among(slots, given)


@contextmanager
def here(talk: Talk, *, patience: float = PATIENCE) -> Iterator[Here]:
    """Open the line to the server of the exam folder one is in, else of the last login.

    Raises:
        NoServer: No server is known.
        NotSignedIn: There is no token for it.
        OtherServer: ASSAY_SERVER names another one than the exam folder's.
    """
    place = Path.cwd()
    workspace = workspace_at(place)
    account = account_for(workspace)
    with connected(account, talk, patience=patience) as api:
        yield Here(place=place, workspace=workspace, api=api)


def workspace_at(place: Path) -> Workspace | None:
    """Return the exam folder that `place` is in, or None."""
    try:
        return Workspace.find(place)
    except NotAWorkspace:
        return None


def account_for(workspace: Workspace | None) -> Account:
    """Return the account to speak with: that of the workspace's server, if there is one.

    Raises:
        NoServer: No server is known.
        NotSignedIn: There is no token for it.
        OtherServer: ASSAY_SERVER names another one than the exam folder's.
    """
    stored = accounts.load(accounts.path())
    if workspace is None:
        return stored.choose(os.environ)
    server = workspace.manifest.server
    named = os.environ.get("ASSAY_SERVER")
    if named and normal_address(named) != server:
        raise OtherServer(folder=str(workspace.root), server=server, other=normal_address(named))
    return stored.choose(os.environ, server=server)


@contextmanager
def connected(account: Account, talk: Talk, *, patience: float = PATIENCE) -> Iterator[Api]:
    """Open the line to a server; ASSAY_PATIENCE (seconds) overrides the patience."""
    is_own = account.server in accounts.load(accounts.path()).practice
    if is_own:  # it is only away if it was stopped
        patience = min(patience, _PATIENCE_WITH_OWN)
    named = os.environ.get("ASSAY_PATIENCE", "")
    connection = Connection(
        account.server,
        token=account.token or None,
        language=talk.language,
        patience=float(named) if named.replace(".", "", 1).isdigit() else patience,
        on_retry=talk.retrying,
    )
    try:
        yield Api(connection)
    except NothingListens as error:
        if is_own:
            raise PracticeStopped(server=account.server) from error
        raise
    finally:
        connection.close()
