"""`assay practice`: an exam on one's own machine, on the same path as an exam in earnest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import accounts, practiceserver
from assay.cli.accounts import Account
from assay.cli.api import Api
from assay.cli.here import connected, workspace_at
from assay.cli.http import MORE_PATIENCE
from assay.cli.options import BlueprintName, ExamFolder, Json, OwnEnvironment, Yes
from assay.cli.start import OPEN, Wanted, begin
from assay.cli.talk import Talk
from assay.messages import N_
from assay.wire import Sitting
from assay.workspace import Workspace

DETAILS = {
    "practice": N_(
        "Starts a server of your own in the background, registers you for the practice exam and "
        "goes on as `assay start`. Practise as often as you like: after the end, the same command "
        "begins a new sitting with newly drawn tasks. Your practice never leaves this machine."
    )
}


def practice(
    folder: ExamFolder = None,
    *,
    exam: BlueprintName = "practice",
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="FOLDER",
            show_default=False,
            help=N_("Where the practice server keeps its data."),
        ),
    ] = None,
    stop: Annotated[bool, typer.Option("--stop", help=N_("Stop the practice server."))] = False,
    no_env: OwnEnvironment = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Practise."""
    talk = Talk(as_json=as_json)
    home = practiceserver.Home(data=(data or practiceserver.default_data()).absolute())
    if stop:
        stopped = practiceserver.stop(home)
        talk.say(
            N_("The practice server was stopped.")
            if stopped
            else N_("No practice server was running.")
        )
        talk.give({"stopped": stopped})
        return
    account = _signed_in(home, talk, exam)
    with connected(account, talk, patience=MORE_PATIENCE) as api:
        sitting = _open_sitting(api, exam) or _new_sitting(api, home, exam, talk)
        place = Path.cwd() if folder is None else folder.absolute()
        wanted = Wanted(
            folder=folder,
            workspace=_workspace_for(sitting, place, named=folder is not None),
            own_environment=no_env,
            yes=yes,
            command="assay practice",
        )
        begin(api, sitting, talk, wanted=wanted)
    talk.say(N_("The practice server goes on in the background; to stop it: assay practice --stop"))


def _signed_in(home: practiceserver.Home, talk: Talk, exam: str) -> Account:
    """Return the account on the running practice server; started and registered as needed."""
    url = practiceserver.running(home)
    if url is None:
        with talk.waiting(
            N_("Starting your practice server; the first time takes a little longer")
        ):
            url = practiceserver.start(home)
    file = accounts.path()
    stored = accounts.load(file)
    token = stored.tokens.get(url) or home.token()
    if token is None:
        with talk.waiting(N_("Registering you for the practice exam")):
            token = practiceserver.register(home, exam)
    account = Account(server=url, token=token)
    home.remember(account)
    if stored != (now := stored.practising(account)):
        accounts.save(file, now)
    return account


def _open_sitting(api: Api, exam: str) -> Sitting | None:
    """Return the sitting of the exam that is open, opened now if a registration is left."""
    for registration in api.registrations():
        if registration.exam.name != exam:
            continue
        if registration.sitting is not None:
            sitting = api.sitting(registration.sitting)
            if sitting.phase in OPEN:
                return sitting
        elif registration.obstacle is None:
            return api.open_sitting(registration.id)
    return None


def _new_sitting(api: Api, home: practiceserver.Home, exam: str, talk: Talk) -> Sitting:
    """Register once more and open the new sitting."""
    with talk.waiting(N_("Registering you for the practice exam")):
        practiceserver.register(home, exam)
    newest = max(api.registrations(), key=lambda registration: registration.valid_until)
    return api.open_sitting(newest.id)


def _workspace_for(sitting: Sitting, place: Path, *, named: bool) -> Workspace | None:
    """Return the exam folder to go on with; one of an earlier practice only if it was named."""
    workspace = workspace_at(place)
    if workspace is None or (named and workspace.root != place):
        return None
    if workspace.manifest.sitting != sitting.id and not named:
        return None
    return workspace
