"""The web application. `assay.server.embedded` puts the upload gate in front of it."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assay.server.settings")
application = get_asgi_application()
