"""Codes as people type them: one code however it is written, and nothing else is one."""

import hashlib

import pytest

from rempart.identity import Codes
from rempart.identity.codes import code_hash
from rempart.identity.invitations import hashes_of

CODE = "0123A-BCDEF-GHJKM-NPQR1"
HASH = hashlib.sha256(CODE.replace("-", "").encode()).digest()


@pytest.mark.parametrize(
    "typed", [CODE, CODE.lower(), "o123a bcdef ghjkm npqrl", " OI23ABCDEFGHJKMNPQRI ", f"-{CODE}-"]
)
def test_a_code_is_one_however_it_is_typed(typed: str) -> None:
    assert code_hash(typed) == HASH


@pytest.mark.parametrize(
    "typed", ["", CODE[:-1], CODE + "1", CODE.replace("A", "U"), "é" * 20, CODE + " " * 80]
)
def test_what_is_no_code_has_no_hash(typed: str) -> None:
    assert code_hash(typed) is None
    assert hashes_of(typed, "ABCD-2345") is None


def test_what_is_kept_of_an_invitation_is_what_its_codes_hash_to() -> None:
    codes = Codes.new()
    assert codes.hashes == hashes_of(codes.link.lower(), codes.second.replace("-", " "))
    assert codes.hashes[0] == code_hash(codes.link)
    # The short one is hashed with the long one: alike in two invitations, it is kept as two.
    other = Codes(Codes.new().link, codes.second)
    assert other.hashes[1] != codes.hashes[1]
    assert Codes(codes.link, other.link[:9]).hashes[1] != codes.hashes[1]
