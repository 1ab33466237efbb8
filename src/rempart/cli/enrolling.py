"""The software's side of enrolment: makes a key where it runs, shows it with a one-time code."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec

from rempart.cli.output import RefusedError, run
from rempart.foundation.errors import BadInputError, UnavailableError
from rempart.identity import INSTALLATIONS_PATH, ClientKey

_TIMEOUT_S: Final = 15.0
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")

_REFUSALS: Final = {
    "code_not_valid": "the code opens nothing: unknown, used or expired",
    "key_already_enrolled": "this key was enrolled before: make a new one",
}


class _Answer(msgspec.Struct):
    client_id: str | None = None
    site: str | None = None
    insurer: str | None = None
    code: str | None = None


def enrol_key(code: str, signin_url: str, path: Path) -> ClientKey:
    """Make a key, enrol it, and keep it in a new file of mode 0600.

    The file is written aside first: a code is not spent where nothing can be kept. Raises
    `BadInputError`, `ClientKeyError`, `RefusedError` or `UnavailableError`.
    """
    check_address(signin_url)
    if path.exists() or path.is_symlink():
        raise BadInputError("--key", "names a file that is there already; none is overwritten")
    aside = path.with_name(f"{path.name}.enrolling")
    key = ClientKey.generate()
    key.save(aside)
    try:
        answer = run(_show(key, code, signin_url))
        enrolled = key.enrolled(
            answer.client_id or "", answer.site, signin_url, insurer=answer.insurer
        )
        enrolled.save(path)
    finally:
        aside.unlink()
    return enrolled


async def _show(key: ClientKey, code: str, signin_url: str) -> _Answer:
    url, body = signin_url + INSTALLATIONS_PATH, msgspec.json.encode({"code": code})
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False) as client:
            # The first answer gives the nonce that the second proof is signed with.
            response = await _post(client, url, body, key.proof("POST", url, body))
            nonce = response.headers.get("DPoP-Nonce")
            if response.status_code == 401 and nonce:
                proof = key.proof("POST", url, body, nonce=nonce)
                response = await _post(client, url, body, proof)
        answer = msgspec.json.decode(response.content, type=_Answer)
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError):
        raise UnavailableError("sign-in did not answer: is this its address?") from None
    if response.status_code == 201 and answer.client_id and (answer.site or answer.insurer):
        return answer
    if answer.code in _REFUSALS:
        raise RefusedError(_REFUSALS[answer.code])
    raise UnavailableError(f"sign-in answered {response.status_code} and enrolled nothing")


async def _post(client: httpx.AsyncClient, url: str, body: bytes, proof: str) -> httpx.Response:
    headers = {"Content-Type": "application/json", "DPoP": proof}
    return await client.post(url, content=body, headers=headers)


def check_address(url: str) -> None:
    """Refuse what is no plain address, or would send in the clear. Raises `BadInputError`."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise BadInputError("--url", "is not an address") from None
    if not host or parts.path or parts.query or "@" in parts.netloc:
        raise BadInputError("--url", "must hold a scheme, a host and a port, and nothing else")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise BadInputError("--url", "must be https, unless the host is localhost")
