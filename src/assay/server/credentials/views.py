"""Pages and documents about certificates. All of them are public and change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from assay import badges
from assay.errors import AssayError
from assay.server.credentials import checking, display, issuing
from assay.server.credentials.achievements import achievement_of, skills_of
from assay.server.credentials.answers import (
    HTML,
    JSON,
    JSON_TYPES,
    JWT,
    JWT_TYPES,
    document,
    preferred,
    problem,
)
from assay.server.credentials.checking import Check, NoSuchCertificate, State
from assay.server.credentials.models import Credential
from assay.server.exams.bank import bank, find_blueprint
from assay.server.language import active_language

MOST_PASTED = 300_000  # characters


@require_safe
def credential(request: HttpRequest, number: UUID) -> HttpResponse:
    """Show and check a certificate; JSON and the bare token by `Accept`."""
    wanted = preferred(request, HTML, *JSON_TYPES, *JWT_TYPES)
    if wanted == HTML:
        answer = _credential_page(request, number)
    elif wanted in JWT_TYPES:
        answer = _credential_jwt(number, wanted)
    else:
        answer = _credential_json(number, wanted)
    patch_vary_headers(answer, ["Accept"])
    return answer


@require_safe
def credential_json(request: HttpRequest, number: UUID) -> HttpResponse:
    """Return a certificate as JSON, the token inside as its proof."""
    return _credential_json(number, JSON)


@require_safe
def credential_jwt(request: HttpRequest, number: UUID) -> HttpResponse:
    """Return a certificate as the bare token, for saving."""
    return _credential_jwt(number, JWT)


def _credential_page(request: HttpRequest, number: UUID) -> HttpResponse:
    row = Credential.objects.filter(id=number).first()
    if row is None:
        raise Http404
    return _page(request, checking.check_credential(row, timezone.now()))


def _credential_json(number: UUID, content_type: str) -> HttpResponse:
    row, refused = _document(number)
    return refused or document(badges.wrap(row.jwt), content_type)


def _credential_jwt(number: UUID, content_type: str) -> HttpResponse:
    row, refused = _document(number)
    if refused:
        return refused
    answer = document(row.jwt, content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="certificate-{row.id}.jwt"'
    return answer


def _document(number: UUID) -> tuple[Credential, HttpResponse | None]:
    """Return the row, and the answer instead of it if it must not be handed out."""
    row = Credential.objects.filter(id=number).first()
    if row is None:
        return Credential(), problem(NoSuchCertificate(), 404)
    if row.revoked_at is not None:
        # The bare token does not know that it was revoked, so it is not handed out any more.
        return row, problem(checking.Revoked(revoked_at=f"{row.revoked_at:%Y-%m-%d}"), 410)
    return row, None


@csrf_exempt  # it changes nothing, so there is nothing to forge; and it needs no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Check what somebody pastes: a number, an address, a token, or JSON."""
    pasted = request.POST.get("certificate", "").strip()[:MOST_PASTED]
    if not pasted:
        return render(request, "credentials/check.html", {"section": "verify"})
    found = checking.find(pasted, timezone.now())
    if found.credential is not None and found.state in {State.VALID, State.REVOKED}:
        return redirect("credentials:credential", found.credential.id)
    return _page(request, found, pasted=pasted)


def _page(request: HttpRequest, found: Check, pasted: str = "") -> HttpResponse:
    shown = display.show(found.verified, found.credential) if found.verified else None
    answer = render(
        request,
        "credentials/credential.html" if shown else "credentials/refused.html",
        {
            "section": "verify",
            "check": found,
            "problem": _rendered(found.problem),
            "shown": shown,
            "pasted": pasted,
        },
    )
    answer.headers["Cache-Control"] = "no-cache"  # "checked just now" must be true
    answer.headers["X-Robots-Tag"] = "noindex"  # its holder decides who gets the address
    return answer


def _rendered(error: AssayError | None) -> Mapping[str, str] | None:
    if error is None:
        return None
    rendered = error.render(active_language())
    return {"message": rendered.message, "remedy": rendered.remedy}


@require_safe
def key(request: HttpRequest, kid: str) -> HttpResponse:
    """Return a public key as a bare JWK, which is what `kid` in a certificate leads to."""
    for each in issuing.published_keys():
        if each.kid == kid:
            return document(each.published_jwk, JSON, max_age=3600)
    raise Http404


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """Return all public keys as a JWK set."""
    keys = [each.published_jwk for each in issuing.published_keys()]
    return document({"keys": keys}, JSON, max_age=3600)


@require_safe
def issuer(request: HttpRequest) -> HttpResponse:
    """Say who issues certificates here, and with which keys."""
    wanted = preferred(request, HTML, *JSON_TYPES)
    profile: dict[str, Any] = badges.issuer_json(issuing.issuer())
    if wanted != HTML:
        answer = document({"@context": badges.CONTEXT} | profile, wanted)
    else:
        context = {"profile": profile, "keys": issuing.published_keys(), "section": "issuer"}
        answer = render(request, "credentials/issuer.html", context)
    patch_vary_headers(answer, ["Accept"])
    return answer


@require_safe
def achievement(request: HttpRequest, exam: str) -> HttpResponse:
    """Say what passing an exam means."""
    plan = find_blueprint(exam)
    if plan is None:
        raise Http404
    wanted = preferred(request, HTML, *JSON_TYPES)
    if wanted != HTML:
        described = badges.achievement_json(achievement_of(exam, plan, bank()))
        answer = document({"@context": badges.CONTEXT} | described, wanted)
    else:
        shown = display.show_exam(exam, plan, skills_of(plan, bank()))
        context = {"exam": shown, "plan": plan, "section": "exams"}
        answer = render(request, "credentials/achievement.html", context)
    patch_vary_headers(answer, ["Accept"])
    return answer
