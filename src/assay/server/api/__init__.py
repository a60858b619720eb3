"""The JSON API of the server; its schema is at /api/openapi.json, its pages at /api/docs."""

from __future__ import annotations

from ninja import NinjaAPI

from assay import __version__

api = NinjaAPI(
    title="Assay",
    version=__version__,
    description="Sit a hands-on machine learning exam: start, submit model files, get points.",
)
