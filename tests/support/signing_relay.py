"""Listens on loopback, and passes on what it is sent with the proof that each request needs.

So a scanner that knows nothing of proofs reaches what lies behind them. And a small server that is
full of holes, to see that a scanner would find one.
"""

import json
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from rempart.identity import ClientKey
from rempart.simulation.software import Software

Answer = tuple[int, str, bytes]
Answering = Callable[[str, bytes], Answer]


@contextmanager
def listening(answering: Answering) -> Iterator[str]:
    """Serve a function of (path and query, body) on loopback; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, content = answering(self.path, self._body())
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - the standard library's name

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def log_message(self, *_: Any) -> None:  # noqa: ANN401 - as the standard library has it
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class Signing:
    """Signs each question as an installation, with a reference of its own; counts the answers."""

    def __init__(self, software: Software) -> None:
        self._software = software
        self.statuses: dict[int, int] = {}

    def __call__(self, _path: str, body: bytes) -> Answer:
        url = f"{self._software._addresses.public_url}/v1/rights-questions"
        for dead in (None, self._software._token):
            token = self._software._live_token(dead=dead)
            got = self._software._sender.send("POST", url, self._once(body), token=token)
            if got.status != 401:
                break
        self.statuses[got.status] = self.statuses.get(got.status, 0) + 1
        return got.status, got.headers.get("Content-Type", "text/plain"), got.content

    @staticmethod
    def _once(body: bytes) -> bytes:
        """A reference serves one question: each try gets another, unless it is what is tried."""
        try:
            message = json.loads(body)
        except ValueError:
            return body
        if isinstance(message, dict) and message.get("reference") == "again":
            message["reference"] = secrets.token_hex(8)
            return json.dumps(message).encode()
        return body


class SigningInBrowser:
    """Proves each request as a session's own browser, with its cookie; counts the answers."""

    def __init__(self, url: str, key: ClientKey, cookie: str, token: str) -> None:
        self._url, self._key, self._cookie, self._token = url, key, cookie, token
        self._nonce: str | None = None
        self._turn = threading.Lock()
        self.statuses: dict[int, int] = {}

    def __call__(self, path: str, body: bytes) -> Answer:
        content = Signing._once(body)
        with self._turn:
            got = self._sent(path, content)
            if got.status_code == 401:
                got = self._sent(path, content)
        self.statuses[got.status_code] = self.statuses.get(got.status_code, 0) + 1
        return got.status_code, got.headers.get("Content-Type", "text/plain"), got.content

    def _sent(self, path: str, content: bytes) -> httpx.Response:
        proof = self._key.proof("POST", self._url + path, content, self._token, self._nonce)
        headers = {
            "DPoP": proof,
            "Cookie": self._cookie,
            "Content-Type": "application/json",
            "Origin": self._url,
            "Sec-Fetch-Site": "same-origin",
        }
        with httpx.Client(trust_env=False) as http:
            got = http.post(self._url + path, content=content, headers=headers, timeout=30)
        self._nonce = got.headers.get("DPoP-Nonce", self._nonce)
        return got


def full_of_holes(path: str, _body: bytes) -> Answer:
    """A page that puts what it is sent into a query, and into its own markup."""
    asked = {name: values[-1] for name, values in parse_qs(urlsplit(path).query).items()}
    names = sqlite3.connect(":memory:")
    names.execute("create table person (id integer, name text)")
    names.execute("insert into person values (1, 'Alice')")
    try:
        found = names.execute(f"select name from person where id = {asked.get('id', '1')}")
        said = ", ".join(str(row[0]) for row in found)
    except sqlite3.Error as error:
        said = f"sqlite3.OperationalError: {error}"
    finally:
        names.close()
    markup = f"<html><body><a href='/?id=1&q=a'>x</a>{asked.get('q', '')}<p>{said}</body></html>"
    return 200, "text/html", markup.encode()
