"""The web application. `assay.server.embedded` puts the upload gate in front of it."""

from __future__ import annotations

import os
from typing import cast

from django.core.asgi import get_asgi_application

from assay.server.bodylimit import Application, BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assay.server.settings")
application = BodyLimit(cast(Application, get_asgi_application()))
