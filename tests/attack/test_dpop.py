"""Forged, bent and borrowed DPoP proofs: each is refused, and for its own reason."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from rempart.identity import NonceClock, Proof, ProofError, ProofFault, check_proof
from rempart.identity import dpop as dpop_module
from rempart.identity.compact import encode
from tests.attack.forged_proofs import (
    BODY,
    FORGERIES,
    HEADER,
    KEY,
    NONCES,
    NOW,
    TOKEN,
    URL,
    claims,
    good,
    header,
    raw,
)


def check(
    jwt: str,
    *,
    method: str = "POST",
    url: str = URL,
    body: bytes = BODY,
    token: str | None = TOKEN,
    nonces: NonceClock = NONCES,
) -> Proof:
    return check_proof(jwt, method=method, url=url, body=body, token=token, nonces=nonces)


@pytest.mark.parametrize(
    "forge,fault", [pytest.param(make, fault, id=name) for name, make, fault in FORGERIES]
)
def test_forgery_is_refused(forge: Callable[[], str], fault: ProofFault) -> None:
    with pytest.raises(ProofError) as refused:
        check(forge())
    assert refused.value.code is fault
    assert str(refused.value) == fault.value


def test_a_good_proof_shows_its_key() -> None:
    proof = check(good())
    assert proof.jkt == KEY.jkt
    assert hashlib.sha256(proof.public_jwk.encode()).digest() == KEY.jkt
    assert proof.jti == "0123456789abcdef"


@pytest.mark.parametrize(
    "htu",
    [URL + "?page=1", URL + "#here", "HTTPS://Rempart.Example.ORG:443/v1/rights-questions"],
)
def test_the_same_address_may_be_written_otherwise(htu: str) -> None:
    assert check(KEY.sign(header(), claims(htu=htu))).jkt == KEY.jkt


def test_an_escaped_slash_is_the_same_text() -> None:
    # PHP writes "\/" for "/" in JSON.
    text = json.dumps(claims()).replace("/", "\\/").encode()
    assert check(raw(HEADER, text)).jkt == KEY.jkt


@pytest.mark.parametrize(
    "borrowed",
    [
        {"method": "GET"},
        {"url": "https://rempart.example.org/v1/other"},
        {"body": b'{"member_number":"another"}'},
        {"body": b""},
        {"token": "u" * 43},
        {"token": None},
        {"nonces": NonceClock(b"another key of thirty-two bytes!", clock=lambda: NOW)},
    ],
)
def test_a_good_proof_serves_no_other_request(borrowed: dict[str, Any]) -> None:
    with pytest.raises(ProofError):
        check(good(), **borrowed)


def test_where_no_token_is_due_none_may_be_named() -> None:
    assert check(KEY.sign(header(), claims(ath=...)), token=None).jkt == KEY.jkt


@pytest.mark.parametrize(
    "elapsed,accepted", [(0, True), (239, True), (301, False), (86_400, False)]
)
def test_an_old_proof_dies_with_its_nonce(elapsed: int, accepted: bool) -> None:
    jwt = good()
    later = NonceClock(b"k" * 32, clock=lambda: NOW + elapsed)
    if accepted:
        assert check(jwt, nonces=later).jkt == KEY.jkt
    else:
        with pytest.raises(ProofError, match="use_dpop_nonce"):
            check(jwt, nonces=later)


@pytest.mark.parametrize("iat", [0, int(NOW) - 86_400 * 400, int(NOW) + 86_400 * 400])
def test_the_clock_of_the_signer_judges_nothing(iat: int) -> None:
    assert check(KEY.sign(header(), claims(iat=iat))).jkt == KEY.jkt


def test_every_byte_is_signed() -> None:
    jwt = good()
    for at in range(0, len(jwt), 7):
        changed = jwt[:at] + ("A" if jwt[at] != "A" else "B") + jwt[at + 1 :]
        with pytest.raises(ProofError):
            check(changed)


def test_no_exception_tells_what_was_sent() -> None:
    for _, forge, _ in FORGERIES:
        with pytest.raises(ProofError) as refused:
            check(forge())
        assert refused.value.__suppress_context__ or refused.value.__context__ is None
        assert refused.value.args == (refused.value.code.value,)


def test_the_cache_of_keys_is_bounded() -> None:
    for _ in range(20):
        numbers = generate_private_key(SECP256R1()).public_key().public_numbers()
        x, y = (encode(one.to_bytes(32, "big")) for one in (numbers.x, numbers.y))
        dpop_module._point(x, y)
    info = dpop_module._point.cache_info()
    assert info.maxsize is not None
    assert info.currsize <= info.maxsize == 4_096
