"""The mails of this app, each in its reader's language.

django-allauth says which mail it wants by the name of a template; `KINDS` says what we
write then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop

from assay.server import queue
from assay.server.accounts.models import OutgoingMail, User
from assay.server.mail import Button, Code, Framed, Letter, framed

_WORTH_SENDING = timedelta(days=3)  # a mail server may be away for a weekend


def write(kind: str, to: str, context: Mapping[str, Any], now: datetime) -> OutgoingMail:
    """Write a letter and have it sent once the running transaction commits.

    Args:
        kind: As django-allauth calls it, such as `account/email/password_reset_key`.
        to: The address.
        context: What django-allauth tells about the occasion. With `user`, the letter
            is in that user's language, else in the page's.
        now: The current time.

    Returns:
        The mail; it is deleted when it has been sent.
    """
    user = context.get("user")
    locale = user.locale if isinstance(user, User) else translation.get_language()
    with translation.override(locale):
        letter = KINDS[kind.rsplit("/", 1)[1]](context)
        return post(letter, to, name=user.name if isinstance(user, User) else "", now=now)


def post(letter: Letter, to: str, *, name: str, now: datetime) -> OutgoingMail:
    """Have a letter sent once the running transaction commits.

    Args:
        letter: In the language that is active, which the frame of the mail is in too.
        to: The address.
        name: Of the reader; may be empty.
        now: The current time.

    Returns:
        The mail; it is deleted when it has been sent.
    """
    written = framed(letter, name=name)
    mail = OutgoingMail.objects.create(
        to=to,
        subject=written.subject,
        text=written.text,
        html=written.html,
        written_at=now,
        expires_at=now + _WORTH_SENDING,
    )
    queue.defer("accounts.send_mail", queue=queue.MAIL, mail_id=mail.pk)
    return mail


def farewell(user: User, address: str, now: datetime) -> OutgoingMail:
    """Tell somebody that their account is deleted: it may have been somebody else who did it.

    Args:
        user: As they were known until now.
        address: Of the network from which it was asked for.
        now: The current time.

    Returns:
        The mail; with it the address is forgotten, too.
    """
    with translation.override(user.locale):
        letter = Letter(
            subject=gettext("Your account is deleted"),
            parts=(
                gettext(
                    "We know your name and address no more. Certificates that you have can "
                    "still be checked."
                ),
                gettext("It was done at %(time)s UTC from the network address %(address)s.")
                % {"time": f"{now:%Y-%m-%d %H:%M}", "address": address},
            ),
        )
        return post(letter, user.email, name=user.name, now=now)


def send(mail_id: int, now: datetime) -> None:
    """Hand a written mail to the mail server and forget it."""
    mail = OutgoingMail.objects.filter(pk=mail_id).first()
    if mail is None:
        return
    if mail.expires_at > now:
        Framed(subject=mail.subject, text=mail.text, html=mail.html).mail(mail.to).send()
    mail.delete()


# What is written -------------------------------------------------------------------------------


def _confirmation(context: Mapping[str, Any]) -> Letter:
    return Letter(
        subject=gettext("Your code: %(code)s") % {"code": context["code"]},
        parts=(
            gettext(
                "This code confirms your e-mail address. Type it in on the page where you left off:"
            ),
            Code(context["code"]),
            gettext("It is good for half an hour. If you did not ask for it, do nothing."),
        ),
        heading=gettext("Confirm your address"),
    )


def _account_exists(context: Mapping[str, Any]) -> Letter:
    return Letter(
        subject=gettext("You have an account already"),
        parts=(
            gettext(
                "Somebody, probably you, wanted to make an account with this address. There is "
                "one already. If you have forgotten the password, choose a new one."
            ),
            gettext("If it was not you, do nothing; nothing has changed."),
            Button(label=gettext("Choose a new password"), address=context["password_reset_url"]),
        ),
    )


def _unknown_account(context: Mapping[str, Any]) -> Letter:
    return Letter(
        subject=gettext("There is no account with this address"),
        parts=(
            gettext(
                "Somebody, probably you, wanted to sign in or to choose a new password with this "
                "address, but no account has it. You may have used another address."
            ),
            gettext("If it was not you, do nothing."),
            Button(label=gettext("Make an account"), address=context["signup_url"]),
        ),
    )


def _password_reset(context: Mapping[str, Any]) -> Letter:
    return Letter(
        subject=gettext("Choose a new password"),
        parts=(
            gettext("Somebody, probably you, asked for a new password for your account."),
            gettext("The link works once. If it was not you, do nothing; your password stays."),
            Button(label=gettext("Choose a new password"), address=context["password_reset_url"]),
        ),
    )


def _notice(subject: str, what: Callable[[Mapping[str, Any]], str]) -> Callable[..., Letter]:
    """Return what writes to somebody that their account was changed."""

    def letter(context: Mapping[str, Any]) -> Letter:
        now = timezone.now()
        return Letter(
            subject=gettext(subject),
            parts=(
                what(context),
                gettext("It was done at %(time)s UTC from the network address %(address)s.")
                % {"time": f"{now:%Y-%m-%d %H:%M}", "address": context.get("ip") or "?"},
                gettext("If it was not you, choose a new password at once and look through:"),
                Button(label=gettext("My account"), address=f"{settings.URL}/me/"),
            ),
        )

    return letter


def _plain(text: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda _context: gettext(text)


KINDS: dict[str, Callable[[Mapping[str, Any]], Letter]] = {
    "email_confirmation": _confirmation,
    "email_confirmation_signup": _confirmation,
    "account_already_exists": _account_exists,
    "unknown_account": _unknown_account,
    "password_reset_key": _password_reset,
    "password_changed": _notice(
        gettext_noop("Your password was changed"),
        _plain(gettext_noop("The password of your account was changed.")),
    ),
    "password_reset": _notice(
        gettext_noop("Your password was changed"),
        _plain(gettext_noop("A new password was chosen for your account by a mailed link.")),
    ),
    "password_set": _notice(
        gettext_noop("Your account has a password"),
        _plain(gettext_noop("A password was set for your account.")),
    ),
    "email_changed": _notice(
        gettext_noop("Your e-mail address was changed"),
        lambda context: (
            gettext("The address of your account is now %(to)s; it was %(old)s.")
            % {"to": context["to_email"], "old": context["from_email"]}
        ),
    ),
    "email_confirm": _notice(
        gettext_noop("Your e-mail address is confirmed"),
        _plain(gettext_noop("The address of your account was confirmed.")),
    ),
    "email_deleted": _notice(
        gettext_noop("An e-mail address was removed"),
        lambda context: (
            gettext("The address %(address)s was removed from your account.")
            % {"address": context["deleted_email"]}
        ),
    ),
    "totp_activated": _notice(
        gettext_noop("An authenticator app was added"),
        _plain(gettext_noop("From now on a code of your authenticator app is asked for.")),
    ),
    "totp_deactivated": _notice(
        gettext_noop("The authenticator app was removed"),
        _plain(gettext_noop("No code of an authenticator app is asked for any more.")),
    ),
    "recovery_codes_generated": _notice(
        gettext_noop("New recovery codes were made"),
        _plain(gettext_noop("Older recovery codes of your account are not valid any more.")),
    ),
    "webauthn_added": _notice(
        gettext_noop("A passkey was added"),
        _plain(gettext_noop("A passkey or security key was added to your account.")),
    ),
    "webauthn_removed": _notice(
        gettext_noop("A passkey was removed"),
        _plain(gettext_noop("A passkey or security key was removed from your account.")),
    ),
    "account_connected": _notice(
        gettext_noop("A way to sign in was connected"),
        lambda context: (
            gettext("One can now sign in to your account with %(provider)s.")
            % {"provider": context["provider"]}
        ),
    ),
    "account_disconnected": _notice(
        gettext_noop("A way to sign in was disconnected"),
        lambda context: (
            gettext("One can no longer sign in to your account with %(provider)s.")
            % {"provider": context["provider"]}
        ),
    ),
}
