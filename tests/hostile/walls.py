"""Which walls stand around an attack, and what it must not get."""

from __future__ import annotations

from assay.grading.sandbox import Enclosure

SECRET = b"alice's hidden inputs, as bytes"

LAYERS = {
    "all walls": {"enclosures": [Enclosure.NAMESPACES], "with_landlock": True},
    "with bubblewrap": {"enclosures": [Enclosure.BUBBLEWRAP], "with_landlock": True},
    "without namespaces": {"enclosures": [Enclosure.NOTHING], "with_landlock": True},
    "without Landlock": {"enclosures": [Enclosure.NAMESPACES], "with_landlock": False},
    "seccomp alone": {"enclosures": [Enclosure.NOTHING], "with_landlock": False},
}
