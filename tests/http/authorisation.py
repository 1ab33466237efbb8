"""Who gets what at every address: the one table, for the test that tries it and for the document.

`python -m tests.http.authorisation > docs/authorisation.md` writes the page.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rempart.route import Route
from rempart.routes import TABLE

ROLES: Final = (
    "anonymous",
    "professional",
    "elsewhere",
    "administrator",
    "software",
    "insurer",
    "answering",
)
"""Nobody; the one whose things they are; an administrator of another site; his own; programs."""

YES: Final = "yes"


@dataclass(frozen=True)
class Line:
    """One route: what each role gets, in the order of `ROLES`: yes, or why not.

    ``ok`` is what yes looks like: a status, or a code that only who may can get (| is or).
    ``held`` is what whoever holds what the address asks for gets, whoever he is.
    """

    cells: tuple[str, str, str, str, str, str, str]
    ok: str = "200"
    held: str = ""


def _all(cell: str, **more: str) -> Line:
    return Line((cell, cell, cell, cell, cell, cell, cell), **more)


def _people(who: str, others: str = "session_over", **more: str) -> Line:
    """Everybody with a session, for what is his own; or what each of the three gets instead."""
    cells = who.split()
    own, elsewhere, administrator = cells if len(cells) == 3 else cells * 3
    return Line((others, own, elsewhere, administrator, others, others, others), **more)


_DEAD: Final = "invalid_token"
_FEEDS: Final = ("token_required", _DEAD, _DEAD, _DEAD, _DEAD, YES, _DEAD)
_ANSWERS: Final = ("token_required", _DEAD, _DEAD, _DEAD, _DEAD, _DEAD, YES)
_NOT_LINKED: Final = "professional_not_linked"
_BILLED: Final = "200|engagement_used"
_AGREED: Final = ("token_required", YES, "authorization_unknown", YES, YES, _DEAD, _DEAD)
_NO_KEY: Final = "invalid_client"
_PAGE: Final = "to /portal/sign-in"

LINES: Final[dict[str, Line]] = {
    # The interface for software.
    "ask_rights": Line(
        ("token_required", _NOT_LINKED, _NOT_LINKED, _NOT_LINKED, YES, _DEAD, _DEAD),
    ),
    "ask_quote": Line(
        ("token_required", _NOT_LINKED, _NOT_LINKED, _NOT_LINKED, YES, _DEAD, _DEAD),
    ),
    # Guarantees and claims are the site's: whoever works there bills.
    "claim": Line(
        ("token_required", YES, "engagement_unknown", YES, YES, _DEAD, _DEAD), ok=_BILLED
    ),
    "read_claim": Line(("token_required", YES, "claim_unknown", YES, YES, _DEAD, _DEAD)),
    "cancel_claim": Line(("token_required", YES, "claim_unknown", YES, YES, _DEAD, _DEAD)),
    # What its site was paid.
    "list_remittances": Line(("token_required", YES, YES, YES, YES, _DEAD, _DEAD)),
    "list_earlier_remittances": Line(
        ("token_required", YES, "remittance_unknown", YES, YES, _DEAD, _DEAD)
    ),
    "read_remittance": Line(("token_required", YES, "remittance_unknown", YES, YES, _DEAD, _DEAD)),
    "read_authorization": Line(_AGREED),
    "cancel_authorization": Line(_AGREED),
    "receipt_keys": _all(YES),
    "create_token": Line((_NO_KEY, _NO_KEY, _NO_KEY, _NO_KEY, YES, YES, YES)),
    "enrol_installation": _all("code_not_valid", held="201"),
    "send_feed": Line(_FEEDS),
    "report_feed": Line(_FEEDS),
    "confirm_feed": Line(_FEEDS, ok="nothing_to_confirm"),
    "list_received": Line(_ANSWERS),
    "read_received": Line(_ANSWERS),
    "answer_claims": Line(_ANSWERS),
    # Pages: by the cookie alone.
    "portal_home": _people(YES, _PAGE, ok="to-first-page"),
    "portal_ask": _people(YES, _PAGE),
    "portal_account": _people(YES, _PAGE),
    "portal_activity": _people(YES, _PAGE),
    "portal_payments": _people(YES, _PAGE),
    # For whom an insurer agrees first: everybody in this table is a pharmacist.
    "portal_authorization": _people("to-first-page", _PAGE),
    "portal_budgets": _people(YES, _PAGE),
    "portal_people": _people("to-first-page yes yes", _PAGE),
    "portal_site": _people("to-first-page yes yes", _PAGE),
    "portal_closed": _people(YES, _PAGE),
    "status": _all(YES),
    "portal_sign_in": _all(YES),
    "portal_signed_out": _all(YES),
    "portal_locked": _people(YES, _PAGE),
    "portal_enrol": _all(YES),
    "portal_asset": _all(YES),
    # On a demonstration alone, which the database here is not (tests/portal/test_demonstration.py).
    "demo": _all("not_found"),
    "portal_theft": _people("not_found", _PAGE),
    "steal_account": _people("not_found"),
    "watch_theft": _people("not_found"),
    # What pages fetch: with a proof by the browser's key. What is named is the professional's.
    "ask_from_portal": _people("yes professional_not_linked professional_not_linked"),
    "claim_from_portal": _people("yes engagement_unknown yes", ok=_BILLED),
    "quote_from_portal": _people("yes professional_not_linked professional_not_linked"),
    "withdraw_from_portal": _people("yes authorization_unknown yes"),
    "cancel_from_portal": _people("yes claim_unknown yes"),
    "list_payments": _people(YES),
    "look_up_payment": _people("yes engagement_unknown yes"),
    "list_paid": _people("yes remittance_unknown yes"),
    "open_notice": _people("yes remittance_unknown yes"),
    "use_session": _people(YES, ok="204"),
    "list_activity": _people(YES),
    "show_levels": _people(YES),
    "open_receipt": _people("yes not_yours not_yours"),
    "begin_sign_in": _all(YES),
    "sign_in": _all("passkey_refused", held="200"),
    "begin_enrolment": _all("invitation_not_valid", held="200"),
    "enrol_passkey": _all("invitation_not_valid", held="204"),
    "begin_another_passkey": _people(YES),
    "add_passkey": _people("yes ceremony_over ceremony_over", ok="204"),
    "revoke_passkey": _people("yes not_yours not_yours", ok="204"),
    "touch": _people("yes ceremony_over ceremony_over"),
    "begin_touch": _people(YES),
    "close_session": _people("yes not_yours not_yours", ok="204"),
    "invite_colleague": _people("not_administrator yes yes", ok="201"),
    "unblock_colleague": _people("not_administrator not_yours yes", ok="204"),
    "approve_recovery": _people("not_administrator not_yours yes", ok="201"),
    "count_days": _people("not_administrator yes yes"),
    "obtain_code": _people("not_administrator not_yours yes", ok="201"),
    # Documents and probes.
    "openapi": _all(YES),
    "reader": _all(YES),
    "reader_style": _all(YES),
    "healthz": _all(YES),
    "readyz": _all(YES, ok="200|503"),
    "metrics": _all("loopback_only", held="200"),
    # What ends access.
    "leave_colleague": _people("not_administrator not_yours yes", ok="204"),
    "revoke_device": _people("not_administrator not_yours yes", ok="204"),
    "lock_session": _people(YES, ok="204"),
}
"""By the route's name. The order is that of the test: what ends access comes last."""


def tried() -> Iterator[tuple[Route, Line]]:
    """Walk every route with its line, in the table's order; a `KeyError` names one without."""
    missing = {route.name for route in TABLE} - LINES.keys()
    if missing:
        raise KeyError(f"no line says who may call {sorted(missing)}")
    for name, line in LINES.items():
        for route in TABLE:
            if route.name == name:
                yield route, line


_HEAD: Final = """\
# Who may call what

<!-- Made by tests/http/authorisation.py: change that, and run it. -->

Every address, and what each role gets there. A test asks all of it: each role shows all that it
has (its token as a cookie and in `Authorization`, a proof by its own key over this very request,
the portal's origin), and names what is **the professional's**: his question, his receipt, his
passkey, his session, a guarantee or a colleague of his site. So `not_yours` and
`not_administrator` refuse somebody who is signed in. A route without a line fails the test.

| role | who that is |
|---|---|
| anonymous | nobody: a browser's key of his own, no session, no token |
| professional | somebody of the site, signed in, no administrator; what is named is his |
| elsewhere | the administrator of another site, signed in |
| administrator | the administrator of the professional's site, signed in |
| software | an installation of that site, with a live token of scope `rights` |
| insurer | an insurer's installation, with a live token of scope `feeds` |
| answering | an installation of the same insurer, with a live token of scope `claims` |

**✓** is *yes*; anything else is the code of the refusal ([errors](errors.md)) or where the browser
is led. *Held* is what somebody gets who shows what the address asks for, whoever he is: a one-time
code, an invitation's two codes, a touched passkey; for `/metrics`, the machine that serves.

Officers and the operator's desk have no address here: they work by commands, as database roles of
their own, and what each role may execute is in `src/rempart/database/grants.sql`.

"""

_SAID: Final = {_PAGE: "to the sign-in", "to-first-page": "to the first page"}


def render_page() -> str:
    """Return the whole of docs/authorisation.md."""
    rows = ["| address | " + " | ".join(ROLES) + " | held |", "|---|" + "---|" * (len(ROLES) + 1)]
    seen: set[str] = set()
    for route, line in tried():
        path = "/portal/static/…" if route.name == "portal_asset" else route.path
        where = f"`{route.method} {path}`"
        if where in seen:
            continue  # the same probe of another process, or another file
        seen.add(where)
        cells = ["✓" if cell == YES else _SAID.get(cell, f"`{cell}`") for cell in line.cells]
        rows.append(f"| {where} | " + " | ".join(cells) + f" | {'✓' if line.held else ''} |")
    return _HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render_page())
