"""Where a site is paid: it goes in sealed, waits when it changes, and never comes out again."""

import io
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rempart.billing import (
    PRIVATE_KEY,
    PUBLIC_KEY,
    make_payment_keys,
    open_iban,
    read_iban,
    seal_iban,
)
from rempart.cli import run_line
from rempart.foundation.errors import BadInputError
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.sealing import SealError, make_pair, open_sealed, public_of, seal
from tests.support.asking import Site, one
from tests.support.command_line import Told
from tests.support.waiting import wait_for_a_lock

IBAN = "FR1420041010050500013M02606"
OTHER = "DE89370400440532013000"


@pytest.fixture
def keyring(tmp_path: Path) -> FileKeyring:
    made = FileKeyring.create(tmp_path / "keyring")
    make_payment_keys(made)
    return made


def state(
    told: Told, site: Site, typed: str, monkeypatch: pytest.MonkeyPatch, code: int = 0
) -> dict[str, Any]:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    return told("site", "bank", "set", site.identifier, code=code)


def shown(told: Told, site: Site) -> list[tuple[str, str]]:
    found = told("site", "bank", "show", site.identifier)["bank_details"]
    return [(one["state"], one["last_four"]) for one in found]


def days_pass(site: Site, hours: int) -> None:
    site.db.owner.execute(
        "update billing.bank_detail set effective_at = effective_at - make_interval(hours => %s),"
        " stated_at = stated_at - make_interval(hours => %s),"
        " cancelled_at = cancelled_at - make_interval(hours => %s)",
        (hours, hours, hours),
    )


def test_a_change_waits_three_days_and_can_be_cancelled(
    site: Site, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    told("pay", "keys")
    assert shown(told, site) == []
    told("site", "bank", "cancel", site.identifier, code=3)
    assert state(told, site, IBAN.lower(), monkeypatch)["last_four"] == "2606"
    assert shown(told, site) == [("in_force", "2606")]
    state(told, site, OTHER, monkeypatch)
    assert shown(told, site) == [("waiting", "3000"), ("in_force", "2606")]
    state(told, site, OTHER, monkeypatch, code=3)
    days_pass(site, 71)
    assert shown(told, site)[0] == ("waiting", "3000")
    assert told("site", "bank", "cancel", site.identifier) == {"last_four": "3000"}
    days_pass(site, 2)
    assert shown(told, site) == [("cancelled", "3000"), ("in_force", "2606")]
    state(told, site, OTHER, monkeypatch)
    days_pass(site, 73)
    assert shown(told, site)[0] == ("in_force", "3000")
    assert shown(told, site)[2] == ("former", "2606")
    told("site", "bank", "cancel", site.identifier, code=3)
    assert run_line(["site", "bank", "show", site.identifier]) == 0


def test_nothing_else_is_taken(
    site: Site, told: Told, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Without the public key, nothing is sealed and nothing goes in.
    assert state(told, site, IBAN, monkeypatch, code=4)["error"]["kind"] == "unavailable"
    told("pay", "keys")
    for typed in ("", IBAN[:-1], IBAN[:-1] + "7", IBAN * 9, "ZZ" + IBAN[2:]):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed + "\n"))
        assert run_line(["site", "bank", "set", site.identifier, "--json"]) == 2
        printed = capsys.readouterr()
        assert typed[4:] not in printed.out + printed.err or not typed
    monkeypatch.setattr("sys.stdin", io.StringIO(IBAN + "\n"))
    told("site", "bank", "set", "750000999", code=3)
    told("site", "bank", "cancel", "750000999", code=3)
    assert one(site.db.owner, "select count(*) as n from billing.bank_detail")["n"] == 0


def test_the_payment_alone_reads_it_and_for_that_site_alone(
    site: Site, told: Told, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told("pay", "keys")
    state(told, site, IBAN, monkeypatch)
    row = one(site.db.owner, "select sealed, t::text as shown from billing.bank_detail t")
    assert IBAN not in row["shown"]
    assert IBAN[4:-4] not in row["shown"]
    assert IBAN.encode().hex() not in row["shown"]
    private = FileKeyring.open(tmp_path / "keyring").secret(PRIVATE_KEY)
    assert open_iban(private, site.identifier, row["sealed"]) == IBAN
    # Copied to another site's row, it opens for nobody.
    with pytest.raises(SealError):
        open_iban(private, "750000002", row["sealed"])
    for role in ("rempart_desk", "rempart_edge", "rempart_signin", "rempart_intake"):
        with (
            site.db.connect(role) as other,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            other.execute("select sealed from billing.bank_detail")


def test_one_of_two_changes_at_the_same_moment_is_heard(site: Site, keyring: FileKeyring) -> None:
    put = "select * from billing.set_bank(%s, %s, %s)"
    args = (site.identifier, seal_iban(keyring, site.identifier, IBAN), "2606")
    told: list[dict[str, Any]] = []
    with site.db.connect("rempart_desk") as first, site.db.connect("rempart_desk") as second:
        first.execute("begin")
        assert one(first, put, *args)["refused_because"] is None
        other = threading.Thread(target=lambda: told.append(one(second, put, *args)))
        other.start()
        wait_for_a_lock(site.db)
        first.execute("commit")
        other.join()
        assert told[0]["refused_because"] == "change_waits"
        # It is a change by now, and waits; so the one after it is refused.
        assert one(second, put, *args)["refused_because"] is None
        assert one(second, put, *args)["refused_because"] == "change_waits"


def test_a_pair_is_made_once(keyring: FileKeyring) -> None:
    before = keyring.secret(PUBLIC_KEY)
    make_payment_keys(keyring)
    assert keyring.secret(PUBLIC_KEY) == before


def test_a_pair_that_was_left_half_made_is_made_whole(keyring: FileKeyring) -> None:
    private, public = keyring.secret(PRIVATE_KEY), keyring.secret(PUBLIC_KEY)
    (keyring.path / PUBLIC_KEY).unlink()
    make_payment_keys(keyring)
    assert (keyring.secret(PRIVATE_KEY), keyring.secret(PUBLIC_KEY)) == (private, public)
    with pytest.raises(SealError):
        public_of(private[1:])


def test_what_is_sealed_opens_with_the_other_key_alone() -> None:
    private, public = make_pair()
    other, _ = make_pair()
    sealed = seal(public, "a", b"plain")
    assert seal(public, "a", b"plain") != sealed
    assert open_sealed(private, "a", sealed) == b"plain"
    for key, bound_to, what in (
        (other, "a", sealed),
        (private, "b", sealed),
        (private, "a", sealed[:-1]),
        (private[1:], "a", sealed),
    ):
        with pytest.raises(SealError):
            open_sealed(key, bound_to, what)
    with pytest.raises(SealError):
        seal(public[1:], "a", b"plain")


def test_what_is_no_iban_is_not_opened_as_one(keyring: FileKeyring) -> None:
    """The public key seals anything for anybody."""
    public, private = keyring.secret(PUBLIC_KEY), keyring.secret(PRIVATE_KEY)
    for plain in (b"\xff" * 34, b"\0" + IBAN.encode(), IBAN[:-1].encode() + b"7", b""):
        sealed = seal(public, "bank-detail/750000001", plain)
        with pytest.raises(SealError) as refused:
            open_iban(private, "750000001", sealed)
        assert refused.value.__cause__ is refused.value.__context__ is None


def test_all_of_one_length_and_none_shows_its_value(keyring: FileKeyring) -> None:
    assert len({len(seal_iban(keyring, "750000001", each)) for each in (IBAN, OTHER)}) == 1
    assert read_iban(" fr14 2004 1010 0505 0001 3m02 606 ") == IBAN
    with pytest.raises(BadInputError) as refused:
        read_iban(IBAN[:-1] + "7")
    assert IBAN[:8] not in repr(refused.value)
    assert refused.value.__cause__ is None
