"""What a hostile model file would do if its code ran all the same.

Run inside locked children only: `house.py` has the warm parent load this file.
Payloads are benign: a canary to read, a marker to write, a loopback port and a
local socket of ours to connect to. An attack that comes through returns what it
got; each name says what it tries.

`CANARY`, `MARKER`, `PORT`, `SOCKET` and `SECRET` are put here by `house.py`.
"""

from __future__ import annotations

import ctypes
import encodings.idna  # noqa: F401 - looking up names needs it, and imports fail in the lock
import mmap
import os
import pickle
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import numpy.ctypeslib

from assay.grading.sandbox import frames
from assay.grading.sandbox.frames import Kind

CANARY = globals().get("CANARY", "")
MARKER = globals().get("MARKER", "")
PORT = globals().get("PORT", 0)
SOCKET = globals().get("SOCKET", "")
SECRET = globals().get("SECRET", b"")  # bytewise inverted, so that a search does not find this

PARENT = os.getpid()  # this file is loaded by the warm parent
MAPS = Path("/proc/self/maps").read_text()
LIBC = ctypes.CDLL(None, use_errno=True)
BUFFER = ctypes.create_string_buffer(4096)
ASK = 0  # the signal that only asks whether one could be sent
TGKILL = {"x86_64": 234, "aarch64": 131}[os.uname().machine]
RESULT = 1  # the descriptor that the frames go to


PROBES = {}
ATTEMPTS = {}


def probe(function):
    """Add an attack that reports what it got."""
    PROBES[function.__name__] = ATTEMPTS[function.__name__] = function
    return function


def in_the_place_of_reading(function):
    """Add an attack by whoever reads the file's bytes: before the inputs are there."""
    ATTEMPTS[function.__name__] = function
    return function


def in_the_place_of_predicting(function):
    """Add an attack by whoever is given the inputs: whatever could carry them out."""
    ATTEMPTS[function.__name__] = lambda data: Model(function)
    return function


def checked(result):
    """Return `result`, or raise what `errno` says."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return f"came through: {result}"


def raw(number, *args):
    return checked(LIBC.syscall(ctypes.c_long(number), *[ctypes.c_long(a) for a in args]))


# Files, network and processes outside.


@probe
def read_the_canary():
    return Path(CANARY).read_text()


@probe
def read_the_users():
    return Path("/etc/passwd").read_text()


@probe
def write_the_marker():
    Path(MARKER).write_text("written")
    return "wrote"


@probe
def append_to_the_canary():
    with Path(CANARY).open("a") as file:
        file.write("appended")
    return "appended"


@probe
def delete_the_canary():
    Path(CANARY).unlink()
    return "deleted"


@probe
def rename_the_canary():
    Path(CANARY).rename(MARKER)
    return "renamed"


@probe
def link_to_the_canary():
    Path(MARKER).symlink_to(CANARY)
    return "linked"


@probe
def ask_for_the_canarys_size():
    return str(Path(CANARY).stat().st_size)


@probe
def change_the_canarys_mode():
    Path(CANARY).chmod(0o777)
    return "changed"


@probe
def make_a_folder():
    Path(MARKER).mkdir()
    return "made"


@probe
def list_the_root():
    return str(list(Path("/").iterdir()))


@probe
def list_the_processes():
    return str(list(Path("/proc").iterdir()))


@probe
def read_its_own_environment():
    return Path("/proc/self/environ").read_text()


@probe
def read_its_own_memory_map():
    return Path("/proc/self/maps").read_text()


@probe
def write_its_own_memory_file():
    with Path("/proc/self/mem").open("r+b", buffering=0) as file:
        return str(file.fileno())


@probe
def read_the_parents_memory_file():
    return str(Path(f"/proc/{PARENT}/mem").open("rb").fileno())


@probe
def connect_to_the_loopback_port():
    return str(socket.create_connection(("127.0.0.1", PORT), timeout=1))


@probe
def send_a_datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        return str(sock.sendto(b"x", ("127.0.0.1", PORT)))


@probe
def connect_to_the_local_socket():
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(SOCKET)
    return "connected"


@probe
def look_up_a_name():
    return str(socket.getaddrinfo("localhost.localdomain", 80))


@probe
def listen_on_a_port():
    return str(socket.create_server(("127.0.0.1", 0)))


@probe
def open_a_packet_socket():
    return str(socket.socket(socket.AF_PACKET, socket.SOCK_RAW))


@probe
def open_a_netlink_socket():
    return str(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))


@probe
def open_a_virtual_machine_socket():
    return str(socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM))


# New processes, programs and threads.


@probe
def fork():
    if os.fork() == 0:
        os._exit(0)
    return "forked"


@probe
def spawn_a_program():
    return str(os.posix_spawn("/bin/touch", ["touch", MARKER], {}))


@probe
def run_a_shell():
    return str(subprocess.run(["/bin/sh", "-c", f"touch {MARKER}"], check=False))


@probe
def ask_the_c_library_for_a_shell():
    status = LIBC.system(f"touch {MARKER}".encode())
    if status != 0:
        raise PermissionError(f"system returned {status}")
    return "ran"


@probe
def become_another_program():
    os.execv("/bin/touch", ["touch", MARKER])


@probe
def start_a_thread():
    thread = threading.Thread(target=time.sleep, args=(0,))
    thread.start()
    return "started"


@probe
def bomb():
    while True:
        os.fork()


# Other processes on the machine.


@probe
def kill_the_parent():
    return checked(LIBC.kill(PARENT, ASK))


@probe
def kill_everybody():
    return checked(LIBC.kill(-1, ASK))


@probe
def kill_its_group():
    return checked(LIBC.killpg(0, ASK))


@probe
def kill_a_sibling_by_thread_id():
    return raw(TGKILL, PARENT, PARENT, ASK)


@probe
def trace_the_parent():
    attach = 16
    return checked(LIBC.ptrace(attach, PARENT, 0, 0))


@probe
def read_the_parents_memory():
    local = struct.pack("PN", ctypes.addressof(BUFFER), len(BUFFER))
    remote = struct.pack("PN", ctypes.addressof(BUFFER), len(BUFFER))
    return checked(LIBC.process_vm_readv(PARENT, local, 1, remote, 1, 0))


@probe
def slow_the_parent_down():
    return checked(LIBC.setpriority(0, PARENT, 19))


@probe
def take_the_terminal():
    push_a_character = 0x5412  # TIOCSTI
    return checked(LIBC.ioctl(0, push_a_character, b"x"))


# The lock itself.


@probe
def raise_the_limit_on_memory():
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
    return "raised"


@probe
def raise_the_limit_on_processor_time():
    resource.setrlimit(resource.RLIMIT_CPU, (10**6,) * 2)
    return "raised"


@probe
def raise_another_process_limit():
    resource.prlimit(PARENT, resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
    return "raised"


@probe
def become_root():
    os.setuid(0)
    return "root"


@probe
def become_traceable():
    return checked(LIBC.prctl(4, 1, 0, 0, 0))


@probe
def outlive_the_parent():
    return checked(LIBC.prctl(1, 0, 0, 0, 0))


@probe
def remove_the_filter():
    return checked(LIBC.prctl(22, 0, 0, 0, 0))


@probe
def leave_the_namespaces():
    return checked(LIBC.unshare(0x10000000))


@probe
def mount_a_file_system():
    return checked(LIBC.mount(b"none", b"/", b"tmpfs", 0, None))


@probe
def change_the_root():
    os.chroot("/")
    return "changed"


@probe
def use_memory_that_can_be_executed():
    return str(mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC))


@probe
def make_memory_executable():
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return checked(LIBC.mprotect(ctypes.c_void_p(address), 4096, 7))


@probe
def make_library_code_writable():
    start = next(line for line in MAPS.splitlines() if " r-xp " in line).split("-")[0]
    return checked(LIBC.mprotect(ctypes.c_void_p(int(start, 16)), 4096, 7))


@probe
def make_a_file_in_memory():
    return str(os.memfd_create("x"))


@probe
def make_shared_memory():
    return checked(LIBC.shmget(0, 4096, 0o1600))


@probe
def make_a_pipe():
    return str(os.pipe())


@probe
def make_a_message_queue():
    return checked(LIBC.msgget(0, 0o1600))


@probe
def duplicate_a_descriptor():
    return str(os.dup(RESULT))


@probe
def load_a_library():
    return str(ctypes.CDLL("libm.so.6.none"))


@probe
def load_a_module():
    import wave  # noqa: F401, PLC0415

    return "imported"


@probe
def read_from_any_descriptor():
    for descriptor in range(1024):
        try:
            os.read(descriptor, 1)
        except OSError:
            continue
        return f"read from {descriptor}"
    raise PermissionError("none can be read")


@probe
def write_to_any_descriptor():
    for descriptor in range(1024):
        if descriptor == RESULT:
            continue
        try:
            os.write(descriptor, b"x")
        except OSError:
            continue
        return f"wrote to {descriptor}"
    raise PermissionError("none can be written to")


@probe
def call_by_the_32_bit_door():
    getpid_of_x32 = 0x40000000 | 39
    return raw(getpid_of_x32)


# In the place of reading the file: a model that is built, or something worse.


class Model:
    """A model whose `predict` is the given function."""

    def __init__(self, predict):
        self.predict = predict


def say(kind, payload=b"", length=None):
    os.write(RESULT, frames.header(kind, len(payload) if length is None else length) + payload)


# Instead of an honest reading of the file, before the inputs are there.


@in_the_place_of_reading
def ask_for_the_inputs_too_early(data):
    message = ctypes.create_string_buffer(56)  # a `struct msghdr` without room for anything
    do_not_wait = 0x40
    checked(LIBC.recvmsg(0, message, do_not_wait))


@in_the_place_of_reading
def an_honest_model(data):
    return Model(lambda inputs: 2 * inputs["input"])


@in_the_place_of_reading
def a_model_that_takes_a_while(data):
    def predict(inputs):
        time.sleep(0.3)
        return 2 * inputs["input"]

    return Model(predict)


@in_the_place_of_reading
def spin(data):
    while True:
        pass


@in_the_place_of_reading
def sleep(data):
    time.sleep(3600)


@in_the_place_of_reading
def ignore_every_signal_and_spin(data):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    while True:
        pass


@in_the_place_of_reading
def take_memory_in_one_piece(data):
    return bytearray(1 << 36)


@in_the_place_of_reading
def take_memory_bit_by_bit(data):
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


@in_the_place_of_reading
def take_memory_by_numpy(data):
    return np.ones(1 << 33)


@in_the_place_of_reading
def exit_silently(data):
    os._exit(0)


@in_the_place_of_reading
def raise_an_error(data):
    raise RuntimeError("words of a hostile file")


@in_the_place_of_reading
def call_for_exit(data):
    raise SystemExit(0)


@in_the_place_of_reading
def crash(data):
    ctypes.string_at(0)


@in_the_place_of_reading
def abort(data):
    os.abort()


@in_the_place_of_reading
def overflow_the_stack(data):
    sys.setrecursionlimit(10**9)

    def deeper():
        return deeper()

    return deeper()


@in_the_place_of_reading
def flood(data):
    while True:
        os.write(RESULT, b"x" * 65536)


@in_the_place_of_reading
def flood_with_honest_frames(data):
    while True:
        say(Kind.READY)


@in_the_place_of_reading
def answer_before_the_inputs(data):
    say(Kind.DONE, np.zeros(64, dtype=np.float32).tobytes())
    os._exit(0)


@in_the_place_of_reading
def refuse_with_a_reason_that_does_not_exist(data):
    say(Kind.REFUSED, frames.encode_reason("send_money", {"to": "mallory"}))
    os._exit(0)


@in_the_place_of_reading
def refuse_without_the_parameters(data):
    say(Kind.REFUSED, frames.encode_reason("lambda_layer", {}))
    os._exit(0)


@in_the_place_of_reading
def refuse_and_go_on_talking(data):
    say(Kind.REFUSED, frames.encode_reason("no_layers", {}) + b"")
    os.write(RESULT, b"more")
    os._exit(0)


@in_the_place_of_reading
def announce_four_gigabytes(data):
    say(Kind.REFUSED, length=0xFFFFFFFF)
    os._exit(0)


@in_the_place_of_reading
def close_the_pipe_and_live_on(data):
    os.close(RESULT)
    time.sleep(3600)


@in_the_place_of_reading
def change_the_library(data):
    np.concatenate = np.zeros = np.frombuffer = None
    frames.header = lambda *_: b"hostile"
    for name, module in list(sys.modules.items()):
        if name.startswith("assay"):
            vars(module).clear()
    os._exit(0)


@in_the_place_of_reading
def look_for_the_secret(data):
    # Looks at the memory in place and never writes the secret down, so
    # that it cannot find itself.
    wanted = [byte ^ 0xFF for byte in SECRET]
    ranges = []
    for line in MAPS.splitlines():
        where, rights, *_ = line.split()
        if rights.startswith("rw") and "[v" not in line:
            ranges.append([int(part, 16) for part in where.split("-")])
    # What this child allocated itself lies beyond what the parent had.
    ranges.append([id(data), id(data) + sys.getsizeof(data)])
    for start, end in ranges:
        memory = np.ctypeslib.as_array((ctypes.c_ubyte * (end - start)).from_address(start))
        places = len(memory) - len(wanted)
        found = np.ones(max(places, 0), dtype=bool)
        for at, byte in enumerate(wanted):
            found &= memory[at : at + places] == byte
        if found.any():
            raise RuntimeError("found")
    raise RuntimeError("not to be found")


# After the inputs are there: whatever could carry them out.


@in_the_place_of_predicting
def spin_on_the_inputs(inputs):
    while True:
        pass


@in_the_place_of_predicting
def sleep_on_the_inputs(inputs):
    time.sleep(3600)


@in_the_place_of_predicting
def put_the_inputs_into_words(inputs):
    words = {"layer": str(inputs["input"][:8].ravel())}
    say(Kind.REFUSED, frames.encode_reason("lambda_layer", words))
    os._exit(0)


@in_the_place_of_predicting
def put_the_inputs_into_a_traceback(inputs):
    raise RuntimeError(str(inputs["input"][:8]))


@in_the_place_of_predicting
def put_the_inputs_into_a_report(inputs):
    say(Kind.REPORT, frames.encode_report([float(inputs["input"][0, 0])]))
    os._exit(0)


@in_the_place_of_predicting
def put_the_inputs_into_a_code(inputs):
    say(Kind.CODE, frames.encode_code(f"x{int(inputs['input'][1, 0])}"))
    os._exit(0)


@in_the_place_of_predicting
def pickle_the_result(inputs):
    os.write(RESULT, pickle.dumps(np.zeros(64)))
    os._exit(0)


@in_the_place_of_predicting
def give_too_few(inputs):
    return inputs["input"][:-1]


@in_the_place_of_predicting
def give_too_many(inputs):
    return np.zeros((len(inputs["input"]) + 1, 1), dtype=np.float32)


@in_the_place_of_predicting
def give_a_wrong_shape(inputs):
    return np.zeros((len(inputs["input"]), 7), dtype=np.float32)


@in_the_place_of_predicting
def give_gigabytes(inputs):
    say(Kind.DONE, length=0xFFFFFFF0)
    while True:
        os.write(RESULT, b"\0" * 65536)


@in_the_place_of_predicting
def give_half_and_exit(inputs):
    say(Kind.DONE, b"\0" * 100, length=4 * len(inputs["input"]))
    os._exit(0)


@in_the_place_of_predicting
def give_half_and_wait(inputs):
    say(Kind.DONE, b"\0" * 100, length=4 * len(inputs["input"]))
    time.sleep(3600)


@in_the_place_of_predicting
def give_everything_and_more(inputs):
    say(Kind.DONE, bytes(4 * len(inputs["input"])))
    os.write(RESULT, b"more")
    os._exit(0)


@in_the_place_of_predicting
def give_everything_and_wait(inputs):
    say(Kind.DONE, bytes(4 * len(inputs["input"])))
    time.sleep(3600)


@in_the_place_of_predicting
def give_words(inputs):
    return np.array([["a"]] * len(inputs["input"]))


@in_the_place_of_predicting
def give_objects(inputs):
    return np.array([[object()]] * len(inputs["input"]))


@in_the_place_of_predicting
def give_none(inputs):
    return None


@in_the_place_of_predicting
def write_to_the_inputs(inputs):
    array = inputs["input"]
    ctypes.memset(array.ctypes.data, 0, array.nbytes)
    return array


@in_the_place_of_predicting
def take_memory_on_the_inputs(inputs):
    return np.ones(1 << 33)


def _call_number(number):
    return lambda: raw(number, 0, 0, 0, 0, 0, 0)


ATTEMPTS |= {f"call_{number}": _call_number(number) for number in range(600)}
