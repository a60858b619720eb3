"""The languages of pages and mails: which there are, which is active, which a browser wants."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponseBase
from django.utils.translation import get_language

from assay.messages import Language

# The languages that a person can choose, each by its own name.
LANGUAGES = [(Language.ENGLISH.value, "English"), (Language.CHINESE.value, "简体中文")]


def active_language() -> Language:
    """Return the language that is active: the visitor's, or that of a mail's reader."""
    return Language.closest(get_language())


def remember(response: HttpResponseBase, locale: str, *, seconds: int) -> None:
    """Have the browser that gets this response ask for pages in a language from now on.

    Args:
        response: That the browser gets.
        locale: The language as Django calls it, such as `zh-hans`.
        seconds: For how long.
    """
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        locale,
        max_age=seconds,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
