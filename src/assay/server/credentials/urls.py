"""Addresses of certificates, keys and exams. They stand in certificates: never change one."""

from __future__ import annotations

from django.urls import path

from assay.server.credentials import views

app_name = "credentials"

urlpatterns = [
    path("verify/", views.check, name="check"),
    path("verify/<uuid:number>", views.credential, name="credential"),
    path("verify/<uuid:number>.json", views.credential_json, name="credential-json"),
    path("verify/<uuid:number>.jwt", views.credential_jwt, name="credential-jwt"),
    path("keys/<str:kid>", views.key, name="key"),
    path(".well-known/jwks.json", views.jwks, name="jwks"),
    path("issuer", views.issuer, name="issuer"),
    path("achievements/<slug:exam>", views.achievement, name="achievement"),
]
