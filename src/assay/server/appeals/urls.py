from __future__ import annotations

from django.urls import path

from assay.server.appeals import views

app_name = "appeals"

urlpatterns = [
    path("appeals/", views.about, name="about"),
    path("sittings/<uuid:sitting_id>/appeal/", views.appeal, name="appeal"),
]
