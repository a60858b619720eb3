"""A person's own pages."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assay.errors import AssayError
from assay.server.accounts import letters, limits, personal
from assay.server.accounts.forms import DeletionForm, ProfileForm
from assay.server.accounts.services import revoke_token, tokens_of
from assay.server.accounts.views.errors import too_many_requests
from assay.server.accounts.views.signed import signed_in
from assay.server.language import active_language, remember


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Show what we know about the person and how they sign in; change name and language."""
    user = signed_in(request)
    now = timezone.now()
    language = active_language()
    form = ProfileForm(
        request.POST or None,
        instance=user,
        fixed=[str(error.render(language).message) for error in personal.name_obstacles(user, now)],
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(user.locale):
            messages.success(request, _("Saved."))
        response = redirect("accounts:me")
        remember(response, user.locale, seconds=settings.SESSION_COOKIE_AGE)
        return response
    user.refresh_from_db()  # the form has written into it
    return render(request, "accounts/me.html", _standing(request) | {"form": form})


def _standing(request: HttpRequest) -> dict[str, Any]:
    user = signed_in(request)
    factors: dict[str, list[Authenticator]] = {kind: [] for kind in Authenticator.Type.values}
    for factor in Authenticator.objects.filter(user=user):
        factors[factor.type].append(factor)
    return {
        "section": "me",
        "totp": factors[Authenticator.Type.TOTP],
        "passkeys": factors[Authenticator.Type.WEBAUTHN],
        "codes": factors[Authenticator.Type.RECOVERY_CODES],
        "connections": SocialAccount.objects.filter(user=user),
        "sessions": sorted(UserSession.objects.purge_and_list(user), key=lambda s: s.created_at),
        "tokens": tokens_of(user),
    }


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Take a program's right to act for the person."""
    if not revoke_token(signed_in(request), token_id, timezone.now()):
        raise Http404
    messages.success(request, _("The program is signed out."))
    return redirect("accounts:me")


@never_cache
@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Hand out everything that we know about the person."""
    user = signed_in(request)
    now = timezone.now()
    try:
        limits.spend("export", str(user.pk), limits.EXPORT, now)
    except limits.TooManyRequests:
        return too_many_requests(request)
    response = HttpResponse(personal.archive_of(user), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="assay-{now:%Y-%m-%d}.zip"'
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Delete the account, once the person has shown that it is them."""
    user = signed_in(request)
    now = timezone.now()
    language = active_language()
    form = DeletionForm(user, request.POST or None)
    problems = [error.render(language) for error in personal.obstacles_to_erasure(user, now)]
    if request.method == "POST" and not problems:
        refused = limits.Limit(most=5, seconds=300)
        try:
            limits.spend("delete", str(user.pk), refused, now)
            if form.is_valid():
                with transaction.atomic():
                    personal.erase(user, now)
                    letters.farewell(user, limits.client_address(request), now)
                logout(request)
                return render(request, "accounts/deleted.html")
        except AssayError as error:
            problems = [error.render(language)]
    return render(request, "accounts/delete.html", {"form": form, "problems": problems})
