"""Who asks: professionals, sites, accounts, software installations, tokens, proofs."""

from rempart.identity.dpop import Proof, ProofError, ProofFault, check_proof
from rempart.identity.enrolment import (
    Account,
    DeskRefusal,
    EnrolmentCode,
    Installation,
    add_professional,
    add_site,
    close_account,
    issue_code,
    link_account,
    list_installations,
    open_account,
    revoke_installation,
)
from rempart.identity.identifiers import read_rpps, read_site
from rempart.identity.invitations import Codes
from rempart.identity.letters import Letter, LetterError, list_letters, take_letter
from rempart.identity.nonce import NonceClock
from rempart.identity.people import (
    Invited,
    Recovery,
    approve_recovery,
    invite_administrator,
    invite_colleague,
    leave_colleague,
    recover_administrator,
    unblock_colleague,
)
from rempart.identity.portal_signin import (
    ADDRESSES,
    Caller,
    OpenedSession,
    PortalRefusal,
    PortalSignIn,
    Proved,
)
from rempart.identity.proofs import ClientKey, ClientKeyError
from rempart.identity.sessions import (
    ListedColleague,
    ListedPasskey,
    ListedSession,
    Session,
    Sessions,
)
from rempart.identity.signin import (
    INSTALLATIONS_PATH,
    TOKEN_PATH,
    Enrolled,
    EnrolmentRefusal,
    MintedToken,
    SignIn,
    TokenRefusal,
)
from rempart.identity.sweep import sweep

__all__ = [
    "ADDRESSES",
    "INSTALLATIONS_PATH",
    "TOKEN_PATH",
    "Account",
    "Caller",
    "ClientKey",
    "ClientKeyError",
    "Codes",
    "DeskRefusal",
    "Enrolled",
    "EnrolmentCode",
    "EnrolmentRefusal",
    "Installation",
    "Invited",
    "Letter",
    "LetterError",
    "ListedColleague",
    "ListedPasskey",
    "ListedSession",
    "MintedToken",
    "NonceClock",
    "OpenedSession",
    "PortalRefusal",
    "PortalSignIn",
    "Proof",
    "ProofError",
    "ProofFault",
    "Proved",
    "Recovery",
    "Session",
    "Sessions",
    "SignIn",
    "TokenRefusal",
    "add_professional",
    "add_site",
    "approve_recovery",
    "check_proof",
    "close_account",
    "invite_administrator",
    "invite_colleague",
    "issue_code",
    "leave_colleague",
    "link_account",
    "list_installations",
    "list_letters",
    "open_account",
    "read_rpps",
    "read_site",
    "recover_administrator",
    "revoke_installation",
    "sweep",
    "take_letter",
    "unblock_colleague",
]
