"""The sandbox in which everything runs that opens uploaded files or sets what somebody wrote."""

import socket
import subprocess
import sys

import pytest

from inquiries.uploads import sandbox
from inquiries.uploads.sandbox_limits import LARGEST_FILE

ALLOWED = {"memory": 4_000_000_000, "seconds": 20}


def run_python(code, **limits):
    return sandbox.run([sys.executable, "-c", code], **ALLOWED | limits)


def test_passes_input_and_output():
    done = run_python("import sys; print(sys.stdin.read().upper()); sys.exit(3)", data=b"budget")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"BUDGET\n", b"")


def test_limits_memory():
    assert run_python("bytes(900_000_000)", memory=400_000_000).returncode != 0
    assert run_python("bytes(900_000_000)").returncode == 0


def test_limits_computing_time():
    process = sandbox.start(
        [sys.executable, "-c", "while True: pass"], memory=ALLOWED["memory"], seconds=1, stderr=subprocess.DEVNULL
    )
    with process:
        assert process.wait(timeout=30) < 0


def test_limits_file_size(tmp_path):
    file = tmp_path / "large"
    done = run_python(f"open({str(file)!r}, 'wb').truncate({LARGEST_FILE + 1})")
    assert b"OSError" in done.stderr
    assert file.stat().st_size == 0


def test_ends_child_processes():
    child = "import time; print('ready', flush=True); time.sleep(20); print('survived', flush=True)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    process = sandbox.start([sys.executable, "-c", code], **ALLOWED, stderr=subprocess.DEVNULL)
    with process:
        assert process.stdout.readline() == b"ready\n"
        sandbox.kill(process)
        assert process.stdout.read() == b""


def test_limits_running_time():
    with pytest.raises(subprocess.TimeoutExpired):
        run_python("import time; time.sleep(20)", seconds=1)


def test_hides_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for a worker")
    code = "import os; print(*sorted(os.environ))"
    passed = run_python(code, folder=tmp_path).stdout.decode().split()
    assert set(passed) - {"LC_CTYPE"} <= {*sandbox.HANDED_ON, "HOME", "LANG", "RAYON_NUM_THREADS", "TMPDIR"}
    assert {"HOME", "RAYON_NUM_THREADS"} <= set(passed)


@pytest.mark.skipif(not sandbox.network_cut(), reason="this system does not let a process give up its network")
def test_cuts_network():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connect = f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=5)"
        assert subprocess.run([sys.executable, "-c", connect], check=False).returncode == 0
        assert run_python(connect).returncode != 0
