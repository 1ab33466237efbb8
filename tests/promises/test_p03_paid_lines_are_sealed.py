"""P3: once it is paid, a dump no longer says what was delivered; its insurer alone opens it."""

from pathlib import Path

import pytest

from tests.support.asking import Site
from tests.support.claiming import LINE, claimed, guarantee
from tests.support.command_line import Told
from tests.support.paying import Desk
from tests.support.sealing import Insurer, paid

# A canary: a price and a base that nothing else here has.
DELIVERED = LINE | {"category": "PH4", "price_cents": 7193471, "base_cents": 2003}


def dumped(site: Site) -> dict[str, str]:
    """Every row of every table of ours as text: what a dump holds."""
    owner = site.db.owner
    tables = owner.execute(
        "select c.oid::regclass::text as name from pg_class c join pg_namespace n"
        " on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname !~ '^pg_|information_'"
    ).fetchall()
    found = {}
    for table in tables:
        with owner.cursor().copy(f"copy (select t::text from {table['name']} t) to stdout") as out:
            found[table["name"]] = b"".join(bytes(part) for part in out).decode()
    return found


def test_a_dump_no_longer_says_what_was_delivered(
    site: Site, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, insurer = Desk.open(told, tmp_path, monkeypatch), Insurer(told, tmp_path)
    desk.bank(site)
    insurer.trusted()
    claim = claimed(site, guarantee(site), DELIVERED)["claim_id"]
    assert [name for name, rows in dumped(site).items() if "7193471" in rows] == [
        "billing.claim_line"
    ]
    assert paid(site, desk) == []
    told("lines", "seal")
    found = dumped(site)
    assert found["billing.sealed_lines"].count("\n") == 1
    assert [name for name, rows in found.items() if "7193471" in rows] == []
    assert found["billing.claim_line"] == ""
    day = site.today.isoformat()
    assert insurer.opened() == {
        claim.hex(): [(day, "1", "PH4", "1", "7193471", "2003", "1300")],
    }
