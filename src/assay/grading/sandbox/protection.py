"""What protects this machine from a hostile model file."""

from __future__ import annotations

import platform
from dataclasses import dataclass

from assay.grading.sandbox.enclosure import Enclosure
from assay.grading.sandbox.faults import GradingFault
from assay.messages import N_


class NoSandbox(GradingFault):
    """This system has nothing to lock a child with."""

    code = "no_sandbox"
    message = N_(
        "Other people's model files are not graded here: models run without a sandbox. "
        "The sandbox needs Linux on x86-64 or aarch64; this is {system}."
    )
    remedy = N_("Grade on a Linux machine. Your own files can be graded here.")


class LeakySandbox(GradingFault):
    """The lock did not hold when it was tried."""

    code = "leaky_sandbox"
    message = N_(
        "Other people's model files are not graded on this machine: "
        "the sandbox did not stop a test from this: {attempts}."
    )
    remedy = N_(
        "Allow seccomp filters (in a container: the engine's default profile does), and start again."
    )


@dataclass(frozen=True, kw_only=True)
class Protection:
    """What a self-test found in force."""

    seccomp: bool  # False: there is no lock at all
    enclosure: Enclosure = Enclosure.NOTHING  # of the warm parent
    landlock: int = 0  # ABI of the kernel; 0: none
    unprivileged: bool = False  # children are not root and have no capability
    came_through: tuple[str, ...] = ()  # attempts that the lock should have stopped

    @property
    def is_sandboxed(self) -> bool:
        """Whether other people's files may be graded here."""
        return self.seccomp and not self.came_through

    @property
    def problem(self) -> GradingFault | None:
        """Why other people's files are not graded here; None if they are."""
        if not self.seccomp:
            return NoSandbox(system=f"{platform.system()} {platform.machine()}")
        if self.came_through:
            return LeakySandbox(attempts=", ".join(self.came_through))
        return None
