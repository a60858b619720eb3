"""Who is signed in, and what they may sit."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from assay import __version__, wire
from assay.server import queue
from assay.server.api import shapes
from assay.server.api.authentication import CandidateRequest
from assay.server.api.problems import language_of
from assay.server.exams.services import registrations, sittings

router = Router()


@router.get("/health", response=wire.Health, auth=None)
def health(request: HttpRequest) -> wire.Health:  # noqa: ARG001 - ninja's signature
    """Whether the server's parts work."""
    return wire.Health(
        status="ok", version=__version__, now=timezone.now(), graders=queue.graders()
    )


@router.get("/me", response=wire.Person)
def me(request: CandidateRequest) -> wire.Person:
    """Who is signed in."""
    return shapes.person(request.auth)


@router.get("/registrations", response=list[wire.Registration], operation_id="registrations")
def own_registrations(request: CandidateRequest) -> list[wire.Registration]:
    """The candidate's registrations, the newest first."""
    now = timezone.now()
    return [
        shapes.registration(right, language_of(request), now)
        for right in registrations.registrations_of(request.auth)
    ]


@router.post("/registrations/{registration_id}/sitting", response=wire.Sitting)
def open_sitting(request: CandidateRequest, registration_id: UUID) -> wire.Sitting:
    """Open the registration's sitting, or return the open one. It costs no exam time."""
    now = timezone.now()
    right = registrations.registration_of(request.auth, registration_id)
    return shapes.sitting(sittings.open_sitting(right, now), language_of(request), now)
