"""Opens the sealed messages of lines.json with a program that shares no line with Rempart's own.

Usage: python vectors/check_lines.py [FILE]. Written from docs/lines.md, RFC 9180 and the X-Wing
draft, out of their parts: ML-KEM-768, X25519, SHA3-256, HMAC-SHA-256 and AES-256-GCM.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SUITE = b"HPKE" + (0x647A).to_bytes(2, "big") + (1).to_bytes(2, "big") + (2).to_bytes(2, "big")


def extract(salt: bytes, label: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + SUITE + label + secret, "sha256")


def expand(key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    told = length.to_bytes(2, "big") + b"HPKE-v1" + SUITE + label + info
    return hmac.digest(key, told + b"\x01", "sha256")[:length]


def x_wing(private: bytes, encapsulated: bytes) -> bytes:
    lattice, curve = encapsulated[:1088], encapsulated[1088:]
    from_lattice = MLKEM768PrivateKey.from_seed_bytes(private[:64]).decapsulate(lattice)
    own = X25519PrivateKey.from_private_bytes(private[64:])
    from_curve = own.exchange(X25519PublicKey.from_public_bytes(curve))
    public = own.public_key().public_bytes_raw()
    return hashlib.sha3_256(from_lattice + from_curve + curve + public + b"\\.//^\\").digest()


def opened(private: bytes, info: bytes, message: bytes) -> bytes:
    shared = x_wing(private, message[:1120])
    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    key, nonce = expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, message[1120:], b"")


def read(plain: bytes) -> tuple[str, list[dict[str, object]]]:
    lines = []
    for place in range(plain[1]):
        at = 12 + 34 * place
        line: dict[str, object] = {"category": plain[at : at + 20].rstrip(b"\x00").decode("ascii")}
        for name, start, end in (
            ("quantity", 20, 22),
            ("price_cents", 22, 26),
            ("base_cents", 26, 30),
            ("obligatory_cents", 30, 34),
        ):
            line[name] = int.from_bytes(plain[at + start : at + end], "big")
        lines.append(line)
    return plain[2:12].decode("ascii"), lines


def holds(case: dict[str, str]) -> bool:
    public, claim = bytes.fromhex(case["public"]), case["claim"]
    key = hashlib.sha256(public).hexdigest()
    info = f"rempart/seal/v1/claim-lines/{case['insurer']}/{claim}/{key}".encode()
    try:
        plain = opened(bytes.fromhex(case["private"]), info, bytes.fromhex(case["sealed"]))
    except (InvalidTag, ValueError):
        return False
    rest = plain[12 + 34 * plain[1] :]
    return (
        case["key"] == key
        and len(plain) == 1372
        and plain[0] == 1
        and rest == bytes(len(rest))
        and read(plain) == (case["made_on"], case["lines"])
    )


def main() -> int:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("lines.json")
    cases = json.loads(file.read_text(encoding="utf-8"))["cases"]
    good = sum(holds(case) for case in cases)
    sys.stdout.write(f"{good} of {len(cases)} hold\n")
    return 0 if cases and good == len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
