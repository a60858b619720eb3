"""All addresses of the server."""

from __future__ import annotations

from django.urls import include, path

from assay.server.api import api

urlpatterns = [
    path("api/", api.urls),
    path("", include("assay.server.credentials.urls")),
]
