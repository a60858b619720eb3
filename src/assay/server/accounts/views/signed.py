"""Who is signed in, for views behind `login_required`."""

from __future__ import annotations

from django.http import HttpRequest

from assay.server.accounts.models import User


def signed_in(request: HttpRequest) -> User:
    """Return the user of a request that cannot be a stranger's."""
    assert isinstance(request.user, User)
    return request.user
