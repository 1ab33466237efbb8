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
from rempart.identity.nonce import NonceClock
from rempart.identity.proofs import ClientKey, ClientKeyError
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
    "INSTALLATIONS_PATH",
    "TOKEN_PATH",
    "Account",
    "ClientKey",
    "ClientKeyError",
    "DeskRefusal",
    "Enrolled",
    "EnrolmentCode",
    "EnrolmentRefusal",
    "Installation",
    "MintedToken",
    "NonceClock",
    "Proof",
    "ProofError",
    "ProofFault",
    "SignIn",
    "TokenRefusal",
    "add_professional",
    "add_site",
    "check_proof",
    "close_account",
    "issue_code",
    "link_account",
    "list_installations",
    "open_account",
    "read_rpps",
    "read_site",
    "revoke_installation",
    "sweep",
]
