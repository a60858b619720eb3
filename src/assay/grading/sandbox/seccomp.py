"""The system calls that a grading child may still make: a seccomp filter.

The filter is an allow-list, written for a process that has everything it needs:
its memory, a socket that brings the inputs (descriptor 0) and a pipe to write
one answer to (descriptor 1). Calls that libraries make in passing, such as `open`,
are answered with an error, because killing there would break glibc now and
then. Every other call kills the process.

Reference: `seccomp(2)`, and `Documentation/userspace-api/seccomp_filter.rst` of
the kernel for the layout of the data that the filter sees.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from dataclasses import dataclass
from typing import Final

from assay.grading.sandbox import kernel

INPUTS_END: Final = 0  # descriptor that a locked child may receive from
RESULT_END: Final = 1  # descriptor that a locked child may write to


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """What differs between machines."""

    audit: int  # AUDIT_ARCH_*: the filter refuses calls of another kind, such as i386's
    calls: dict[str, int]  # the numbers of the calls below, where the machine has them


# In alphabetical order. x86-64 has old calls that aarch64 never had.
X86_64: Final = Architecture(
    audit=0xC000003E,
    calls={
        "access": 21, "arch_prctl": 158, "brk": 12, "clock_getres": 229, "clock_gettime": 228,
        "clock_nanosleep": 230, "clone": 56, "clone3": 435, "close": 3, "connect": 42, "dup": 32,
        "dup2": 33, "dup3": 292, "execve": 59, "execveat": 322, "exit": 60, "exit_group": 231,
        "faccessat": 269, "faccessat2": 439, "fcntl": 72, "fork": 57, "fstat": 5, "fstatfs": 138,
        "futex": 202, "getcpu": 309, "getcwd": 79, "getdents64": 217, "getegid": 108,
        "geteuid": 107, "getgid": 104, "getpid": 39, "getppid": 110, "getrandom": 318,
        "getrlimit": 97, "getrusage": 98, "gettid": 186, "gettimeofday": 96, "getuid": 102,
        "ioctl": 16, "lseek": 8, "lstat": 6, "madvise": 28, "memfd_create": 319,
        "mkdir": 83, "mkdirat": 258, "mmap": 9, "mprotect": 10, "mremap": 25, "munmap": 11,
        "nanosleep": 35, "newfstatat": 262, "open": 2, "openat": 257, "openat2": 437, "pipe": 22,
        "pipe2": 293, "poll": 7, "prctl": 157, "pread64": 17, "prlimit64": 302, "pwrite64": 18,
        "read": 0, "readlink": 89, "readlinkat": 267, "recvmsg": 47, "rename": 82, "renameat": 264,
        "renameat2": 316, "restart_syscall": 219, "rmdir": 84, "rseq": 334, "rt_sigaction": 13,
        "rt_sigprocmask": 14, "rt_sigreturn": 15, "sched_get_priority_max": 146,
        "sched_get_priority_min": 147, "sched_getaffinity": 204, "sched_getparam": 143,
        "sched_getscheduler": 145, "sched_yield": 24, "set_robust_list": 273,
        "sigaltstack": 131, "socket": 41, "socketpair": 53, "stat": 4, "statfs": 137,
        "statx": 332, "sysinfo": 99, "tgkill": 234, "time": 201, "times": 100, "uname": 63,
        "unlink": 87, "unlinkat": 263, "vfork": 58, "write": 1, "writev": 20,
    },
)  # fmt: skip
AARCH64: Final = Architecture(
    audit=0xC00000B7,
    calls={
        "brk": 214, "clock_getres": 114, "clock_gettime": 113, "clock_nanosleep": 115,
        "clone": 220, "clone3": 435, "close": 57, "connect": 203, "dup": 23, "dup3": 24,
        "execve": 221, "execveat": 281, "exit": 93, "exit_group": 94, "faccessat": 48,
        "faccessat2": 439, "fcntl": 25, "fstat": 80, "fstatfs": 44, "futex": 98, "getcpu": 168,
        "getcwd": 17, "getdents64": 61, "getegid": 177, "geteuid": 175, "getgid": 176,
        "getpid": 172, "getppid": 173, "getrandom": 278, "getrlimit": 163, "getrusage": 165,
        "gettid": 178, "gettimeofday": 169, "getuid": 174, "ioctl": 29, "lseek": 62,
        "madvise": 233, "memfd_create": 279, "mkdirat": 34, "mmap": 222, "mprotect": 226,
        "mremap": 216, "munmap": 215, "nanosleep": 101, "newfstatat": 79, "openat": 56,
        "openat2": 437, "pipe2": 59, "prctl": 167, "pread64": 67, "prlimit64": 261,
        "pwrite64": 68, "read": 63, "readlinkat": 78, "recvmsg": 212, "renameat": 38, "renameat2": 276,
        "restart_syscall": 128, "rseq": 293, "rt_sigaction": 134, "rt_sigprocmask": 135,
        "rt_sigreturn": 139, "sched_get_priority_max": 125, "sched_get_priority_min": 126,
        "sched_getaffinity": 123, "sched_getparam": 121, "sched_getscheduler": 120,
        "sched_yield": 124, "set_robust_list": 99, "sigaltstack": 132, "socket": 198,
        "socketpair": 199, "statfs": 43, "statx": 291, "sysinfo": 179, "tgkill": 131,
        "times": 153, "uname": 160, "unlinkat": 35, "write": 64, "writev": 66,
    },
)  # fmt: skip
ARCHITECTURES: Final = {"x86_64": X86_64, "aarch64": AARCH64}

# What computing, allocating, timing, failing and leaving need.
ALLOWED: Final = (
    "futex", "madvise", "munmap", "brk", "mremap", "sched_yield", "getpid", "gettid",
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
    "times", "getrusage", "getcpu", "sched_getaffinity", "sysinfo", "uname", "getrandom",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall",
    "lseek", "close", "exit", "exit_group",
)  # fmt: skip
# With one descriptor each; others answer EBADF.
ONE_DESCRIPTOR: Final = {"recvmsg": INPUTS_END, "write": RESULT_END}
# Made by libraries in passing or on a failing path: answered with EACCES.
REFUSED: Final = (
    "read", "open", "openat", "openat2", "stat", "lstat", "fstat", "newfstatat", "statx", "statfs",
    "fstatfs", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents64",
    "getcwd", "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir", "rename", "renameat",
    "renameat2", "fcntl", "ioctl", "dup", "dup2", "dup3", "pipe", "pipe2", "poll", "pread64",
    "pwrite64", "writev", "memfd_create", "socket", "socketpair", "connect", "clone", "clone3",
    "fork", "vfork", "execve", "execveat", "getuid", "geteuid", "getgid", "getegid", "getppid",
    "getrlimit", "prlimit64", "prctl", "arch_prctl", "set_robust_list", "rseq",
    "sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min",
)  # fmt: skip

_X32 = 0x40000000  # bit of the calls of x86-64's 32-bit cousin
_PROT_EXEC = 4

# Return values of a filter.
_KILL = 0x80000000  # the whole process, with SIGSYS
_ERRNO = 0x00050000
_ALLOW = 0x7FFF0000

# Operations of classic BPF.
_LOAD = 0x20
_IF_EQUAL = 0x15
_IF_AT_LEAST = 0x35
_IF_ANY_BIT = 0x45
_RETURN = 0x06

_NUMBER = 0  # offsets in `struct seccomp_data`
_AUDIT = 4

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER = 1
_TSYNC = 1  # every thread of the process gets the filter

Instruction = tuple[int, int, int, int]  # operation, jump if true, jump if false, operand


def architecture() -> Architecture | None:
    """Return this machine's architecture, None where there is no filter for it."""
    return ARCHITECTURES.get(kernel.MACHINE)


def program(machine: str, pid: int) -> list[Instruction]:
    """Return the filter of a child.

    Args:
        machine: "x86_64" or "aarch64".
        pid: Of the child: the only process that it may send a signal to (`abort`).
    """
    arch = ARCHITECTURES[machine]
    out: list[Instruction] = [
        (_LOAD, 0, 0, _AUDIT),
        (_IF_EQUAL, 1, 0, arch.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        out += [(_IF_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    rules = {name: [(_RETURN, 0, 0, _ALLOW)] for name in ALLOWED}
    rules |= {name: _only_if_equal(0, fd, errno.EBADF) for name, fd in ONE_DESCRIPTOR.items()}
    # Nothing becomes executable any more. What can be mapped is the inputs, if
    # anything: a child holds no other file.
    rules["mmap"] = rules["mprotect"] = [
        (_LOAD, 0, 0, _argument(2)),
        (_IF_ANY_BIT, 0, 1, _PROT_EXEC),
        (_RETURN, 0, 0, _ERRNO | errno.EACCES),
        (_RETURN, 0, 0, _ALLOW),
    ]
    rules["tgkill"] = _only_if_equal(0, pid, None)
    rules |= {name: [(_RETURN, 0, 0, _ERRNO | errno.EACCES)] for name in REFUSED}
    for name, body in rules.items():
        if name in arch.calls:
            out += [(_IF_EQUAL, 0, len(body), arch.calls[name]), *body]
    out.append((_RETURN, 0, 0, _KILL))
    return out


def _argument(index: int) -> int:
    # Offset of the low half of a 64-bit argument. The high half is left alone:
    # all arguments looked at are of type int or have their flags in the low half.
    return 16 + 8 * index


def _only_if_equal(index: int, value: int, otherwise: int | None) -> list[Instruction]:
    return [
        (_LOAD, 0, 0, _argument(index)),
        (_IF_EQUAL, 1, 0, value),
        (_RETURN, 0, 0, _KILL if otherwise is None else _ERRNO | otherwise),
        (_RETURN, 0, 0, _ALLOW),
    ]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install() -> None:
    """Lock every thread of this process behind the filter, for ever.

    `no_new_privs` must be set before.

    Raises:
        OSError: The kernel has no seccomp filters, or forbids them.
    """
    instructions = program(kernel.MACHINE, os.getpid())
    code = b"".join(struct.pack("<HBBI", *instruction) for instruction in instructions)
    buffer = ctypes.create_string_buffer(code, len(code))
    fprog = _Program(len(instructions), ctypes.addressof(buffer))
    argument = ctypes.create_string_buffer(bytes(fprog), ctypes.sizeof(fprog))
    different = kernel.syscall(
        "seccomp", _SECCOMP[kernel.MACHINE], _SET_MODE_FILTER, _TSYNC, argument
    )
    if different:
        raise OSError(errno.EPERM, f"seccomp: thread {different} could not be locked")
