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
from rempart.identity.nonce import NonceClock
from rempart.identity.people import (
    Invited,
    invite_administrator,
    invite_colleague,
    leave_colleague,
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
    "Session",
    "Sessions",
    "SignIn",
    "TokenRefusal",
    "add_professional",
    "add_site",
    "check_proof",
    "close_account",
    "invite_administrator",
    "invite_colleague",
    "issue_code",
    "leave_colleague",
    "link_account",
    "list_installations",
    "open_account",
    "read_rpps",
    "read_site",
    "revoke_installation",
    "sweep",
]
