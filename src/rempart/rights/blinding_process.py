"""The process that alone holds the outer index keys, so that a dump of the rest names nobody.

Standard library only, so that nothing else runs beside the keys: ``python -I -S THIS_FILE --socket
PATH [--user NAME]``. With ``--token URI`` the keys lie in a PKCS#11 token, and its library runs
here too. docs/blinding.md has the protocol.
"""

import argparse
import asyncio
import contextlib
import ctypes
import hmac
import json
import os
import pwd
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

LAST_GENERATION = 127
KEY_BYTES = 32
ITEM_BYTES = 1 + 32
LONGEST_BATCH = 4096
MOST_CLIENTS = 64
REQUEST_TIMEOUT_S = 2.0

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38


Digest = Callable[[bytes], bytes]


class Blinder:
    """Answers clients with keyed hashes, and counts every one it ever gave."""

    def __init__(self, digests: dict[int, Digest]) -> None:
        """Take what hashes for each purpose."""
        self._digests = digests
        self.clients: set[asyncio.StreamWriter] = set()
        self.total = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client until it goes, sends what is no request, or is too slow."""
        self.clients.add(writer)
        try:
            # A client may rest between two requests, but not within one.
            while len(self.clients) <= MOST_CLIENTS and (head := await reader.read(1)):
                async with asyncio.timeout(REQUEST_TIMEOUT_S):
                    writer.write(await self._answer(head, reader))
                    await writer.drain()
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            return  # nobody to tell: what is no request gets no answer
        finally:
            self.clients.discard(writer)
            writer.transport.abort()

    async def _answer(self, head: bytes, reader: asyncio.StreamReader) -> bytes:
        count = int.from_bytes(head + await reader.readexactly(3), "big")
        if count == 0:
            return self.total.to_bytes(8, "big")
        if count > LONGEST_BATCH:
            raise ValueError
        items = await reader.readexactly(count * ITEM_BYTES)
        if not self._digests.keys() >= set(items[::ITEM_BYTES]):
            raise ValueError
        self.total += count
        return b"".join(
            self._digests[items[at]](items[at + 1 : at + ITEM_BYTES])
            for at in range(0, len(items), ITEM_BYTES)
        )


def purposes(generations: str) -> dict[int, str]:
    """Name the key of each purpose, in order of the purposes: of the generations told, by commas.

    The met index has one key, whatever turns. A purpose of generation g, from the second on, is 2g
    for the registry and 2g + 1 for cards.
    """
    told = generations.split(",")
    if not all(one.isdecimal() and 1 <= int(one) <= LAST_GENERATION for one in told):
        raise SystemExit("blinding: generations are numbers from 1 to 127, with commas between")
    found = {2: "met_index"}
    for one in map(int, told):
        names = [f"{name}_index" + (f"_{one}" if one > 1 else "") for name in ("registry", "card")]
        found |= zip((1, 3) if one == 1 else (2 * one, 2 * one + 1), names, strict=True)
    return dict(sorted(found.items()))


def read_keys(due: int) -> list[bytes]:
    """Read the outer keys from standard input: 32 bytes each, no more, no less, all different."""
    given = sys.stdin.buffer.read(due * KEY_BYTES + 1)
    keys = [given[at : at + KEY_BYTES] for at in range(0, due * KEY_BYTES, KEY_BYTES)]
    if len(given) != due * KEY_BYTES or len(set(keys)) != due:
        raise SystemExit(f"blinding: {due} different keys of {KEY_BYTES} bytes are due")
    return keys


def in_memory(keys: list[bytes]) -> list[Digest]:
    """Hash with keys that this process holds."""
    return [partial(_hashed, key) for key in keys]


def _hashed(key: bytes, inner: bytes) -> bytes:
    return hmac.digest(key, inner, "sha256")


@contextlib.contextmanager
def in_token(uri: str, names: Iterable[str]) -> Iterator[list[Digest]]:
    """Hash inside a token, which stays open. When it fails, this process ends: nothing is blinded.

    One thread at a time may use a token; this process has one.
    """
    # Not at the top: with keys in memory, nothing but the standard library is here.
    from rempart.foundation.errors import RempartError  # noqa: PLC0415 - as said
    from rempart.foundation.hsm import Token, TokenPlace  # noqa: PLC0415 - as said

    with contextlib.ExitStack() as stack:
        try:
            token = stack.enter_context(Token.open(TokenPlace.read(uri)))
            found = [token.hmac(name) for name in names]
        except (RempartError, ValueError) as error:
            raise SystemExit(f"blinding: {error}") from None
        yield [_or_end(digest) for digest in found]


def _or_end(digest: Digest) -> Digest:
    def hashed(inner: bytes) -> bytes:
        try:
            return digest(inner)
        except Exception:  # noqa: BLE001 - whatever it is, nobody gets an index any more
            raise SystemExit("blinding: the token hashes no more, or not for this user") from None

    return hashed


def bind(path: Path) -> socket.socket:
    """Bind to a path that only the user who starts this process can reach (mode 0600)."""
    if path.is_socket():
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(str(path)) == 0:
                raise SystemExit("blinding: another process answers on this socket")
        path.unlink()  # left by one that was killed
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise SystemExit(f"blinding: cannot listen: {error.strerror or error}") from None
    finally:
        os.umask(before)
    return listener


def _linux(call: str, *arguments: int) -> bool:
    return sys.platform == "linux" and bool(getattr(ctypes.CDLL(None), call)(*arguments) == 0)


def forbid_dumps() -> bool:
    """Keep this memory out of core files and from the user's other processes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return _linux("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)


def confine(user: str) -> dict[str, bool]:
    """Give up the network and root, as far as the system lets it; say how far."""
    is_root = os.geteuid() == 0
    no_network = _linux("unshare", _CLONE_NEWNET | (0 if is_root else _CLONE_NEWUSER))
    if is_root:
        try:
            found = pwd.getpwnam(user)
        except KeyError:
            raise SystemExit("blinding: there is no such user to become") from None
        os.setgroups([])
        os.setgid(found.pw_gid)
        os.setuid(found.pw_uid)
        if 0 in (os.getuid(), os.getgid()):
            raise SystemExit("blinding: a user other than root is due")
    os.chdir("/")
    no_dump = forbid_dumps()  # again: a change of user resets it
    bound = _linux("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    given_up = (is_root, no_network, no_dump, bound)
    return dict(zip(("own_user", "no_network", "no_dump", "no_new_rights"), given_up, strict=True))


async def answer_until_told(
    listener: socket.socket, blinder: Blinder, report: dict[str, bool]
) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    server = await asyncio.start_unix_server(blinder.serve, sock=listener)
    sys.stdout.write(json.dumps({"ready": True, **report}) + "\n")
    sys.stdout.flush()
    await told.wait()
    server.close()
    for client in list(blinder.clients):
        client.transport.abort()


def main() -> None:
    """Read the keys or open the token, confine, report in one line of JSON, serve."""
    parser = argparse.ArgumentParser(description="Blinds inner indexes with the outer keys.")
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--user", default="nobody", help="whom to become when started as root")
    parser.add_argument("--end-with-starter", action="store_true", help="on Linux")
    parser.add_argument("--token", help="a PKCS#11 URI: the keys lie there, none is read")
    parser.add_argument("--generations", default="1", help="of keys, with commas between")
    given = parser.parse_args()
    path, served = given.socket.absolute(), purposes(given.generations)
    forbid_dumps()
    with contextlib.ExitStack() as stack:
        if given.token is None:
            digests = in_memory(read_keys(len(served)))
        else:
            digests = stack.enter_context(in_token(given.token, served.values()))
        listener = bind(path)
        report = confine(given.user)
        for digest in digests:
            digest(bytes(KEY_BYTES))  # a token may be open to who we were, and not to who we are
        if given.end_with_starter:
            _linux("prctl", _PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        blinder = Blinder(dict(zip(served, digests, strict=True)))
        asyncio.run(answer_until_told(listener, blinder, report))
    with contextlib.suppress(OSError):  # another user may not; the next start does it
        path.unlink()


if __name__ == "__main__":  # pragma: no cover - tests run it from outside
    main()
