"""The JSON API of the server; its schema is at /api/openapi.json, its pages at /api/docs."""

from __future__ import annotations

from ninja import NinjaAPI

from assay import __version__
from assay.server.api import devices, problems, registrations, sittings, submissions
from assay.server.api.authentication import TokenAuth
from assay.server.api.reference import Reference

api = NinjaAPI(
    title="Assay",
    version=__version__,
    description="Sit a hands-on machine learning exam: start, submit model files, get points.",
    auth=TokenAuth(),
    docs=Reference(),
)
problems.install(api)
api.add_router("", devices.router)
api.add_router("", registrations.router)
api.add_router("/sittings", sittings.router)
api.add_router("", submissions.router)
