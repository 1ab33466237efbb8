"""Every address and every role, allowed and denied from one set-up; none is without a line."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from rempart.portal.menu import MENU
from tests.http.authorisation import LINES, ROLES, YES, tried
from tests.http.callers import Caller
from tests.http.everybody import Everybody, of, opened
from tests.http.platform import (
    EDGE,
    Platform,
)
from tests.support.authenticator import Authenticator

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
async def everybody(platform: Platform, tmp_path: Path) -> AsyncIterator[Everybody]:
    async with opened(platform, tmp_path) as found:
        yield found


def told(response: httpx.Response) -> str:
    """Return what came back, in the words of the table."""
    if response.status_code == 303:
        where = response.headers["location"]
        return "to-first-page" if where == MENU[0].path else f"to {where}"
    if response.status_code >= 400:
        said = response.json()
        return str(said.get("code") or said.get("error") or response.status_code)
    return str(response.status_code)


def is_yes(each: tuple[str, str]) -> bool:
    return each[1] == YES


async def test_every_role_gets_at_every_address_what_the_table_says(everybody: Everybody) -> None:
    wrong = []
    for route, expected in tried():
        # Who is refused comes first: what is named is still there for whoever is not.
        cells = zip(ROLES, expected.cells, strict=True)
        for role, cell in sorted(cells, key=is_yes):
            who = everybody.callers[role]
            message, headers = everybody.message(route.name, who)
            found = told(await everybody.call(route, who, message, headers))
            if found not in (expected.ok.split("|") if cell == YES else [cell]):
                wrong.append((route.method, route.path, role, cell, found))
    assert wrong == [], "\n".join(map(repr, wrong))


async def test_whoever_holds_what_an_address_asks_for_gets_it(
    everybody: Everybody, platform: Platform
) -> None:
    """From the same set-up: a code, an invitation, a touched passkey, this machine."""
    held = everybody.named["held"]
    codes = {"link": held["invited"].link, "second": held["invited"].second}
    begun_ = await everybody.call(of("begin_enrolment"), Caller(), codes)
    made = codes | {"credential": Authenticator(EDGE).make(begun_.json()), "label": "x"}
    challenge = await everybody.call(of("begin_sign_in"), Caller(), {})
    touched = {"credential": everybody.bob.device.touch(challenge.json())}
    found = {
        "begin_enrolment": begun_,
        "enrol_passkey": await everybody.call(of("enrol_passkey"), Caller(), made),
        "sign_in": await everybody.call(of("sign_in"), Caller(), touched),
        "enrol_installation": await everybody.call(
            of("enrol_installation"), Caller(), {"code": held["link"]}
        ),
        "metrics": await platform.edge.get("/metrics"),
    }
    assert {name: told(answer) for name, answer in found.items()} == {
        name: each.held for name, each in LINES.items() if each.held
    }
