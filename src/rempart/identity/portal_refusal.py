"""Why a step of the portal is refused, in one list, and what the database says in its words."""

from enum import StrEnum

from rempart.foundation.database import Row


class PortalRefusal(StrEnum):
    """Why a step of the portal was refused. The codes are those of errors over HTTP."""

    PASSKEY = "passkey_refused"
    IDLE = "account_idle"
    CEREMONY = "ceremony_over"
    PROOF_REPEATED = "proof_repeated"
    KEY = "key_already_enrolled"
    INVITATION = "invitation_not_valid"
    PASSKEY_KNOWN = "passkey_known"
    SOFTWARE_KEY = "software_key_refused"
    TOO_MANY = "too_many_passkeys"
    LAST_PASSKEY = "last_passkey"
    LABEL = "label_not_valid"
    SESSION = "session_over"
    LOCKED = "session_locked"
    SIGN_IN_AGAIN = "sign_in_again"
    NOT_ADMINISTRATOR = "not_administrator"
    STOPPED = "account_stopped"
    NOT_YOURS = "not_yours"
    PROFESSIONAL = "professional_unknown"
    NAME = "name_not_valid"
    HAS_PASSKEY = "has_a_passkey"
    LAST_ADMINISTRATOR = "last_administrator"
    NOT_ONESELF = "not_oneself"
    NOT_BLOCKED = "not_blocked"
    TOO_MANY_CODES = "too_many_codes"


_BY_THE_DATABASE = {
    "passkey_unknown": PortalRefusal.PASSKEY,
    "passkey_copied": PortalRefusal.PASSKEY,
    "challenge_over": PortalRefusal.CEREMONY,
    "session_ended": PortalRefusal.SESSION,
    "session_unknown": PortalRefusal.NOT_YOURS,
    "account_unknown": PortalRefusal.NOT_YOURS,
    "installation_unknown": PortalRefusal.NOT_YOURS,
}


def refusal(row: Row) -> PortalRefusal | None:
    """Return what a function of the database refused, in the portal's words."""
    because = row["refused_because"]
    if because is None:
        return None
    return _BY_THE_DATABASE.get(because) or PortalRefusal(because)
