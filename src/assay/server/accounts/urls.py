from __future__ import annotations

from django.urls import include, path

from assay.server.accounts import views

own = [
    path("me/", views.me, name="me"),
    path("device/", views.device, name="device"),
]

urlpatterns = [
    path("", include((own, "accounts"))),
    path("accounts/", include("allauth.urls")),
]
