"""Each wall of the sandbox by itself, without the others in front of it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from assay.grading.sandbox import kernel, landlock

SETUP = {
    "landlock": """
        from assay.grading.sandbox import kernel, landlock
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        assert landlock.restrict() > 0
    """,
    "namespaces": """
        import os
        from assay.grading.sandbox import namespaces
        namespaces.enter()
        if os.fork():
            os._exit(os.waitstatus_to_exitcode(os.wait()[1]))
        namespaces.empty_the_tree()
    """,
    "privileges": """
        from assay.grading.sandbox import namespaces
        assert namespaces.drop_privileges()
    """,
    "limits": """
        from assay.grading.sandbox import lock
        lock.limit(lock.Bounds(address_space=1 << 28, cpu_seconds=1))
    """,
}


def behind(wall: str, code: str) -> str:
    """Return what `code` prints behind one wall, or the last line of its error."""
    program = "import ctypes, os, signal, socket, sys\n" + "\n".join(
        textwrap.dedent(part) for part in (SETUP[wall], code)
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.fixture
def needs_landlock():
    if landlock.abi() == 0:
        pytest.skip("this kernel has no Landlock")


@pytest.fixture
def needs_namespaces():
    if "came" not in behind("namespaces", "print('came in')"):
        pytest.skip("this system permits no namespaces")


@pytest.mark.usefixtures("needs_landlock")
class TestLandlock:
    @pytest.mark.parametrize(
        "code",
        [
            "open('/etc/passwd')",
            "open('/tmp/marker-of-a-test', 'w')",
            "os.listdir('/')",
            "os.execv('/bin/true', ['true'])",
        ],
    )
    def test_no_file_can_be_reached(self, code):
        assert "PermissionError" in behind("landlock", code)

    def test_no_tcp_port_can_be_reached(self):
        if landlock.abi() < 4:
            pytest.skip("this kernel's Landlock knows no network")

        said = behind("landlock", "socket.create_connection(('127.0.0.1', 9))")

        assert "PermissionError" in said

    def test_no_process_outside_can_be_signalled(self):
        if landlock.abi() < 6:
            pytest.skip("this kernel's Landlock knows no signals")

        said = behind("landlock", f"os.kill({os.getpid()}, 0)")

        assert "PermissionError" in said


@pytest.mark.usefixtures("needs_namespaces")
class TestNamespaces:
    def test_there_are_no_files(self):
        assert behind("namespaces", "print(os.listdir('/'))") == "[]"

    def test_no_file_can_be_made(self):
        assert "Read-only file system" in behind("namespaces", "open('/marker', 'w')")

    def test_there_is_no_network(self):
        code = "socket.socket(socket.AF_INET).connect(('127.0.0.1', 9))"

        assert "Network is unreachable" in behind("namespaces", code)

    def test_there_is_no_other_process(self):
        assert behind("namespaces", "print(os.getpid(), os.getppid())") == "1 0"
        assert "ProcessLookupError" in behind("namespaces", f"os.kill({os.getpid()}, 0)")

    def test_the_hosts_name_is_its_own(self):
        code = "socket.sethostname('changed'); print(socket.gethostname())"

        behind("namespaces", code)

        assert os.uname().nodename != "changed"


class TestPrivileges:
    def test_none_are_left(self):
        code = """
            for line in open('/proc/self/status'):
                if line.startswith(('Uid', 'CapInh', 'CapPrm', 'CapEff', 'CapAmb')):
                    print(*line.split()[1:], end=';')
        """

        user, *capabilities = behind("privileges", code).rstrip(";").split(";")

        assert set(capabilities) == {"0000000000000000"}
        assert "0" not in user.split()

    def test_they_do_not_come_back(self):
        assert "PermissionError" in behind("privileges", "os.setuid(0)")


class TestLimits:
    def test_memory_ends(self):
        assert "MemoryError" in behind("limits", "bytearray(1 << 30)")

    def test_no_file_can_be_written_to(self, tmp_path):
        file = tmp_path / "file"

        said = behind(
            "limits",
            f"""
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            with open({str(file)!r}, 'w') as file:
                file.write('x')
            """,
        )

        assert "File too large" in said
        assert file.read_text() == ""

    def test_descriptors_end(self):
        code = "files = [open('/dev/null') for _ in range(100)]"

        assert "Too many open files" in behind("limits", code)

    def test_processor_time_ends(self):
        program = textwrap.dedent(SETUP["limits"]) + "while True: pass"

        done = subprocess.run([sys.executable, "-I", "-c", program], check=False)

        assert done.returncode == -24  # SIGXCPU

    def test_nobody_may_trace_it(self):
        code = """
            PR_GET_DUMPABLE = 3
            print(ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0))
        """

        assert behind("limits", code) == "0"


class TestKernel:
    def test_an_error_names_the_call(self):
        with pytest.raises(OSError, match="landlock_restrict_self"):
            kernel.syscall("landlock_restrict_self", 446, -1, 0)

    def test_a_child_whose_parent_is_gone_does_not_start(self):
        program = """
            import os
            from assay.grading.sandbox import lock
            lock.die_with(os.getppid() + 1)
            print("lives")
        """

        done = subprocess.run(
            [sys.executable, "-I", "-c", textwrap.dedent(program)], capture_output=True, check=False
        )

        assert (done.returncode, done.stdout) == (1, b"")
