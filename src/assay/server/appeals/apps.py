from __future__ import annotations

from django.apps import AppConfig


class AppealsConfig(AppConfig):
    """Takes in candidates' appeals against their marks, and answers them."""

    name = "assay.server.appeals"
    label = "appeals"
