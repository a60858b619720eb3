"""What every answer carries: headers that keep a page to itself, and the reader's language."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import check_for_language, get_supported_language_variant

from assay.server.language import remember

LANGUAGE_PARAMETER = "lang"  # of an address: ?lang=zh-hans
_YEAR = 365 * 24 * 3600  # seconds


def _policy(**sources: str) -> str:
    """Return a Content-Security-Policy; whatever is not named is forbidden."""
    named = {name.replace("_", "-"): source for name, source in sources.items()}
    fixed = {"default-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'"}
    return "; ".join(f"{name} {source}" for name, source in (fixed | named).items())


# Scripts, styles and pictures are files of ours: nothing inline, nothing from other servers.
CONTENT_SECURITY_POLICY = _policy(
    script_src="'self'",
    style_src="'self'",
    img_src="'self'",
    connect_src="'self'",
    form_action="'self'",
)
# Passkeys need a script of ours, which asks this server; the picture that an authenticator
# app scans is a secret without an address.
ACCOUNT_PATH = "/accounts/"
ACCOUNT_POLICY = _policy(
    script_src="'self'",
    style_src="'self'",
    img_src="'self' data:",
    connect_src="'self'",
    form_action="'self'",
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def _protect(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    is_account = request.path.startswith(ACCOUNT_PATH)
    policy = ACCOUNT_POLICY if is_account else CONTENT_SECURITY_POLICY
    response.headers.setdefault("Content-Security-Policy", policy)
    if _is_personal(request):
        response.headers.setdefault("Cache-Control", "no-store, private")
    return response


def _is_personal(request: HttpRequest) -> bool:
    """Return whether an answer was made with somebody's session.

    No proxy keeps it for another one then, and after signing out nobody who uses the same
    machine goes back to it. It asks no database.
    """
    session = getattr(request, "session", None)
    return session is not None and session.accessed and not session.is_empty()


def security_headers(get_response: GetResponse) -> GetResponse:
    """Add the headers, unless a view has set its own. Belongs outermost, so that errors get them."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        return _protect(request, get_response(request))

    return answer


def _chosen(request: HttpRequest) -> str | None:
    """Return the language that the address asks for, if it is one of ours."""
    wanted = request.GET.get(LANGUAGE_PARAMETER)
    if not wanted or not check_for_language(wanted):
        return None
    try:
        return get_supported_language_variant(wanted)
    except LookupError:
        return None


def language_switch(get_response: GetResponse) -> GetResponse:
    """Let `?lang=` choose the language, and remember it. Belongs before `LocaleMiddleware`.

    A link, so that the switch works without a script and without a form, and so that
    a certificate's address can be sent in the language of its reader.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        language = _chosen(request)
        if language is not None:
            request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = language
        response = get_response(request)
        if language is not None:
            remember(response, language, seconds=_YEAR)
        return response

    return answer
