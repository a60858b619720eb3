"""The candidate's exam folder: its files, its environment, its editors' settings."""

from assay.workspace.folder import Workspace, can_become_workspace, slot_among
from assay.workspace.manifest import EnvironmentKind, Manifest

__all__ = ["EnvironmentKind", "Manifest", "Workspace", "can_become_workspace", "slot_among"]
