"""The client's side: what it signs is what the field's own libraries read and write."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey, thumbprint

from rempart.identity import ClientKey, ClientKeyError, NonceClock, check_proof
from rempart.identity.compact import encode

URL = "http://localhost:8765/v1/rights-questions"
NONCES = NonceClock(b"n" * 32)


def digest(value: bytes) -> str:
    return encode(hashlib.sha256(value).digest())


def test_our_proof_is_read_by_joserfc() -> None:
    key = ClientKey.generate()
    proof = key.proof("POST", URL, b"{}", "t" * 43, NONCES.current())
    public = ECKey.import_key({**key.jwk})
    read = jwt.decode(proof, public, algorithms=["ES256"])
    assert read.header["typ"] == "dpop+jwt"
    assert read.header["jwk"] == key.jwk
    assert read.claims["htm"] == "POST"
    assert read.claims["htu"] == URL
    assert read.claims["ath"] == digest(b"t" * 43)
    assert read.claims["bsh"] == digest(b"{}")
    assert thumbprint({**key.jwk}) == encode(key.jkt)


def test_joserfcs_proof_is_read_by_us() -> None:
    key = ECKey.generate_key("P-256")
    claims = {
        "htm": "POST",
        "htu": URL,
        "jti": "joserfc-made-this-one",
        "iat": 1,
        "bsh": digest(b"{}"),
        "nonce": NONCES.current(),
    }
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    proof = check_proof(
        jwt.encode(header, claims, key),
        method="POST",
        url=URL,
        body=b"{}",
        token=None,
        nonces=NONCES,
    )
    assert encode(proof.jkt) == key.thumbprint()


def test_our_assertion_is_read_by_joserfc() -> None:
    key = ClientKey.generate()
    read = jwt.decode(
        key.assertion("inst_1", "http://localhost/v1/token", now=1_000),
        ECKey.import_key({**key.jwk}),
        algorithms=["ES256"],
    )
    assert read.claims["iss"] == read.claims["sub"] == "inst_1"
    assert read.claims["exp"] == 1_300


def test_no_two_proofs_are_alike() -> None:
    key = ClientKey.generate()
    proofs = {key.proof("POST", URL, b"", None, "n") for _ in range(50)}
    assert len({json.dumps(proof) for proof in proofs}) == 50


def test_a_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    key = ClientKey.generate().enrolled("inst_1", "750000018", "http://localhost:8766")
    key.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    again = ClientKey.load(path)
    assert (again.jkt, again.client_id, again.site, again.signin_url) == (
        key.jkt, "inst_1", "750000018", "http://localhost:8766",
    )  # fmt: skip
    assert "PRIVATE" not in repr(key)


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    first = ClientKey.generate()
    first.save(path)
    with pytest.raises(ClientKeyError, match="cannot be written"):
        ClientKey.generate().save(path)
    assert ClientKey.load(path).jkt == first.jkt


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622, 0o660])
def test_a_key_file_that_others_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key.json"
    ClientKey.generate().save(path)
    path.chmod(mode)
    with pytest.raises(ClientKeyError, match="0600"):
        ClientKey.load(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"{}", b'{"private_key_pem":"x"}', b'{"private_key_pem":1}', b'{"other":"x"}'],
)
def test_what_is_no_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ClientKeyError, match="not a key file"):
        ClientKey.load(path)


def test_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    pem = generate_private_key(SECP384R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    path = tmp_path / "key.json"
    path.write_text(json.dumps({"private_key_pem": pem.decode()}))
    path.chmod(0o600)
    with pytest.raises(ClientKeyError, match="P-256"):
        ClientKey.load(path)


def test_links_folders_and_nothing_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    ClientKey.generate().save(path)
    link = tmp_path / "link.json"
    link.symlink_to(path)
    for wrong in (link, tmp_path, tmp_path / "absent.json"):
        with pytest.raises(ClientKeyError):
            ClientKey.load(wrong)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_somebody_elses_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    ClientKey.generate().save(path)
    os.chown(path, 65_534, 65_534)
    with pytest.raises(ClientKeyError, match="this user"):
        ClientKey.load(path)
