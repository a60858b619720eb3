"""Who is asking."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer

from assay.server.accounts.models import User
from assay.server.accounts.services import authenticate


class CandidateRequest(HttpRequest):
    """A request that carries a candidate's token."""

    auth: User


class TokenAuth(HttpBearer):
    """`Authorization: Bearer TOKEN`."""

    def authenticate(self, request: HttpRequest, token: str) -> User:  # noqa: ARG002 - ninja's
        return authenticate(token)
