from __future__ import annotations

from django.urls import include, path

from assay.server.accounts import views

own = [
    path("me/", views.me, name="me"),
    path("me/data.zip", views.export, name="export"),
    path("me/delete/", views.delete, name="delete"),
    path("me/programs/<int:token_id>/revoke/", views.revoke, name="revoke"),
    path("device/", views.device, name="device"),
]

urlpatterns = [
    path("", include((own, "accounts"))),
    # Before allauth's own view of the same address and name.
    path(
        "accounts/oidc/<slug:provider_id>/login/",
        views.provider_login,
        name="openid_connect_login",
    ),
    path("accounts/", include("allauth.urls")),
]
