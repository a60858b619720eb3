from __future__ import annotations

from django.apps import AppConfig


class ExamsConfig(AppConfig):
    name = "assay.server.exams"
    label = "exams"
