"""What messages name when every role tries every address: the professional's own things."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from tests.http.platform import (
    EDGE,
    SITE,
    Platform,
)
from tests.portal.visitor import IN, Visitor
from tests.registry.feeds import HEADER, line, prepare
from tests.support.asking import INSURER, one
from tests.support.authenticator import Authenticator

BOB, ZOE = "10000000025", "10000000033"
"""The professional whose things they are; a colleague of his, whom steps about people name."""


def feed_of(folder: Path) -> dict[str, Any]:
    """Prepare a feed of one line, and how it is sent."""
    attempt = prepare(folder, line(), header=HEADER, amc=INSURER)
    content = attempt.out.read_bytes()
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Range": f"bytes 0-{len(content) - 1}/{len(content)}",
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    return {"send_feed": content, "feed_headers": headers}


async def things(platform: Platform, bob: Visitor) -> dict[str, Any]:
    """Return what messages name by route: the professional's own, and a colleague of his site."""
    question = platform.question(professional=BOB, site=SITE)
    asked = await bob.post("/v1/portal/rights-questions", question, edge=True)
    assert asked.json()["outcome"] == "covered", asked.text
    day = platform.today.isoformat()
    days = {"first_day": day, "last_day": day}
    listed = (await bob.post("/v1/portal/activity", days, edge=True)).json()["entries"][0]
    phone = {"credential": Authenticator(EDGE).make(await begun(bob)), "label": "Téléphone"}
    assert (await bob.post(IN + "passkeys", phone)).status_code == 204
    other = Visitor(platform, bob.device)
    assert (await other.sign_in()).status_code == 200
    owner = platform.db.owner
    passkey = one(owner, "select passkey_no from identity.passkey where label = 'Téléphone'")
    session = one(owner, "select session_no from identity.session order by began_at desc limit 1")
    options = (await bob.post(IN + "touch", {"digest": "00" * 32})).json()
    codes = {"link": "0" * 20, "second": "0" * 8}
    return {
        "enrol_installation": {"code": "0" * 20},
        "list_activity": days,
        "open_receipt": {"at": listed["at"], "entry": listed["entry"]},
        "sign_in": {"credential": "{}"},
        "begin_enrolment": codes,
        "confirm_feed": b"",
        "enrol_passkey": codes
        | {"credential": Authenticator(EDGE).make(await begun(bob)), "label": "x"},
        "add_passkey": {"credential": Authenticator(EDGE).make(await begun(bob)), "label": "x"},
        "revoke_passkey": {"passkey": str(passkey["passkey_no"])},
        "begin_touch": {"digest": "00" * 32},
        "touch": {"credential": bob.device.touch(options)},
        "close_session": {"session": str(session["session_no"])},
        "obtain_code": {"vendor": "essai", "professionals": BOB},
        "revoke_device": {"client_id": platform.client_id},
        "unblock_colleague": {"professional": ZOE},
        "approve_recovery": {"professional": ZOE},
        "leave_colleague": {"professional": ZOE},
    }


async def begun(bob: Visitor) -> dict[str, Any]:
    """Begin one more passkey; the options."""
    options: dict[str, Any] = (await bob.post(IN + "another", {})).json()
    return options
