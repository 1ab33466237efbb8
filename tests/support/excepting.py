"""Sessions of the portal and touched passkeys, at the level of SQL: what sign-in leaves behind."""

import secrets
from typing import Any

from rempart.foundation.database import hexed
from tests.support.asking import Site, install_software, one

REASONS = ("card_missing", "card_unreadable", "patient_absent", "emergency")


def browser(site: Site) -> Site:
    """Sign the account in at a browser of its own, as a superuser would; the site, asked there."""
    owner, made = site.db.owner, install_software(site.db, site.site_id, [site.account_id])
    owner.execute(
        "insert into identity.colleague (account_id, user_handle, name, is_administrator,"
        " invited_at, last_seen_at) values (%s, %s, 'Alice Martin', true,"
        " clock_timestamp(), clock_timestamp()) on conflict do nothing",
        (site.account_id, secrets.token_bytes(32)),
    )
    passkey = one(
        owner,
        "insert into identity.passkey (account_id, credential_id, public_key, sign_count, label,"
        " is_synced, created_at) values (%s, %s, %s, 0, 'Comptoir', false, clock_timestamp())"
        " returning passkey_id",
        site.account_id,
        secrets.token_bytes(32),
        secrets.token_bytes(64),
    )["passkey_id"]
    owner.execute(
        "insert into identity.browser values (%s, %s)", (made.installation_id, site.account_id)
    )
    owner.execute(
        "insert into identity.session (token_hash, account_id, passkey_id, began_at, ends_at,"
        " used_at, network, device) select token_hash, %s, %s, minted_at,"
        " minted_at + interval '4 hours', minted_at, '', '' from identity.token"
        " where installation_id = %s",
        (site.account_id, passkey, made.installation_id),
    )
    # Its owner is there: a session without this instant is locked.
    owner.execute(
        "update identity.token set locks_at = 'infinity' where installation_id = %s",
        (made.installation_id,),
    )
    return site.at(made)


def touch(site: Site, question: dict[str, Any]) -> dict[str, Any]:
    """Note a touch for a question, as sign-in does once it has verified one; the question."""
    site.db.owner.execute(
        "insert into identity.touch (token_hash, challenge, digest, touched_at, expires_at)"
        " values (sha256(convert_to(%s, 'UTF8')), %s, %s, clock_timestamp(),"
        " clock_timestamp() + interval '2 minutes')"
        " on conflict (token_hash) do update set digest = excluded.digest,"
        " touched_at = excluded.touched_at, expires_at = excluded.expires_at",
        (question["token"], secrets.token_bytes(32), bytes.fromhex(question["digest"][2:])),
    )
    return question


def excepted(
    site: Site, person: str = "alice", reason: str = "card_missing", **changes: object
) -> dict[str, Any]:
    """Make a question under an exception; nothing is touched for it yet."""
    return site.question(person, **({"evidence": f"exception:{reason}"} | changes))


def use_up(site: Site, *kinds: int) -> None:
    """Leave none of the exceptions that these keys have (2 account, 3 professional, 4 site)."""
    site.db.owner.execute(
        "update guard.exception_budget set tat = guard.now() + burst * every where kind = any(%s)",
        (list(kinds),),
    )


def touches(site: Site) -> int:
    return int(one(site.db.owner, "select count(*) as n from identity.touch")["n"])


def hexed_digest() -> str:
    return hexed(secrets.token_bytes(32))
