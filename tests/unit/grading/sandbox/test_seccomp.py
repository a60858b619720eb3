"""The seccomp filters of both machines, run by an interpreter of our own."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from assay.grading.sandbox import seccomp
from assay.grading.sandbox.seccomp import ARCHITECTURES

KILL, ALLOW = 0x80000000, 0x7FFF0000
REFUSE = 0x00050000 | errno.EACCES
BAD_DESCRIPTOR = 0x00050000 | errno.EBADF
PID = 4242

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
NAMES = {"newfstatat": "fstatat"}  # what the generic header calls it


def verdict(machine: str, number: int, *args: int, audit: int | None = None) -> int:
    """Return what the filter of `machine` says to a system call."""
    arch = ARCHITECTURES[machine].audit if audit is None else audit
    data = struct.pack("<IIQ6Q", number, arch, 0, *(*args, 0, 0, 0, 0, 0, 0)[:6])
    program = seccomp.program(machine, PID)
    accumulator = 0
    at = 0
    while True:
        code, if_true, if_false, operand = program[at]
        at += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, operand)
            case 0x15:
                at += if_true if accumulator == operand else if_false
            case 0x35:
                at += if_true if accumulator >= operand else if_false
            case 0x45:
                at += if_true if accumulator & operand else if_false
            case 0x06:
                return operand


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request):
    return request.param


@pytest.fixture
def calls(machine):
    return ARCHITECTURES[machine].calls


class TestFilter:
    def test_what_computing_needs_is_allowed(self, machine, calls):
        verdicts = {
            name: verdict(machine, calls[name]) for name in seccomp.ALLOWED if name in calls
        }

        assert set(verdicts.values()) == {ALLOW}
        assert len(verdicts) > 25

    def test_what_libraries_do_in_passing_is_refused(self, machine, calls):
        verdicts = {
            name: verdict(machine, calls[name]) for name in seccomp.REFUSED if name in calls
        }

        assert set(verdicts.values()) == {REFUSE}
        assert {"openat", "socket", "clone", "execve"} <= verdicts.keys()

    def test_every_other_call_kills(self, machine, calls):
        others = set(range(1000)) - set(calls.values())

        assert {verdict(machine, number) for number in others} == {KILL}

    def test_every_number_of_the_table_has_a_rule(self, machine, calls):
        ruled = {*seccomp.ALLOWED, *seccomp.REFUSED, *seccomp.ONE_DESCRIPTOR}
        ruled |= {"mmap", "mprotect", "tgkill"}

        assert set(calls) <= ruled

    def test_calls_of_another_architecture_kill(self, machine, calls):
        i386 = 0x40000003

        assert verdict(machine, calls["getpid"], audit=i386) == KILL

    def test_calls_by_the_32_bit_door_kill(self):
        getpid = ARCHITECTURES["x86_64"].calls["getpid"]

        assert verdict("x86_64", 0x40000000 | getpid) == KILL

    @pytest.mark.parametrize(("name", "own"), [("recvmsg", 0), ("write", 1)])
    def test_one_descriptor_brings_the_inputs_and_one_takes_the_answer(
        self, machine, calls, name, own
    ):
        assert verdict(machine, calls[name], own) == ALLOW
        for other in {0, 1, 2, 3, 100} - {own}:
            assert verdict(machine, calls[name], other) == BAD_DESCRIPTOR

    def test_no_memory_is_mapped_to_be_executed(self, machine, calls):
        private, shared = 0x22, 0x01

        assert verdict(machine, calls["mmap"], 0, 4096, 0b011, private) == ALLOW
        assert verdict(machine, calls["mmap"], 0, 4096, 0b001, shared) == ALLOW
        assert verdict(machine, calls["mmap"], 0, 4096, 0b111, private) == REFUSE
        assert verdict(machine, calls["mmap"], 0, 4096, 0b101, shared) == REFUSE

    def test_memory_does_not_become_executable(self, machine, calls):
        assert verdict(machine, calls["mprotect"], 0, 4096, 0b011) == ALLOW
        assert verdict(machine, calls["mprotect"], 0, 4096, 0b111) == REFUSE

    def test_a_process_may_abort_itself_and_nobody_else(self, machine, calls):
        assert verdict(machine, calls["tgkill"], PID, PID, 6) == ALLOW
        assert verdict(machine, calls["tgkill"], PID + 1, PID + 1, 6) == KILL

    def test_the_program_is_within_the_kernels_bound(self, machine):
        assert len(seccomp.program(machine, PID)) < 4096


class TestNumbers:
    def test_they_are_those_of_the_kernels_headers(self, machine, calls):
        header = HEADERS[machine]
        if not header.exists():
            pytest.skip(f"needs the kernel's header {header}")
        found = {
            name: int(number)
            for name, number in re.findall(
                r"^#define (?:__NR|__NR3264)_(\w+)\s+(\d+)", header.read_text(), re.MULTILINE
            )
        }

        names = {name: name if name in found else NAMES[name] for name in calls}

        assert calls == {name: found[known] for name, known in names.items()}
