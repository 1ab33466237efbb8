"""DPoP proofs, honest and forged: what test_dpop.py shows to the check."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rempart.identity import ClientKey, NonceClock, ProofFault
from rempart.identity import dpop as dpop_module
from rempart.identity.compact import encode

ORIGIN = "https://rempart.example.org"
URL = ORIGIN + "/v1/rights-questions"
BODY = b'{"member_number":"invented"}'
TOKEN = "t" * 43
KEY = ClientKey.generate()
OTHER = ClientKey.generate()
NOW = 1_800_000_000.0
NONCES = NonceClock(b"k" * 32, clock=lambda: NOW)

Parts = dict[str, Any]


def header(**changes: object) -> Parts:
    return {"typ": "dpop+jwt", "alg": "ES256", "jwk": KEY.jwk} | changes


def claims(**changes: object) -> Parts:
    given = {
        "htm": "POST",
        "htu": URL,
        "jti": "0123456789abcdef",
        "iat": 1,
        "bsh": digest(BODY),
        "ath": digest(TOKEN.encode()),
        "nonce": NONCES.current(),
    } | changes
    return {name: value for name, value in given.items() if value is not ...}


def digest(value: bytes) -> str:
    return encode(hashlib.sha256(value).digest())


def dumped(value: object) -> bytes:
    return json.dumps(value).encode()


def headed(**changes: object) -> str:
    return KEY.sign(header(**changes), claims())


def keyed(changes: Parts) -> str:
    return headed(jwk=KEY.jwk | changes)


def bent(**changes: object) -> str:
    return KEY.sign(header(), claims(**changes))


def with_claims(other: Parts) -> str:
    """Keep the signature of other claims."""
    first, _, last = good().split(".")
    return f"{first}.{encode(dumped(other))}.{last}"


def in_der() -> bytes:
    return KEY.private_key.sign(good().rpartition(".")[0].encode(), dpop_module._ES256)


def raw(header_bytes: bytes, claims_bytes: bytes, key: ClientKey = KEY) -> str:
    """Sign any bytes, JSON or not."""
    signed = f"{encode(header_bytes)}.{encode(claims_bytes)}"
    r, s = decode_dss_signature(key.private_key.sign(signed.encode(), dpop_module._ES256))
    return f"{signed}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def good() -> str:
    return KEY.sign(header(), claims())


def with_signature(signature: bytes) -> str:
    return f"{good().rpartition('.')[0]}.{encode(signature)}"


def signature() -> bytes:
    text = good().rpartition(".")[2]
    return base64.urlsafe_b64decode(text + "==")


def hs256_with_the_public_key() -> str:
    secret = KEY.private_key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    parts = [json.dumps(header(alg="HS256")).encode(), json.dumps(claims()).encode()]
    signed = ".".join(encode(part) for part in parts)
    return f"{signed}.{encode(hmac.digest(secret, signed.encode(), 'sha256'))}"


def unsigned() -> str:
    parts = [json.dumps(header(alg="none")).encode(), json.dumps(claims()).encode()]
    return ".".join(encode(part) for part in parts) + "."


def twice(member: str, text: bytes) -> bytes:
    """Repeat one member of a JSON object, with another value first."""
    return b'{"' + member.encode() + b'":"POST",' + text[1:]


def p384_key() -> Parts:
    numbers = generate_private_key(SECP384R1()).public_key().public_numbers()
    return {
        "crv": "P-384",
        "kty": "EC",
        "x": encode(numbers.x.to_bytes(48, "big")),
        "y": encode(numbers.y.to_bytes(48, "big")),
    }


def off_the_curve() -> Parts:
    return KEY.jwk | {"y": encode(b"\x01" * 32)}


def stray_bits(text: str) -> str:
    """Spell the last character another way: lax decoders read the same bytes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]


HEADER = dumped(header())
HALF_A_CHARACTER = dumped(claims()).replace(b"0123456789abcdef", b"\\ud800aaaaaaaaaaaaaaa")

F = ProofFault
FORGERIES: list[tuple[str, Callable[[], str], ProofFault]] = [
    # The envelope.
    ("empty", lambda: "", F.MALFORMED),
    ("two parts", lambda: good().rpartition(".")[0], F.MALFORMED),
    ("four parts", lambda: good() + ".AAAA", F.MALFORMED),
    ("not base64url", lambda: "!" + good()[1:], F.MALFORMED),
    ("padded", lambda: good() + "==", F.MALFORMED),
    ("plain base64 alphabet", lambda: good()[:-2] + "+/", F.MALFORMED),
    ("blank inside", lambda: good()[:10] + " " + good()[10:], F.MALFORMED),
    ("line end inside", lambda: good() + "\n", F.MALFORMED),
    ("outside ASCII", lambda: good() + "é", F.MALFORMED),
    ("signature spelt another way", lambda: stray_bits(good()), F.MALFORMED),
    ("too long", lambda: bent(htu=URL + "?" + "a" * 4000), F.MALFORMED),
    ("header no object", lambda: raw(b"[]", dumped(claims())), F.MALFORMED),
    ("header no JSON", lambda: raw(b"{", dumped(claims())), F.MALFORMED),
    ("claims no object", lambda: raw(HEADER, b'"x"'), F.MALFORMED),
    ("deep", lambda: raw(b"[" * 1500, dumped(claims())), F.MALFORMED),
    ("not UTF-8", lambda: raw(b'{"typ":"\xff"}', dumped(claims())), F.MALFORMED),
    ("UTF-16", lambda: raw(HEADER.decode().encode("utf-16"), b"{}"), F.MALFORMED),
    ("byte order mark", lambda: raw(b"\xef\xbb\xbf" + HEADER, b"{}"), F.MALFORMED),
    (
        "member twice in the claims",
        lambda: raw(
            json.dumps(header()).encode(), twice("htm", json.dumps(claims(htm="GET")).encode())
        ),
        F.MALFORMED,
    ),
    (
        "member twice in the header",
        lambda: raw(
            twice("alg", json.dumps(header()).encode()), json.dumps(claims()).encode()
        ),
        F.MALFORMED,
    ),
    (
        "member twice in the key",
        lambda: raw(
            json.dumps(header()).replace('"jwk": {', '"jwk": {"x": "A", ').encode(),
            json.dumps(claims()).encode(),
        ),
        F.MALFORMED,
    ),
    ("NaN", lambda: raw(HEADER, dumped(claims(iat=float("nan")))), F.MALFORMED),
    # The header.
    ("alg none", unsigned, F.ALGORITHM),
    ("alg none, signed", lambda: headed(alg="none"), F.ALGORITHM),
    ("alg HS256 with the public key", hs256_with_the_public_key, F.ALGORITHM),
    ("alg es256", lambda: headed(alg="es256"), F.ALGORITHM),
    ("alg ES384", lambda: headed(alg="ES384"), F.ALGORITHM),
    ("alg missing", lambda: KEY.sign({"typ": "dpop+jwt", "jwk": KEY.jwk}, claims()), F.MALFORMED),
    ("typ JWT", lambda: headed(typ="JWT"), F.ALGORITHM),
    ("typ in capitals", lambda: headed(typ="DPOP+JWT"), F.ALGORITHM),
    ("typ null", lambda: headed(typ=None), F.MALFORMED),
    ("crit", lambda: headed(crit=["b64"], b64=False), F.MALFORMED),
    ("key by reference", lambda: headed(jku="https://evil.example/keys"), F.MALFORMED),
    ("key by certificate", lambda: headed(x5c=["AAAA"]), F.MALFORMED),
    # The key.
    ("private key inside", lambda: keyed({"d": encode(b"1" * 32)}), F.KEY),
    ("no key", lambda: KEY.sign({"typ": "dpop+jwt", "alg": "ES256"}, claims()), F.MALFORMED),
    ("key null", lambda: headed(jwk=None), F.MALFORMED),
    ("symmetric key", lambda: headed(jwk={"kty": "oct", "k": "AAAA"}), F.KEY),
    ("P-384 key", lambda: headed(jwk=p384_key()), F.KEY),
    ("secp256k1 named", lambda: keyed({"crv": "secp256k1"}), F.KEY),
    ("kty OKP", lambda: keyed({"kty": "OKP"}), F.KEY),
    ("point off the curve", lambda: headed(jwk=off_the_curve()), F.KEY),
    ("point at zero", lambda: keyed({"x": "A" * 43, "y": "A" * 43}), F.KEY),
    ("short coordinate", lambda: keyed({"x": encode(b"1" * 31)}), F.KEY),
    ("coordinate spelt another way", lambda: keyed({"x": stray_bits(KEY.jwk["x"])}), F.KEY),
    # The signature.
    ("another's key named", lambda: headed(jwk=OTHER.jwk), F.SIGNATURE),
    ("claims changed after", lambda: with_claims(claims(iat=2)), F.SIGNATURE),
    ("signature empty", lambda: with_signature(b""), F.SIGNATURE),
    ("signature all zero", lambda: with_signature(b"\0" * 64), F.SIGNATURE),
    ("signature r zero", lambda: with_signature(b"\0" * 32 + signature()[32:]), F.SIGNATURE),
    ("signature too short", lambda: with_signature(signature()[:63]), F.SIGNATURE),
    ("signature too long", lambda: with_signature(signature() + b"\0"), F.SIGNATURE),
    ("signature in DER", lambda: with_signature(in_der()), F.SIGNATURE),
    ("signature past the order", lambda: with_signature(b"\xff" * 64), F.SIGNATURE),
    # What it is for.
    ("another method", lambda: bent(htm="GET"), F.ADDRESS),
    ("method in small letters", lambda: bent(htm="post"), F.MALFORMED),
    ("another path", lambda: bent(htu=ORIGIN + "/v1/token"), F.ADDRESS),
    ("another host", lambda: bent(htu=URL.replace("rempart", "evil")), F.ADDRESS),
    ("another port", lambda: bent(htu=URL.replace(".org", ".org:8443")), F.ADDRESS),
    ("another scheme", lambda: bent(htu=URL.replace("https", "http")), F.ADDRESS),
    ("no scheme", lambda: bent(htu="/v1/rights-questions"), F.ADDRESS),
    ("user name", lambda: bent(htu=URL.replace("//", "//me@")), F.ADDRESS),
    ("backslash", lambda: bent(htu=URL.replace("//", "\\\\")), F.ADDRESS),
    ("bad port", lambda: bent(htu=URL.replace(".org", ".org:x")), F.ADDRESS),
    ("bad host", lambda: bent(htu="https://[rempart/v1"), F.ADDRESS),
    ("path in capitals", lambda: bent(htu=URL.upper()), F.ADDRESS),
    ("path with a slash more", lambda: bent(htu=URL + "/"), F.ADDRESS),
    ("blank in the address", lambda: bent(htu=URL + "\n"), F.MALFORMED),
    ("another body", lambda: bent(bsh=digest(BODY + b" ")), F.BODY),
    ("no body claim", lambda: bent(bsh=...), F.MALFORMED),
    ("another token", lambda: bent(ath=digest(b"u" * 43)), F.TOKEN),
    ("no token claim", lambda: bent(ath=...), F.TOKEN),
    ("no nonce", lambda: bent(nonce=...), F.NONCE),
    ("invented nonce", lambda: bent(nonce="A" * 22), F.NONCE),
    ("nonce no text", lambda: bent(nonce=1), F.MALFORMED),
    ("no jti", lambda: bent(jti=...), F.MALFORMED),
    ("jti short", lambda: bent(jti="a" * 15), F.MALFORMED),
    ("jti long", lambda: bent(jti="a" * 65), F.MALFORMED),
    ("jti with a line end", lambda: bent(jti="a" * 16 + "\n"), F.MALFORMED),
    ("jti with a NUL", lambda: bent(jti="a" * 16 + "\0"), F.MALFORMED),
    ("jti half a character", lambda: raw(HEADER, HALF_A_CHARACTER), F.MALFORMED),
    ("no iat", lambda: bent(iat=...), F.MALFORMED),
    ("iat text", lambda: bent(iat="1"), F.MALFORMED),
    ("iat true", lambda: bent(iat=True), F.MALFORMED),
    ("iat endless", lambda: bent(iat=10**400), F.MALFORMED),
    ("unknown claim", lambda: bent(admin=True), F.MALFORMED),
]  # fmt: skip
