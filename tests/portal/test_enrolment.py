"""A first passkey: the link alone opens nothing, both codes open once, five wrong ones end it."""

from dataclasses import replace

import pytest

from rempart.identity import Codes
from tests.http.platform import EDGE, Platform
from tests.http.shape import assert_problem
from tests.portal.visitor import IN, Visitor, administrator, invited
from tests.support.asking import one
from tests.support.authenticator import PRESENT, Authenticator

pytestmark = pytest.mark.anyio

BOB = "10101010105"


async def test_both_codes_make_one_passkey(platform: Platform) -> None:
    codes = await invited(platform)
    alice = Visitor(platform)
    assert (await alice.enrol(codes, "Téléphone")).status_code == 204
    kept = one(platform.db.owner, "select * from identity.passkey")
    assert (kept["label"], kept["is_synced"], kept["sign_count"]) == ("Téléphone", False, 0)
    assert (await alice.sign_in()).status_code == 200
    other = Visitor(platform)
    assert_problem(await other.enrol(codes), "invitation_not_valid")


async def test_codes_are_read_as_people_type_them(platform: Platform) -> None:
    codes = await invited(platform)
    typed = replace(codes, link=codes.link.lower(), second=f" {codes.second.lower()} ")
    assert (await Visitor(platform).enrol(typed)).status_code == 204


async def test_only_hashes_of_the_codes_are_kept(platform: Platform) -> None:
    codes = await invited(platform)
    kept = str(one(platform.db.owner, "select i::text as said from identity.invitation i")["said"])
    for code in (codes.link, codes.second):
        assert code not in kept
        assert code.replace("-", "") not in kept


async def test_five_wrong_second_codes_end_an_invitation(platform: Platform) -> None:
    codes = await invited(platform)
    wrong = replace(codes, second="0000-000U")
    for _ in range(4):
        assert_problem(await Visitor(platform).enrol(wrong), "invitation_not_valid")
    assert one(platform.db.owner, "select attempts from identity.invitation")["attempts"] == 4
    # A fifth is one too many: the right code opens nothing any more.
    assert_problem(await Visitor(platform).enrol(wrong), "invitation_not_valid")
    assert_problem(await Visitor(platform).enrol(codes), "invitation_not_valid")


async def test_four_wrong_ones_do_not(platform: Platform) -> None:
    codes = await invited(platform)
    for _ in range(4):
        wrong = replace(codes, second="0000-000U")
        assert_problem(await Visitor(platform).enrol(wrong), "invitation_not_valid")
    assert (await Visitor(platform).enrol(codes)).status_code == 204


@pytest.mark.parametrize(
    "statement",
    [
        "update identity.invitation set expires_at = clock_timestamp()",
        "update identity.invitation set used_at = clock_timestamp()",
        "update identity.account set left_at = clock_timestamp()",
    ],
)
async def test_an_invitation_that_is_over_opens_nothing(platform: Platform, statement: str) -> None:
    codes = await invited(platform)
    platform.db.owner.execute(statement)
    assert_problem(await Visitor(platform).enrol(codes), "invitation_not_valid")


async def test_a_newer_invitation_takes_the_older_one_back(platform: Platform) -> None:
    first, second = await invited(platform), await invited(platform)
    assert_problem(await Visitor(platform).enrol(first), "invitation_not_valid")
    assert (await Visitor(platform).enrol(second)).status_code == 204


async def test_whoever_has_a_passkey_is_not_invited_again(platform: Platform) -> None:
    from rempart.foundation.database import Database
    from rempart.identity import DeskRefusal, invite_administrator
    from tests.http.platform import RPPS, SITE

    await administrator(platform)
    async with await Database.open(platform.db.dsn("rempart_desk"), max_size=1) as desk:
        refused = await invite_administrator(desk, RPPS, SITE, "Alice Martin")
    assert refused == DeskRefusal("has_a_passkey")


async def test_a_passkey_is_made_for_the_challenge_of_its_own_invitation(
    platform: Platform,
) -> None:
    hers, his = await invited(platform), await invited(platform, BOB, "Bob")
    bob = Visitor(platform)
    begun = await bob.post(IN + "enrolment", {"link": his.link, "second": his.second}, proved=False)
    told = {"link": hers.link, "second": hers.second, "label": "x"}
    made = bob.device.make(begun.json())
    answer = await bob.post(IN + "passkey", told | {"credential": made}, proved=False)
    assert_problem(answer, "ceremony_over")


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://rempart.example.net"},
        {"type": "webauthn.get"},
        {"crossOrigin": True},
    ],
)
async def test_what_another_page_made_is_refused(
    platform: Platform, changes: dict[str, object]
) -> None:
    codes = await invited(platform)
    alice = Visitor(platform)
    both = {"link": codes.link, "second": codes.second}
    begun = (await alice.post(IN + "enrolment", both, proved=False)).json()
    made = alice.device.make(begun, **changes)
    told = both | {"credential": made, "label": "x"}
    assert_problem(await alice.post(IN + "passkey", told, proved=False), "passkey_refused")
    # Nothing was used up: the honest one still serves.
    told["credential"] = alice.device.make(begun)
    assert (await alice.post(IN + "passkey", told, proved=False)).status_code == 204


async def test_the_same_passkey_is_not_kept_twice(platform: Platform) -> None:
    alice = await administrator(platform)
    bob = Visitor(platform, Authenticator(EDGE, credential_id=alice.device.credential_id))
    assert_problem(await bob.enrol(await invited(platform, BOB, "Bob")), "passkey_known")


async def test_the_options_ask_for_what_we_need(platform: Platform) -> None:
    codes = await invited(platform)
    both = {"link": codes.link, "second": codes.second}
    options = (await Visitor(platform).post(IN + "enrolment", both, proved=False)).json()
    assert options["rp"] == {"id": "localhost", "name": "Rempart"}
    assert options["attestation"] == "none"
    asked = options["authenticatorSelection"]
    assert (asked["residentKey"], asked["userVerification"]) == ("required", "required")
    assert options["user"]["displayName"] == "Alice Martin"
    assert options["user"]["name"] == "Alice Martin · Pharmacie d'essai"
    touch = await Visitor(platform).challenge()
    assert touch["userVerification"] == "required"
    assert touch["rpId"] == "localhost"
    assert touch["allowCredentials"] == []


async def test_what_is_no_link_and_no_passkey_is_refused(platform: Platform) -> None:
    nobody = Visitor(platform)
    for path in ("enrolment", "passkey"):
        told = {"link": "no link", "second": "ABCD-2345"}
        if path == "passkey":
            told |= {"credential": "{}", "label": "x"}
        answer = await nobody.post(IN + path, told, proved=False)
        assert_problem(answer, "invitation_not_valid")
    codes = await invited(platform)
    both = {"link": codes.link, "second": codes.second, "label": "x"}
    for credential in ("{}", "[]", "no json", '{"id": "AA", "response": {"clientDataJSON": "!"}}'):
        answer = await nobody.post(IN + "passkey", both | {"credential": credential}, proved=False)
        assert_problem(answer, "passkey_refused")
        signed_in = await nobody.post(IN + "session", {"credential": credential})
        assert_problem(signed_in, "passkey_refused")
    with pytest.raises(ValueError, match="no codes"):
        _ = Codes("no link", "ABCD-2345").hashes


async def test_a_passkey_is_made_by_whoever_verified_himself(platform: Platform) -> None:
    codes, alice = await invited(platform), Visitor(platform)
    alice.device.flags = PRESENT
    assert_problem(await alice.enrol(codes), "passkey_refused")
    alice.device.flags = Authenticator(EDGE).flags
    assert (await alice.enrol(codes)).status_code == 204
