from __future__ import annotations

from django.urls import path

from assay.server.console.views import before, exam, live, result, task

app_name = "console"

urlpatterns = [
    path("registrations/<uuid:registration_id>/", before.rules, name="rules"),
    path("registrations/<uuid:registration_id>/check/", before.check, name="check"),
    path("registrations/<uuid:registration_id>/check/echo/", before.echo, name="echo"),
    path("registrations/<uuid:registration_id>/prepare/", before.prepare, name="prepare"),
    path("sittings/<uuid:sitting_id>/", exam.sitting, name="sitting"),
    path("sittings/<uuid:sitting_id>/start/", exam.start, name="start"),
    path("sittings/<uuid:sitting_id>/pause/", exam.pause, name="pause"),
    path("sittings/<uuid:sitting_id>/end/", exam.end, name="end"),
    path("sittings/<uuid:sitting_id>/live/", live.sitting, name="live"),
    path("sittings/<uuid:sitting_id>/result/", result.result, name="result"),
    path("sittings/<uuid:sitting_id>/<str:slot>/", task.task, name="task"),
    path("sittings/<uuid:sitting_id>/<str:slot>/live/", live.task, name="task-live"),
    path("sittings/<uuid:sitting_id>/<str:slot>/bundle/", task.bundle, name="bundle"),
    path("sittings/<uuid:sitting_id>/<str:slot>/upload/", task.upload, name="upload"),
    path(
        "sittings/<uuid:sitting_id>/<str:slot>/cancel/<uuid:submission_id>/",
        task.cancel,
        name="cancel",
    ),
]
