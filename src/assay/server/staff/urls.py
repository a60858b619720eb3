from __future__ import annotations

from django.urls import path

from assay.server.staff.views import identity, pages, sittings

app_name = "staff"

urlpatterns = [
    path("staff/", pages.overview, name="overview"),
    path("staff/audit/", pages.audit, name="audit"),
    path("staff/identity/", identity.queue, name="identity"),
    path("staff/identity/<uuid:check_id>/", identity.decide, name="decide"),
    path("staff/identity/<uuid:check_id>/<slug:kind>/", identity.picture, name="picture"),
    path("staff/sittings/", sittings.live, name="live"),
    path("staff/sittings/stop/", sittings.stop, name="stop"),
    path("staff/sittings/resume/", sittings.resume, name="resume"),
    path("staff/sittings/<uuid:sitting_id>/time/", sittings.add_time, name="add-time"),
]
