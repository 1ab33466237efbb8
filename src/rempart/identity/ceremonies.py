"""WebAuthn ceremonies, by the `webauthn` library: what the browser is asked, what it answered."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import webauthn
from webauthn.helpers import options_to_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from rempart.identity.compact import MalformedError, decode, strict_json

CHALLENGE_BYTES: Final = 32
_ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_TIMEOUT_MS: Final = 120_000
_SOFTWARE_KEY: Final = str(UUID(bytes=b"rempart demo key"))
"""Model number (AAGUID) by which the demonstration's page names the keys that it makes itself."""


class CeremonyError(Exception):
    """A ceremony that shows nothing. Why is not said: the library's texts quote what was sent."""


class _ClientData(msgspec.Struct):
    """What the browser itself wrote (WebAuthn 5.8.1), as far as the library leaves it to us."""

    challenge: str
    crossOrigin: bool = False  # noqa: N815 - the standard's spelling
    topOrigin: str | None = None  # noqa: N815 - the standard's spelling


class _Response(msgspec.Struct):
    clientDataJSON: str  # noqa: N815 - the standard's spelling
    userHandle: str | None = None  # noqa: N815 - the standard's spelling


class _Credential(msgspec.Struct):
    id: str
    response: _Response


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an answer says it is, nothing verified: which passkey, for which challenge."""

    credential_id: bytes
    challenge: bytes
    user_handle: bytes | None


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that was just made, verified. `is_software`: by the demonstration's page."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    is_synced: bool
    is_software: bool


@dataclass(frozen=True, slots=True)
class Touch:
    """A passkey that was just touched, verified: its counter, and whether it is backed up."""

    sign_count: int
    is_synced: bool


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks for passkeys: bound to one origin, so that no look-alike gets a signature."""

    origin: str

    @property
    def rp_id(self) -> str:
        """The host of the portal."""
        return urlsplit(self.origin).hostname or ""

    def to_make(
        self, *, challenge: bytes, handle: bytes, name: str, place: str, known: list[bytes]
    ) -> dict[str, Any]:
        """Return what `navigator.credentials.create` is asked, as JSON can hold it."""
        options = webauthn.generate_registration_options(
            rp_id=self.rp_id,
            rp_name="Rempart",
            user_id=handle,
            # Told by the browser when somebody has passkeys for several sites.
            user_name=f"{name} · {place}",
            user_display_name=name,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
            supported_pub_key_algs=_ALGORITHMS,
        )
        return _plain(options_to_json(options))

    def to_touch(self, *, challenge: bytes, known: Sequence[bytes] = ()) -> dict[str, Any]:
        """Return what `navigator.credentials.get` is asked, user verified.

        ``known``: the passkeys that may be touched; any of ours when there are none.
        """
        options = webauthn.generate_authentication_options(
            rp_id=self.rp_id,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return _plain(options_to_json(options))

    def check_made(self, credential: str, challenge: bytes) -> NewPasskey:
        """Verify a new passkey; raises `CeremonyError`."""
        claimed(credential)
        try:
            made = webauthn.verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self.origin,
                require_user_verification=True,
                supported_pub_key_algs=_ALGORITHMS,
            )
        except Exception:  # noqa: BLE001 - a stranger's bytes: whatever the library stumbles over is a refusal
            raise CeremonyError from None
        return NewPasskey(
            made.credential_id,
            made.credential_public_key,
            made.sign_count,
            made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            made.aaguid == _SOFTWARE_KEY,
        )

    def check_touched(
        self, credential: str, challenge: bytes, *, public_key: bytes, sign_count: int
    ) -> Touch:
        """Verify a touch with the public key that is on record; raises `CeremonyError`.

        A counter that does not grow is refused, as the library documents: two devices use a key
        that only one should have.
        """
        try:
            touched = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self.origin,
                credential_public_key=public_key,
                credential_current_sign_count=sign_count,
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001 - a stranger's bytes: whatever the library stumbles over is a refusal
            raise CeremonyError from None
        synced = touched.credential_device_type is CredentialDeviceType.MULTI_DEVICE
        return Touch(touched.new_sign_count, synced)


def claimed(credential: str) -> Claimed:
    """Read what an answer says it is; refuses one that was given inside another site's frame."""
    try:
        read = msgspec.convert(strict_json(credential.encode()), _Credential)
        written = strict_json(decode(read.response.clientDataJSON))
        client = msgspec.convert(written, _ClientData)
        challenge = decode(client.challenge)
        handle = read.response.userHandle
        found = Claimed(decode(read.id), challenge, None if handle is None else decode(handle))
    except (MalformedError, msgspec.ValidationError, UnicodeEncodeError):
        raise CeremonyError from None
    if client.crossOrigin or client.topOrigin is not None or len(challenge) != CHALLENGE_BYTES:
        raise CeremonyError
    return found


def _plain(options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(options)
    return found
