"""Codes of authenticator apps are good once (RFC 6238, 5.2), for as long as a clock may be off."""

from __future__ import annotations

import re

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django.core.cache import cache


class _Once(BaseAuthenticateForm):  # type: ignore[misc]  # allauth brings no types
    """Takes a code once. allauth forgets it after one period, and accepts it for three."""

    def clean_code(self) -> str:
        """Return the code, if it is right and was not used before."""
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP and not cache.add(
            f"accounts.totp:{self.user.pk}:{re.sub(r'[^0-9]', '', code)}", 1, timeout=_lifetime()
        ):
            raise get_adapter().validation_error("incorrect_code")
        return code


def _lifetime() -> int:
    """Return for how many seconds a code is accepted at the most."""
    return int(app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1))


class SignInForm(_Once, AuthenticateForm):  # type: ignore[misc]
    """Asks for the second factor when somebody signs in."""


class IsItYouForm(_Once, ReauthenticateForm):  # type: ignore[misc]
    """Asks for it again, before something that is protected."""
