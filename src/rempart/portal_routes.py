"""The portal's part of the URL table: its pages, and what they fetch. Not for software."""

from typing import Final

from rempart.api import (
    activity,
    authorizations,
    claims,
    colleagues,
    demonstration,
    devices,
    levels,
    passkeys,
    payments,
    sessions,
    touches,
)
from rempart.api import browser_guards as by
from rempart.api.quotes import quote_from_portal
from rempart.api.rights_questions import ask_from_portal
from rempart.edge.guarded import anyone
from rempart.portal import (
    account,
    ask,
    authorization,
    budgets,
    demo,
    enrol,
    locked,
    people,
    sign_in,
    site,
    status,
)
from rempart.portal import activity as activity_page
from rempart.portal import guards as portal_guards
from rempart.portal import payments as payments_page
from rempart.portal.assets import ASSETS, asset
from rempart.route import Route, fetched, pages

ON_EDGE: Final = (
    Route("edge", "GET", "/demo", "demo", anyone(demo.demo), for_portal=True),
    *pages([
        ("", "portal_home", portal_guards.cookie(account.home)),
        ("/sign-in", "portal_sign_in", anyone(sign_in.sign_in)),
        ("/signed-out", "portal_signed_out", anyone(sign_in.signed_out)),
        ("/locked", "portal_locked", locked.lock_screen()),
        ("/enrol", "portal_enrol", anyone(enrol.enrol)),
        ("/ask", "portal_ask", portal_guards.asking(ask.ask)),
        ("/authorization", "portal_authorization", portal_guards.asking(authorization.ask)),
        ("/payments", "portal_payments", portal_guards.cookie(payments_page.payments)),
        ("/account", "portal_account", portal_guards.cookie(account.account)),
        ("/people", "portal_people", portal_guards.cookie(people.people)),
        ("/activity", "portal_activity", portal_guards.cookie(activity_page.activity)),
        ("/closed", "portal_closed", portal_guards.asking(status.closed)),
        ("/site", "portal_site", portal_guards.cookie(site.site)),
        ("/budgets", "portal_budgets", portal_guards.cookie(budgets.budgets)),
        ("/theft", "portal_theft", portal_guards.cookie(demo.theft)),
        *((f"/static/{name}", "portal_asset", anyone(asset(name))) for name in ASSETS),
    ]),
    Route("edge", "GET", "/status", "status", anyone(status.status), for_portal=True),
    *fetched("edge", [
        ("rights-questions", "ask_from_portal", by.asking_session(ask_from_portal)),
        ("claims", "claim_from_portal", by.asking_session(claims.claim_from_portal)),
        (
            "claims/{claim}/cancellation", "cancel_from_portal",
            by.asking_session(claims.cancel_from_portal),
        ),
        ("quotes", "quote_from_portal", by.asking_session(quote_from_portal)),
        (
            "authorizations/cancellations", "withdraw_from_portal",
            by.asking_session(authorizations.withdraw_from_portal),
        ),
        ("payments", "list_payments", by.asking_session(payments.list_payments)),
        ("payments/look-up", "look_up_payment", by.asking_session(payments.look_up)),
        ("payments/paid", "list_paid", by.asking_session(payments.list_paid)),
        ("payments/notice", "open_notice", by.asking_session(payments.open_notice)),
        ("session", "use_session", by.asking_session(sessions.use_session)),
        ("activity", "list_activity", by.asking_session(activity.list_activity)),
        ("budgets", "show_levels", by.asking_session(levels.show_levels)),
        ("site/days", "count_days", by.asking_session(devices.count_days)),
        ("activity/receipt", "open_receipt", by.asking_session(activity.open_receipt)),
        ("theft", "steal_account", by.asking_session(demonstration.steal_account)),
        ("theft/watch", "watch_theft", by.asking_session(demonstration.watch_theft)),
    ]),
)  # fmt: skip
"""The pages, what they are made of, and what they fetch from the edge."""


AT_SIGN_IN: Final = (
    *fetched("signin", [
        ("challenge", "begin_sign_in", by.portal(sessions.begin_sign_in)),
        ("session", "sign_in", by.browser(sessions.sign_in)),
        ("session/lock", "lock_session", by.session(sessions.lock_session)),
        ("session/close", "close_session", by.session(sessions.close_session)),
        ("enrolment", "begin_enrolment", by.portal(passkeys.begin_enrolment)),
        ("passkey", "enrol_passkey", by.portal(passkeys.enrol_passkey)),
        ("another", "begin_another_passkey", by.session(passkeys.begin_another_passkey)),
        ("passkeys", "add_passkey", by.session(passkeys.add_passkey)),
        ("passkeys/revoke", "revoke_passkey", by.session(passkeys.revoke_passkey)),
        ("touch", "begin_touch", by.session(touches.begin_touch)),
        ("touch/passkey", "touch", by.session(touches.touch)),
        ("colleagues", "invite_colleague", by.session(colleagues.invite)),
        ("colleagues/leave", "leave_colleague", by.session(colleagues.leave)),
        ("colleagues/recover", "approve_recovery", by.session(colleagues.recover)),
        ("devices", "obtain_code", by.session(devices.obtain)),
        ("devices/revoke", "revoke_device", by.session(devices.revoke)),
        ("colleagues/unblock", "unblock_colleague", by.session(colleagues.unblock)),
    ]),
)  # fmt: skip
"""What the pages fetch from sign-in, which alone mints sessions."""
