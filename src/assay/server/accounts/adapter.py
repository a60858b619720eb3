"""What django-allauth asks us to decide."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.utils import timezone

from assay.server.accounts.models import User


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # it has no types
    """Accounts by e-mail address."""

    def new_user(self, request: HttpRequest) -> User:  # noqa: ARG002 - allauth's
        """Return a user who is not saved yet."""
        return User(joined_at=timezone.now())


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # it has no types
    """Authenticator apps, passkeys and recovery codes."""


class Providers(DefaultSocialAccountAdapter):  # type: ignore[misc]  # it has no types
    """Sign-in by OpenID Connect."""
