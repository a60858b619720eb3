"""Settings of production."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    """Run Python with the settings of a public server."""
    environment = {
        **os.environ,
        "ASSAY_DATA": str(tmp_path_factory.mktemp("data")),
        "ASSAY_URL": "https://exam.example.org",
        "DJANGO_SETTINGS_MODULE": "assay.server.settings",
    }

    def act(*words: str) -> str:
        return subprocess.run(
            [sys.executable, *words],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout

    return act


def test_django_finds_nothing_to_complain_about(production):
    assert production("-m", "django", "check", "--deploy", "--fail-level", "WARNING").startswith(
        "System check identified no issues"
    )


def test_what_travels_is_encrypted(production):
    code = """
import django; django.setup()
from django.test import Client
client = Client(headers={"host": "exam.example.org"})
plain = client.get("/accounts/login/", headers={"host": "exam.example.org"})
print(plain.status_code, plain.headers["Location"])
from django.conf import settings as s
print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SECURE_HSTS_SECONDS)
"""
    said = production("-c", code).splitlines()

    assert said[0] == "301 https://exam.example.org/accounts/login/"
    assert said[1] == "True True True 31536000"
