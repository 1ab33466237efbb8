"""Sign-in assertions, honest and forged: what test_token_endpoint.py shows to sign-in."""

import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from rempart.identity import ClientKey
from rempart.identity.compact import encode
from tests.attack.signing_in import TOKEN_URL
from tests.identity.arranged import SITE


def claims(key: ClientKey, **changes: object) -> dict[str, Any]:
    now = int(time.time())
    given = {
        "iss": key.client_id,
        "sub": key.client_id,
        "aud": TOKEN_URL,
        "jti": encode(hmac.digest(b"t", str(time.perf_counter_ns()).encode(), "sha256")),
        "iat": now,
        "exp": now + 300,
    } | changes
    return {name: value for name, value in given.items() if value is not ...}


def signed(key: ClientKey, header: dict[str, object] | None = None, **changes: object) -> str:
    return key.sign(header or {"alg": "ES256", "typ": "JWT"}, claims(key, **changes))


def hs256(key: ClientKey) -> str:
    secret = json.dumps(key.jwk, separators=(",", ":")).encode()
    text = headed("HS256", key)
    return f"{text}.{encode(hmac.digest(secret, text.encode(), 'sha256'))}"


def unsigned(key: ClientKey) -> str:
    return headed("none", key) + "."


def headed(alg: str, key: ClientKey) -> str:
    return f"{encode(json.dumps({'alg': alg}).encode())}.{encode(json.dumps(claims(key)).encode())}"


def twice(key: ClientKey) -> str:
    """Name two clients: a lax reader takes the last, another the first."""
    text = json.dumps(claims(key)).replace('{"iss"', '{"sub": "inst_other", "iss"')
    head = encode(b'{"alg":"ES256"}')
    other = key.sign({"alg": "ES256"}, claims(key))
    return f"{head}.{encode(text.encode())}.{other.rpartition('.')[2]}"


def impostor(key: ClientKey) -> ClientKey:
    """A key of the thief's own under another's name."""
    return ClientKey.generate().enrolled(key.client_id or "", SITE, "")


DAY = 86_400


def now() -> int:
    # At each call: what was made at the start of a long run would have come of age by its end.
    return int(time.time())


def lived(shift_s: int) -> dict[str, Any]:
    """An assertion's five minutes, so many seconds from now."""
    return {"iat": now() + shift_s, "exp": now() + shift_s + 300}


ASSERTIONS: list[tuple[str, Callable[[ClientKey], str]]] = [
    ("empty", lambda _: ""),
    ("no token", lambda _: "a.b"),
    ("alg none", unsigned),
    ("alg HS256 with the public key", hs256),
    ("alg none, signed", lambda key: signed(key, {"alg": "none"})),
    ("alg ES384 named", lambda key: signed(key, {"alg": "ES384"})),
    ("a key of its own", lambda key: signed(impostor(key))),
    ("a key of its own in the header", lambda key: signed(key, {"alg": "ES256", "jwk": key.jwk})),
    ("crit", lambda key: signed(key, {"alg": "ES256", "crit": ["exp"]})),
    ("typ of a proof", lambda key: signed(key, {"alg": "ES256", "typ": "dpop+jwt"})),
    ("a proof as an assertion", lambda key: key.proof("POST", TOKEN_URL, b"")),
    ("another client", lambda key: signed(key, iss="inst_" + "0" * 32, sub="inst_" + "0" * 32)),
    ("iss is not sub", lambda key: signed(key, iss="inst_" + "0" * 32)),
    ("no sub", lambda key: signed(key, sub=...)),
    ("sub null", lambda key: signed(key, sub=None, iss=None)),
    ("a NUL in sub", lambda key: signed(key, sub="inst_\0", iss="inst_\0")),
    ("two clients", twice),
    ("another audience", lambda key: signed(key, aud="http://localhost:8765/v1/token")),
    ("audience of two", lambda key: signed(key, aud=[TOKEN_URL, "https://evil.example"])),
    ("no audience", lambda key: signed(key, aud=...)),
    ("audience empty", lambda key: signed(key, aud=[])),
    ("no jti", lambda key: signed(key, jti=...)),
    ("jti too long", lambda key: signed(key, jti="a" * 65)),
    ("no end", lambda key: signed(key, exp=...)),
    ("end text", lambda key: signed(key, exp="tomorrow")),
    ("end endless", lambda key: signed(key, exp=2**63)),
    ("ended over a day ago", lambda key: signed(key, **lived(-DAY - 700))),
    ("from over a day ahead", lambda key: signed(key, **lived(DAY + 900))),
    ("lives too long", lambda key: signed(key, exp=now() + 3600)),
    ("ends before it begins", lambda key: signed(key, iat=now(), exp=now() - 1)),
    ("not before its end", lambda key: signed(key, nbf=now() + 3600)),
    ("unknown claim", lambda key: signed(key, scope="all")),
    ("padded", lambda key: signed(key) + "="),
    ("signature cut", lambda key: signed(key)[:-4]),
]  # fmt: skip
