"""What a hostile neighbour may send to the blinding process, and what that process gives up."""

import hmac
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rempart.rights import blinding_process
from rempart.rights.blinding import BlindingProcess

KEYS = [bytes([n]) * 32 for n in (1, 2, 3)]
PROGRAM = [sys.executable, "-I", "-S", blinding_process.__file__]
ON_LINUX = sys.platform == "linux"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a socket's path."""
    return tmp_path / "b.sock"


@pytest.fixture
def process(path: Path) -> Iterator[BlindingProcess]:
    """Start a blinding process, and stop it afterwards."""
    started = BlindingProcess.start(path, KEYS)
    yield started
    started.stop()


def connect(path: Path) -> socket.socket:
    """Return a connected socket that waits a few seconds at most."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(8)
    client.connect(str(path))
    return client


def received(client: socket.socket) -> bytes:
    """Read until the other side closes; a reset is a close."""
    got = b""
    try:
        while part := client.recv(65536):
            got += part
    except ConnectionError:
        pass
    return got


def still_answers(path: Path) -> bool:
    """Whether an honest client is answered."""
    with connect(path) as client:
        client.sendall((1).to_bytes(4, "big") + b"\x01" + b"h" * 32)
        return client.recv(64) == hmac.digest(KEYS[0], b"h" * 32, "sha256")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param((4097).to_bytes(4, "big"), id="count past the limit"),
        pytest.param(b"\xff\xff\xff\xff", id="huge count"),
        pytest.param((1).to_bytes(4, "big") + b"\x00" + b"i" * 32, id="purpose 0"),
        pytest.param((1).to_bytes(4, "big") + b"\x04" + b"i" * 32, id="purpose 4"),
        pytest.param(
            (2).to_bytes(4, "big") + b"\x01" + b"i" * 32 + b"\xff" + b"i" * 32,
            id="one good item, one of no purpose",
        ),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="another protocol"),
    ],
)
def test_what_is_no_request_gets_no_byte(process: BlindingProcess, path: Path, sent: bytes) -> None:
    with connect(path) as client:
        client.sendall(sent)
        assert received(client) == b""
    assert still_answers(path)


@pytest.mark.parametrize("sent", [b"\x00", b"\x00\x00\x00", (2).to_bytes(4, "big") + b"\x01" * 40])
def test_a_request_cut_short_gets_no_byte(
    process: BlindingProcess, path: Path, sent: bytes
) -> None:
    with connect(path) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        assert received(client) == b""
    assert still_answers(path)


def test_a_client_that_dawdles_is_left_and_hinders_nobody(
    process: BlindingProcess, path: Path
) -> None:
    with connect(path) as slow:
        slow.sendall(b"\x00\x00")
        began = time.monotonic()
        assert still_answers(path)
        assert time.monotonic() - began < 2
        assert received(slow) == b""
        assert time.monotonic() - began < 2 * blinding_process.REQUEST_TIMEOUT_S


def test_a_client_that_does_not_read_is_left(process: BlindingProcess, path: Path) -> None:
    batch = (4096).to_bytes(4, "big") + (b"\x01" + b"i" * 32) * 4096
    with connect(path) as deaf:
        deaf.settimeout(2 * blinding_process.REQUEST_TIMEOUT_S)
        with pytest.raises(ConnectionError):
            deaf.sendall(batch * 50)
    assert still_answers(path)


def test_a_crowd_is_turned_away_and_comes_to_no_harm(process: BlindingProcess, path: Path) -> None:
    ask = (1).to_bytes(4, "big") + b"\x01" + b"c" * 32
    crowd = [connect(path) for _ in range(blinding_process.MOST_CLIENTS)]
    for client in crowd:
        client.sendall(ask)
        assert len(client.recv(64)) == 32
    with connect(path) as one_more:
        assert received(one_more) == b""
    for client in crowd:
        client.sendall(ask)
        assert len(client.recv(64)) == 32
        client.close()
    time.sleep(0.1)
    assert still_answers(path)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(b"", id="none"),
        pytest.param(b"".join(KEYS)[:-1], id="a byte short"),
        pytest.param(b"".join(KEYS) + b"\n", id="a byte more"),
        pytest.param(KEYS[0] * 3, id="the same thrice"),
    ],
)
def test_other_keys_than_three_are_refused_before_anything_listens(path: Path, keys: bytes) -> None:
    run = subprocess.run(
        [*PROGRAM, "--socket", path], input=keys, capture_output=True, timeout=20, check=False
    )
    assert run.returncode == 1
    assert run.stderr == b"blinding: 3 different keys of 32 bytes are due\n"
    assert not path.exists()


def test_a_second_process_does_not_take_the_socket(process: BlindingProcess, path: Path) -> None:
    run = subprocess.run(
        [*PROGRAM, "--socket", path], input=b"".join(KEYS), capture_output=True, check=False
    )
    assert run.returncode == 1
    assert run.stderr == b"blinding: another process answers on this socket\n"
    assert still_answers(path)


def test_a_file_in_the_way_is_left_alone(path: Path) -> None:
    path.write_text("somebody's")
    run = subprocess.run(
        [*PROGRAM, "--socket", path], input=b"".join(KEYS), capture_output=True, check=False
    )
    assert run.returncode == 1
    assert run.stderr.startswith(b"blinding: cannot listen")
    assert path.read_text() == "somebody's"


@pytest.mark.skipif(not ON_LINUX, reason="as Linux has it")
def test_what_it_gave_up_is_what_the_kernel_says(process: BlindingProcess) -> None:
    place = Path("/proc") / str(process.process.pid)
    status = dict(
        line.split(":\t", 1)
        for line in (place / "status").read_text().splitlines()
        if ":\t" in line
    )
    limits = (place / "limits").read_text()
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]
    assert status["NoNewPrivs"] == "1"
    assert process.report["ready"]
    assert process.report["no_dump"]
    if os.geteuid() == 0:
        assert process.report["own_user"]
        assert set(status["Uid"].split()) != {"0"}
        assert "0" not in status["Uid"].split()
        assert status["Groups"].split() == []
        assert status["CapEff"].strip("0") == ""
    if process.report["no_network"]:
        devices = (place / "net" / "dev").read_text().splitlines()[2:]
        assert [line.split(":")[0].strip() for line in devices] in ([], ["lo"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("user", ["root", "no-such-user-here"])
def test_root_and_nobody_known_are_not_users_to_become(path: Path, user: str) -> None:
    run = subprocess.run(
        [*PROGRAM, "--socket", path, "--user", user],
        input=b"".join(KEYS),
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith(b"blinding: ")
    assert run.stdout == b""


def test_no_key_is_on_a_command_line_or_in_the_report(process: BlindingProcess) -> None:
    assert json.dumps(process.report).isascii()
    assert set(process.report) == {"ready", "own_user", "no_network", "no_dump", "no_new_rights"}
    if ON_LINUX:
        said = (Path("/proc") / str(process.process.pid) / "cmdline").read_bytes()
        assert not any(key in said or key.hex().encode() in said for key in KEYS)


@pytest.mark.skipif(not ON_LINUX, reason="as Linux has it")
def test_it_dies_with_its_starter(path: Path) -> None:
    starter = (
        "import sys, time; from pathlib import Path;"
        "from rempart.rights.blinding import BlindingProcess;"
        "p = BlindingProcess.start(Path(sys.argv[1]), [bytes([n]) * 32 for n in (1, 2, 3)]);"
        "print(p.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", starter, str(path)], stdout=subprocess.PIPE
    ) as started:
        assert started.stdout is not None
        pid = int(started.stdout.readline())
        started.kill()
    ends = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < ends:
        stat_line = Path(f"/proc/{pid}/stat").read_text()
        if stat_line.rsplit(")", 1)[1].split()[0] == "Z":
            break  # dead; whoever adopts orphans here has not buried it yet
        time.sleep(0.05)
    else:
        assert not Path(f"/proc/{pid}").exists()
