"""All addresses of the server."""

from __future__ import annotations

from django.urls import include, path

from assay.server.api import api
from assay.server.staff.records import site

urlpatterns = [
    path("api/", api.urls),
    path("", include("assay.server.accounts.urls")),
    path("", include("assay.server.credentials.urls")),
    path("", include("assay.server.enrolment.urls")),
    path("", include("assay.server.appeals.urls")),  # before console, whose slots take any name
    path("", include("assay.server.console.urls")),
    path("", include("assay.server.staff.urls")),
    path("admin/", site.urls),
    path("", include("assay.server.pages.urls")),
]

handler400 = "assay.server.pages.views.bad_request"
handler403 = "assay.server.pages.views.forbidden"
handler404 = "assay.server.pages.views.not_found"
handler429 = "assay.server.accounts.views.too_many_requests"
handler500 = "assay.server.pages.views.server_error"
