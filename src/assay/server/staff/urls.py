from __future__ import annotations

from django.urls import path

from assay.server.staff.views import identity, pages, registrations, sittings

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
    path("staff/registrations/", registrations.found, name="registrations"),
    path("staff/registrations/new/", registrations.new, name="new-registration"),
    path("staff/registrations/make/", registrations.make, name="make-registration"),
    path(
        "staff/registrations/<uuid:registration_id>/",
        registrations.registration,
        name="registration",
    ),
    path(
        "staff/registrations/<uuid:registration_id>/validity/",
        registrations.extend,
        name="extend",
    ),
    path(
        "staff/registrations/<uuid:registration_id>/accommodations/",
        registrations.accommodate,
        name="accommodate",
    ),
    path("staff/registrations/<uuid:registration_id>/void/", registrations.void, name="void"),
]
