"""Who asks: professionals, sites, accounts, software installations, tokens, proofs."""

from rempart.identity.dpop import Proof, ProofError, ProofFault, check_proof
from rempart.identity.nonce import NonceClock
from rempart.identity.proofs import ClientKey, ClientKeyError

__all__ = [
    "ClientKey",
    "ClientKeyError",
    "NonceClock",
    "Proof",
    "ProofError",
    "ProofFault",
    "check_proof",
]
