from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import F


def clear_what_there_is(apps: Any, _: object) -> None:
    """Registrations that were made before identity was checked need no check."""
    apps.get_model("exams", "Registration").objects.update(cleared_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("exams", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="registration",
            name="cleared_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(clear_what_there_is, migrations.RunPython.noop),
    ]
