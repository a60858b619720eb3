"""What django-allauth asks us to decide."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assay.server.accounts import letters, sealing
from assay.server.accounts.models import User
from assay.server.language import remember


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # it has no types
    """Accounts by e-mail address."""

    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("This address and this password do not belong together."),
        "email_taken": _("There is an account with this address already."),
        "incorrect_code": _("That is not the code."),
        "incorrect_password": _("That is not your password."),
        "enter_current_password": _("That is not your password."),
        "rate_limited": _("That was too often. Wait a minute, then try again."),
        "same_as_current": _("That is the one you have already."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, then try again."),
    }

    def new_user(self, request: HttpRequest) -> User:  # noqa: ARG002 - allauth's
        """Return a user who is not saved yet."""
        return User(joined_at=timezone.now())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write one of our letters instead of allauth's, and have it sent by the queue.

        The page answers at once, whether there is an account or not, and a mail server
        that is away costs nobody a mail.
        """
        letters.write(template_prefix, email, context, timezone.now())

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell a person that their account was changed, in their language."""
        context = {**(context or {}), "user": user}
        super().send_notification_mail(template_prefix, user, context, email)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Return where one goes after changing the password."""
        return "/me/"

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponseBase:
        """Show pages in the person's own language, unless the browser chose another here."""
        response: HttpResponseBase = super().post_login(request, user, **options)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            remember(response, user.locale, seconds=settings.SESSION_COOKIE_AGE)
        return response


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # it has no types
    """Authenticator apps, passkeys and recovery codes.

    Their secrets are encrypted in the database, so that a copy of it alone lets
    nobody in.
    """

    error_messages: ClassVar = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That is not the code. Is the clock of your phone right?"),
    }

    def encrypt(self, text: str) -> str:
        """Return `text` as it is kept."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what was encrypted."""
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return by what name and domain an authenticator knows this server."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": settings.ISSUER_NAME}


class Providers(DefaultSocialAccountAdapter):  # type: ignore[misc]  # it has no types
    """Sign-in by OpenID Connect."""

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """Fill in what the provider knows of a new person; they check it before it is kept."""
        user = super().populate_user(request, sociallogin, data)
        assert isinstance(user, User)
        parts = (data.get("first_name"), data.get("last_name"))
        user.name = str(data.get("name") or " ".join(filter(None, parts)))[:200]
        return user

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        """Fill the form in with it."""
        initial: dict[str, Any] = super().get_signup_form_initial_data(sociallogin)
        return initial | {"name": sociallogin.user.name}


def _fernet() -> Fernet:
    return Fernet(sealing.key("second factors"))
