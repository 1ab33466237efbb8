"""A software keeps its connections, and not past the time at which a server closes them."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rempart.identity import ClientKey
from rempart.simulation import software


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    opened = 0

    def setup(self) -> None:
        super().setup()
        type(self).opened += 1

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    Answering.opened = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/token"
        server.shutdown()


@pytest.mark.parametrize("idle_s, connections", [(20.0, 1), (-1.0, 3)])
def test_an_idle_connection_is_made_anew(
    url: str, idle_s: float, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(software, "_IDLE_S", idle_s)
    sender = software._Sender(ClientKey.generate())
    try:
        for _ in range(3):
            assert sender.post(url, b"{}").status == 200
    finally:
        sender.close()
    assert Answering.opened == connections
