"""On the way to a provider of OpenID Connect."""

from __future__ import annotations

import logging
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.providers.openid_connect.views import login
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render

logger = logging.getLogger(__name__)


def provider_login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Lead to the provider by a page instead of a redirect.

    Our forms may only be sent to this server (`form-action`), and browsers hold every
    redirect that follows against that: also those between a provider's own sites,
    which nobody can list.
    """
    try:
        response: HttpResponseBase = login(request, provider_id)
    except requests.RequestException as fault:
        logger.warning("the provider %s does not answer: %s", provider_id, type(fault).__name__)
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return render(request, "socialaccount/authentication_error.html", status=status)
    if request.method != "POST" or not isinstance(response, HttpResponseRedirect):
        return response
    target = urlsplit(response.url)
    if not target.netloc or target.netloc == request.get_host():
        return response
    context = {"target": response.url, "host": target.hostname}
    return render(request, "accounts/leaving.html", context)
