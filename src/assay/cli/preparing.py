"""The long steps before Start: each with progress, each may be interrupted and repeated."""

from __future__ import annotations

from assay.cli.api import LONG_POLL, Api
from assay.cli.http import OnProgress
from assay.cli.talk import Talk, Unit
from assay.messages import N_
from assay.wire import Phase, Sitting, Start, Task
from assay.workspace import EnvironmentKind, Workspace, environment
from assay.workspace.environment import Step
from assay.workspace.errors import BundleDamaged

_FETCHES = 3  # of one bundle whose digest is wrong
_STEPS = {
    Step.FOLDER: N_("Making the Python environment …"),
    Step.INSTALL_WITH_UV: N_("Installing the exam's packages with uv …"),
    Step.INSTALL_WITH_PIP: N_("Installing the exam's packages with pip; this takes minutes …"),
    Step.PIP_INSTEAD: N_("uv did not succeed; trying pip, which may know another index …"),
    Step.CHECK: N_(
        "Importing the packages once, to be sure that they work here; this takes up to a minute …"
    ),
}


def wait_until_ready(api: Api, sitting: Sitting, talk: Talk) -> Sitting:
    """Wait until the server has prepared all variants; return the sitting as it is then."""
    if sitting.phase is not Phase.PREPARING:
        return sitting
    message = N_("The server prepares your tasks")
    with talk.progress(message, total=len(sitting.tasks)) as advance:
        while sitting.phase is Phase.PREPARING:
            advance(_prepared(sitting))
            sitting = api.sitting(sitting.id, wait=LONG_POLL)
        advance(_prepared(sitting))
    return sitting


def download(api: Api, sitting: Sitting, workspace: Workspace, talk: Talk) -> None:
    """Fetch the sealed bundles that are not here yet, whole and unchanged.

    Raises:
        BundleDamaged: A bundle's digest is wrong again and again.
    """
    missing = [
        task
        for task in sitting.tasks
        if task.bundle is not None and not workspace.has_bundle(task.slot, task.bundle)
    ]
    total = sum(task.bundle.size for task in missing if task.bundle)
    if not missing:
        return
    with talk.progress(N_("Downloading the sealed tasks"), total=total, unit=Unit.BYTES) as advance:
        done = 0
        for task in missing:
            _fetch(api, task, workspace, _onwards(advance, done))
            done += task.bundle.size if task.bundle else 0
            advance(done)


def make_environment(workspace: Workspace, talk: Talk) -> None:
    """Make the Python environment, unless it is whole already or the candidate has their own.

    Raises:
        EnvironmentFailed: A tool failed; its own words are on standard error.
    """
    record = workspace.manifest
    if record.environment is EnvironmentKind.OWN:
        talk.say(N_("Your own Python environment is used; this exam expects:"))
        for requirement in record.requirements:
            talk.say(f"  {requirement}")
        return
    if environment.is_whole(workspace.environment, record.requirements):
        return
    versions = environment.make(
        workspace.environment,
        record.requirements,
        uv=environment.find_uv(),
        on_step=lambda step: talk.say(_STEPS[step], style="cyan"),
    )
    listed = talk.listed(f"{package} {version}" for package, version in versions.items())
    talk.say(N_("The environment works: {packages}."), packages=listed, style="green")


def open_bundles(api: Api, started: Start, workspace: Workspace, talk: Talk) -> None:
    """Unpack all bundles; one that turns out to be damaged is fetched again.

    Raises:
        BundleDamaged: A bundle cannot be opened, even when it is fetched again.
    """
    for task in started.sitting.tasks:
        if task.bundle is None:
            continue
        key = started.keys[task.slot]
        try:
            workspace.open_bundle(task.slot, task.bundle, key)
        except BundleDamaged:
            workspace.sealed(task.slot).unlink(missing_ok=True)
            download(api, started.sitting, workspace, talk)
            workspace.open_bundle(task.slot, task.bundle, key)


def _onwards(advance: OnProgress, before: int) -> OnProgress:
    return lambda part: advance(before + part)


def _fetch(api: Api, task: Task, workspace: Workspace, on_progress: OnProgress) -> None:
    assert task.bundle is not None
    for _ in range(_FETCHES):
        api.download(task.bundle, workspace.sealed(task.slot), on_progress=on_progress)
        if workspace.has_bundle(task.slot, task.bundle):
            return
    raise BundleDamaged(slot=task.slot)


def _prepared(sitting: Sitting) -> int:
    return sum(task.bundle is not None for task in sitting.tasks)
