"""Refuses a request meant for another host: rebinding, smuggled and forged Host headers."""

from collections.abc import Collection
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from rempart.edge.refusal import WRONG_HOST, Refuse

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_FORWARDING: Final = frozenset({b"forwarded", b"via", b"x-forwarded-for", b"x-real-ip"})


def host_and_port(authority: str, scheme: str) -> tuple[str, int] | None:
    """Split ``name[:port]`` as a Host header writes it; `None` when it is not one."""
    if any(c <= " " or c in "/?#@\\" or c > "~" for c in authority):
        return None
    try:
        parts = urlsplit(f"//{authority}")
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname:
        return None
    return parts.hostname, port if port is not None else _DEFAULT_PORTS.get(scheme, 80)


def is_address(name: str) -> bool:
    """Whether a host name is an address literal, or localhost: no DNS record can lead to it."""
    if name == "localhost":
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Whether a host name or peer address is this machine's own."""
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def comes_from_this_machine(scope: Scope) -> bool:
    """Whether the peer is on loopback, asked for loopback, and is no proxy speaking for another.

    The peer is the connection's, never what a header says.
    """
    client = scope.get("client")
    if not client or not is_loopback(client[0]):
        return False
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    if any(name in _FORWARDING for name, _ in scope["headers"]) or len(hosts) != 1:
        return False
    asked = host_and_port(hosts[0], scope.get("scheme", "http"))
    return asked is not None and is_loopback(asked[0])


class HostCheck:
    """Answers only to a public URL's host; probes also to an address, as balancers ask."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        public_url: str,
        probes: Collection[str],
        refuse: Refuse,
        also: str | None = None,
    ) -> None:
        """Take the public URL, another one if there is, and what may be asked by address."""
        self._app = app
        parts = urlsplit(public_url)
        self._scheme = parts.scheme
        hosts = [
            host_and_port(urlsplit(one).netloc, parts.scheme) for one in (public_url, also) if one
        ]
        if None in hosts:
            raise ValueError("the public URL names no host")
        self._hosts = frozenset(hosts)
        self._probes = frozenset(probes)
        self._refuse = refuse
        self._last_taken: bytes | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] != "http" or self._is_for_us(scope):
            await self._app(scope, receive, send)
            return
        await self._refuse(scope, WRONG_HOST)(scope, receive, send)

    def _is_for_us(self, scope: Scope) -> bool:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1:
            return False
        if hosts[0] == self._last_taken:
            return True  # most ask as the one before them did
        asked = host_and_port(hosts[0].decode("latin-1"), self._scheme)
        if asked is None:
            return False
        if asked in self._hosts:
            self._last_taken = hosts[0]
            return True
        return scope["path"] in self._probes and is_address(asked[0])
