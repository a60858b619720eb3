from __future__ import annotations

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """What all pages share: their look, their language switch, their headers."""

    name = "assay.server.pages"
    label = "pages"
