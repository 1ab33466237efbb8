"""Asking from the portal: what people type is read forgivingly; who asks is the session's."""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest

from rempart import routes
from rempart.api.portal_questions import read_date
from rempart.api.problems import ProblemError
from rempart.edge.headers import CAMERA_PERMISSIONS, PERMISSIONS
from rempart.portal.assets import READER
from tests.http.platform import BORN, NUMBERS, SECRET, Platform
from tests.http.shape import assert_problem
from tests.portal.visitor import Visitor
from tests.support.asking import INSURER, one

ASK = "/v1/portal/rights-questions"
STATIC = Path(__file__).resolve().parents[2] / "src/rempart/portal/static"


def typed(platform: Platform, person: str = "alice", **changes: object) -> dict[str, Any]:
    """Return what the page sends for a card typed by hand."""
    question = platform.question(person, **changes)
    for name in ("professional", "site", "card_secret"):
        if name not in changes:
            del question[name]
    return question


@pytest.mark.parametrize(
    "written",
    ["01021950", "01/02/1950", "1/2/1950", "01.02.1950", "01-02-1950", "1 2 1950", "01 02 19 50",
     "1950-02-01", " 01\u00a002\u00a01950 ", "０１０２１９５０", "01–02–1950"],
)  # fmt: skip
def test_a_date_as_people_write_it(written: str) -> None:
    assert read_date(written, "birth_date") == dt.date(1950, 2, 1)


@pytest.mark.parametrize(
    "written",
    ["010250", "1/2/50", "31021950", "32/01/1950", "01/13/1950", "19500201", "0102195", "010219500",
     "1 février 1950", "01/02/1950x", "-", "1/2", "00/02/1950", "01020000"],
)  # fmt: skip
def test_a_date_that_is_none(written: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_date(written, "care_date")
    assert caught.value.field == "care_date"
    assert written not in str(caught.value)


@pytest.mark.anyio
async def test_what_is_typed_loosely_is_the_same_person(alice: Visitor) -> None:
    platform = alice.platform
    strict = await alice.post(ASK, typed(platform), edge=True)
    assert strict.json()["outcome"] == "covered"
    loose = typed(
        platform,
        insurer=f" {INSURER[:2]} {INSURER[2:]}",
        member_number="-".join(NUMBERS["alice"].lower()),
        birth_date=f"{BORN:%d/%m/%Y}",
        birth_rank=" 1 ",
        care_date=f"{platform.today:%d%m%Y}",
    )
    again = await alice.post(ASK, loose, edge=True)
    # The same person on the same day: the unused engagement is found again.
    assert again.json()["engagement"] == strict.json()["engagement"]
    asked = one(platform.db.owner, "select count(*) as n from guard.met where holder = 2")
    assert asked["n"] == 1


@pytest.mark.anyio
async def test_a_scan_is_taken_for_one(alice: Visitor) -> None:
    platform = alice.platform
    scanned = typed(platform, "bob", evidence="scan", card_secret=SECRET)
    assert (await alice.post(ASK, scanned, edge=True)).json()["outcome"] == "covered"
    forged = typed(platform, "carol", evidence="scan", card_secret="ABCDEFGHJKMN2345")
    assert (await alice.post(ASK, forged, edge=True)).json()["outcome"] == "no_right_found"
    without = typed(platform, "bob", evidence="scan")
    assert_problem(await alice.post(ASK, without, edge=True), "card_secret_required", "card_secret")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "changes, code, field",
    [
        pytest.param({"insurer": " ", "member_number": ""}, "missing_field", "insurer", id="first"),
        pytest.param({"insurer": "12345678901"}, "bad_format", "insurer", id="insurer"),
        pytest.param({"member_number": "1*2"}, "bad_format", "member_number", id="number"),
        pytest.param(
            {"member_number": "1 85 05 19 004 001 81"}, "looks_like_nir", "member_number", id="nir"
        ),
        pytest.param({"birth_date": "31021985"}, "bad_date", "birth_date", id="born"),
        pytest.param({"birth_date": "01/01/1879"}, "bad_date", "birth_date", id="too old"),
        pytest.param({"birth_rank": "0"}, "bad_format", "birth_rank", id="rank"),
        pytest.param({"birth_rank": ""}, "missing_field", "birth_rank", id="no rank"),
        pytest.param({"domain": "X"}, "bad_format", "domain", id="no domain"),
        pytest.param({"domain": "OPTI"}, "domain_not_allowed", "domain", id="another's domain"),
        pytest.param({"care_date": ""}, "missing_field", "care_date", id="no care"),
        pytest.param(
            {"care_date": "01/01/2020"}, "care_date_out_of_window", "care_date", id="long ago"
        ),
    ],
)  # fmt: skip
async def test_the_first_field_at_fault_is_named(
    alice: Visitor, changes: dict[str, str], code: str, field: str
) -> None:
    platform = alice.platform
    assert (await alice.post(ASK, typed(platform), edge=True)).json()["outcome"] == "covered"
    refused = await alice.post(ASK, typed(platform, **changes), edge=True)
    assert_problem(refused, code, field)


@pytest.mark.anyio
async def test_only_the_page_that_asks_may_use_the_camera(alice: Visitor) -> None:
    pages = [row.path for row in routes.TABLE if row.path.startswith("/portal/") and row.for_portal]
    with_camera, with_wasm = set(), set()
    headers = {"Cookie": f"__Host-rempart={alice.cookie}"}
    for path in pages:
        answer = await alice.platform.edge.get(path, headers=headers)
        permissions = answer.headers["permissions-policy"]
        assert permissions in {PERMISSIONS, CAMERA_PERMISSIONS}
        if permissions == CAMERA_PERMISSIONS:
            with_camera.add(path)
        if "wasm-unsafe-eval" in answer.headers["content-security-policy"]:
            with_wasm.add(path)
    assert with_camera == with_wasm == {"/portal/ask"}
    assert len(pages) > 10


@pytest.mark.anyio
async def test_the_page_has_the_professions_domains_and_nobody(alice: Visitor) -> None:
    headers = {"Cookie": f"__Host-rempart={alice.cookie}"}
    page = (await alice.platform.edge.get("/portal/ask", headers=headers)).text
    assert '<input type="hidden" id="domain" name="domain" value="PHAR">' in page
    assert f"{alice.platform.today:%d/%m/%Y}" in page
    assert "<script>" not in page
    # The menu begins with it, so that a sign-in leads there.
    home = await alice.platform.edge.get("/portal", headers=headers)
    assert home.headers["location"] == "/portal/ask"


def test_what_reads_codes_is_as_published() -> None:
    folder = STATIC / "vendor/zxing-wasm"
    lines = [line.split() for line in (folder / "SHA256SUMS").read_text().splitlines()]
    sums = {name: due for due, name in lines}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there == {*sums, "SHA256SUMS"}
    for name, due in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == due
    assert {f"vendor/zxing-wasm/{name}" for name in sums if name != "LICENSE"} == set(READER)
    # The sums of version 3.1.4 on npm, so that file and list cannot be changed together unseen.
    assert sums["zxing_reader.wasm"] == (
        "e8af31edb56d0522f4de74495839385ef019ba8bc90d38e5ecb2f18795d86fb2"
    )
    assert sums["reader/index.js"] == (
        "d90c69a827aff3b7c8c8ca310efebe91671ef076f7a0ec83722bfc542814f484"
    )
    assert sums["share.js"] == "08868fb770b0a4e4b9eb3d717015cd5fbf3ceb06492d4cb2d2dd2739db11890f"
