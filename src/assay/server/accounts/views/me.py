"""A person's own page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@login_required
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Show what we know about the person and how they sign in."""
    return render(request, "accounts/me.html")
