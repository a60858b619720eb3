"""A picture of an identity check as an answer, for the pages of staff."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse

from assay.server.accounts.models import User
from assay.server.enrolment import images
from assay.server.enrolment.models import PictureKind
from assay.server.enrolment.services import identity


def picture_answer(check_id: UUID, kind: PictureKind, *, by: User, now: datetime) -> HttpResponse:
    """Return a picture so that it stays nowhere and can be nothing but a picture.

    The caller has checked that `by` may see it; that it was seen is written down.

    Raises:
        IdentityCheckNotFound: There is no such check, or its pictures are gone.
        SealBroken: It cannot be opened with this deployment's secret.
    """
    return HttpResponse(
        identity.open_picture(check_id, kind, by=by, now=now),
        content_type=images.KEPT_TYPE,
        headers={
            "Cache-Control": "no-store, private",
            "Content-Disposition": f'inline; filename="{kind.value}.jpg"',
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
        },
    )
