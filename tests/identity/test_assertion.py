"""The assertion's check by itself: the client, the key and the audience are ours to say."""

import pytest

from rempart.identity import ClientKey
from rempart.identity.assertion import AssertionRefusedError, check_assertion, claimed_client
from rempart.identity.compact import MalformedError, decode

AUDIENCE = "http://localhost:8766/v1/token"
KEY, OTHER = ClientKey.generate(), ClientKey.generate()
ASSERTION = KEY.assertion("inst_1", AUDIENCE, now=1_000)


def check(
    key: ClientKey = KEY,
    *,
    client_id: str = "inst_1",
    audience: str = AUDIENCE,
    now: float = 1_000,
) -> str:
    jwk = key.jwk
    canonical = f'{{"crv":"P-256","kty":"EC","x":"{jwk["x"]}","y":"{jwk["y"]}"}}'
    return check_assertion(
        ASSERTION, client_id=client_id, public_jwk=canonical, audience=audience, now=now
    )


def test_a_good_one_gives_its_identifier() -> None:
    assert claimed_client(ASSERTION) == "inst_1"
    assert len(check()) == 24


def test_the_client_is_ours_to_say() -> None:
    with pytest.raises(AssertionRefusedError):
        check(client_id="inst_2")


def test_the_key_is_ours_to_say() -> None:
    with pytest.raises(AssertionRefusedError):
        check(OTHER)


def test_the_audience_is_ours_to_say() -> None:
    with pytest.raises(AssertionRefusedError):
        check(audience=AUDIENCE + "/")


@pytest.mark.parametrize(
    "now,accepted",
    [(1_300 + 86_400, True), (1_301 + 86_400, False), (700 - 86_400, True), (699 - 86_400, False)],
)
def test_a_clock_may_be_a_day_wrong(now: int, accepted: bool) -> None:
    if accepted:
        assert check(now=now)
    else:
        with pytest.raises(AssertionRefusedError):
            check(now=now)


@pytest.mark.parametrize("text", ["A", "AB", "AA=", "A A", "AA\n", "A+", "A/", "é", "AAAAA"])
def test_base64url_has_one_spelling(text: str) -> None:
    with pytest.raises(MalformedError):
        decode(text)


@pytest.mark.parametrize("text,value", [("", b""), ("AA", b"\0"), ("__8", b"\xff\xff")])
def test_base64url(text: str, value: bytes) -> None:
    assert decode(text) == value
