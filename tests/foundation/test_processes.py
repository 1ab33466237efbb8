"""The supervisor: waits for what it starts, says what failed, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rempart.foundation.processes import ProcessError, Supervisor, free_port, is_taken

# A main process that ignores SIGTERM, with a worker that does too: what a hung server is.
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
worker = os.fork()
if worker:
    open(sys.argv[1], "w").write(f"{os.getpid()} {worker}")
while True:
    time.sleep(1)
"""
POLITE = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (open(sys.argv[1] + ".bye", "w"), sys.exit(0)))
open(sys.argv[1], "w").write(str(os.getpid()))
while True:
    time.sleep(1)
"""
HOLDER = """
import sys, time
from pathlib import Path
from rempart.foundation.processes import Supervisor, ended_by_signal
folder = Path(sys.argv[1])
with ended_by_signal(), Supervisor(folder) as supervisor:
    supervisor.start(
        "polite", [sys.executable, "-c", sys.argv[2], str(folder / "pids")],
        ready=(folder / "pids").exists,
    )
    (folder / "ready").touch()
    time.sleep(60)
"""


def python(code: str, *words: str) -> list[str]:
    return [sys.executable, "-c", code, *words]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "waited too long"
        time.sleep(0.02)


def written(path: Path) -> bool:
    return path.exists() and bool(path.read_text())


def test_what_is_started_is_stopped_by_asking(tmp_path: Path) -> None:
    mark = tmp_path / "pids"
    with Supervisor(tmp_path / "logs") as supervisor:
        supervisor.start("polite", python(POLITE, str(mark)), ready=lambda: written(mark))
        assert is_alive(int(mark.read_text()))
        supervisor.check()
    assert not is_alive(int(mark.read_text()))
    assert (tmp_path / "pids.bye").exists()


def test_a_process_that_will_not_end_is_killed_with_its_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rempart.foundation.processes._PATIENCE_S", 1)
    mark = tmp_path / "pids"
    with Supervisor(tmp_path / "logs") as supervisor:
        supervisor.start("stubborn", python(STUBBORN, str(mark)), ready=lambda: written(mark))
        pids = [int(pid) for pid in mark.read_text().split()]
        assert all(map(is_alive, pids))
    assert not any(map(is_alive, pids))


def test_a_process_that_ends_too_soon_is_named_with_its_log(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor, pytest.raises(ProcessError, match="the edge process"):
        supervisor.start("edge", python("print('no key')"), ready=lambda: False)
    assert supervisor.said("edge") == "no key\n"
    assert supervisor.log("edge").stat().st_mode & 0o077 == 0


def test_a_process_that_is_never_ready_is_given_up(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor, pytest.raises(ProcessError, match="was not ready"):
        supervisor.start(
            "slow", python("import time; time.sleep(60)"), ready=lambda: False, within_s=0.3
        )


def test_a_process_that_ends_by_itself_is_noticed(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start("edge", python("import sys; sys.exit(3)"), ready=lambda: True)

        def noticed() -> bool:
            try:
                supervisor.check()
            except ProcessError:
                return True
            return False

        wait_for(noticed)


def test_what_is_given_on_standard_input_arrives_whole(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())"
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(
            "reader", python(code, str(mark)), ready=lambda: written(mark), stdin=b"k" * 96
        )
    assert mark.read_bytes() == b"k" * 96


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_one_who_started_it(number: signal.Signals, tmp_path: Path) -> None:
    holder = subprocess.Popen(
        python(HOLDER, str(tmp_path), POLITE), stderr=subprocess.DEVNULL, start_new_session=True
    )
    wait_for((tmp_path / "ready").exists)
    pid = int((tmp_path / "pids").read_text())
    os.kill(holder.pid, number)
    holder.wait(10)
    wait_for(lambda: not is_alive(pid))
    assert (tmp_path / "pids.bye").exists()


def test_ports_are_told_apart() -> None:
    port = free_port()
    assert not is_taken(port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert is_taken(port)
