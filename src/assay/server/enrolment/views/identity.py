"""Sending a document and a photo."""

from __future__ import annotations

from typing import IO
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from assay.errors import AssayError
from assay.server.accounts import limits
from assay.server.enrolment import display, images
from assay.server.enrolment.errors import ImageTooLarge, NoImage
from assay.server.enrolment.services import identity as service
from assay.server.enrolment.services.overview import Stage, of_registration
from assay.server.enrolment.views.catalogue import signed_in
from assay.server.exams.display import title_by
from assay.server.exams.errors import RegistrationNotFound
from assay.server.exams.services.registrations import registration_of

PICTURES = limits.Limit(most=10, seconds=600)  # pairs that one person sends
_KINDS = ("document", "photo")
_MOST_BYTES = 2 * images.MAX_BYTES + 100_000  # both pictures and the form around them


class InMemoryOnly(MemoryFileUploadHandler):
    """Keeps pictures in memory, so that none is left on the disk in the clear."""

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803 - Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Take both pictures, or none if they are larger than two pictures can be."""
        super().handle_raw_input(input_data, META, content_length, boundary, encoding)
        self.activated = content_length <= _MOST_BYTES


@login_required
@csrf_exempt  # the check comes below: it must not read the files before our handler is set
@require_http_methods(["GET", "HEAD", "POST"])
def identity(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """Show how an identity check stands, and take in pictures."""
    request.upload_handlers = [InMemoryOnly(request)]
    return _identity(request, registration_id)


@csrf_protect
def _identity(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    candidate = signed_in(request)
    problem: AssayError | None = None
    try:
        registration = registration_of(candidate, registration_id)
        if request.method == "POST":
            limits.spend("pictures", str(candidate.pk), PICTURES, timezone.now())
            service.submit(candidate, registration_id, **_pictures(request), now=timezone.now())
            return redirect("enrolment:identity", registration_id)
    except RegistrationNotFound:
        raise Http404 from None
    except AssayError as error:
        problem = error
    entry = of_registration(registration, timezone.now())
    context = {
        "registration": registration,
        "entry": entry,
        "title": title_by(entry.plan, entry.exam),
        "is_asked": entry.stage is Stage.IDENTITY,
        "megabytes": images.MAX_BYTES // 1_000_000,
        "section": "mine",
    }
    return display.show_page(request, "enrolment/identity.html", context, problem)


def _pictures(request: HttpRequest) -> dict[str, bytes]:
    """Return the two files of a form.

    Raises:
        ImageTooLarge: The form is larger than two pictures can be.
        NoImage: One of them is missing or empty.
    """
    if int(request.headers.get("Content-Length") or 0) > _MOST_BYTES:
        raise ImageTooLarge(
            megabytes=images.MAX_BYTES // 1_000_000, megapixels=images.MAX_MEGAPIXELS
        )
    found = {kind: request.FILES.get(kind) for kind in _KINDS}
    files = {kind: file.read() for kind, file in found.items() if isinstance(file, UploadedFile)}
    if not all(files.get(kind) for kind in _KINDS):
        raise NoImage
    return files
