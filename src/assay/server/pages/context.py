"""What every page's frame shows: whose server this is, and in which languages it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from assay import __version__
from assay.server.pages.middleware import LANGUAGE_PARAMETER


@dataclass(frozen=True, kw_only=True)
class LanguageLink:
    """One choice of the language switch."""

    code: str  # BCP 47
    name: str  # in its own language
    href: str  # relative to the page: a path such as //other.example must not become a host
    address: str  # absolute, for search engines
    current: bool


def site(request: HttpRequest) -> dict[str, Any]:
    """Return what the base template needs; asks no database, so that error pages work too."""
    current = get_language()
    return {
        "issuer_name": settings.ISSUER_NAME,
        "site_url": settings.URL,
        "site_host": urlsplit(settings.URL).netloc,
        "version": __version__,
        "language_links": [
            LanguageLink(
                code=code,
                name=name,
                href=f"?{LANGUAGE_PARAMETER}={code}",
                address=f"{settings.URL}{request.path}?{LANGUAGE_PARAMETER}={code}",
                current=code == current,
            )
            for code, name in settings.LANGUAGES
        ],
    }
