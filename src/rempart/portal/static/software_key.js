// A key that the page makes itself and that plays a passkey, on a demonstration alone: the same
// ceremony, byte by byte (WebAuthn 6.1, 6.5), under a model number by which sign-in knows it.
// On a database without the demonstration's mark it is refused.

import { keepSoftwareKey, sessionHandle, softwareKeys } from "./key.js";

const KIND = { name: "ECDSA", namedCurve: "P-256" };
const MODEL = "rempart demo key"; // sixteen bytes: the AAGUID
const PRESENT_VERIFIED = 0x05;
const ATTESTED = 0x40;
const text = new TextEncoder();

function joined(...parts) {
  const arrays = parts.map((part) => (typeof part === "string" ? text.encode(part) : Uint8Array.from(part)));
  const whole = new Uint8Array(arrays.reduce((length, one) => length + one.length, 0));
  let at = 0;
  for (const one of arrays) {
    whole.set(one, at);
    at += one.length;
  }
  return whole;
}

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function fromBase64url(written) {
  const plain = atob(written.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

const clientData = (type, challenge) =>
  text.encode(JSON.stringify({ type, challenge, origin: location.origin, crossOrigin: false }));

const authenticatorData = async (host, flags) => joined(await sha256(text.encode(host)), [flags, 0, 0, 0, 0]);

/** One number of a signature as DER has it: no leading zero but where the number would be negative. */
function derNumber(bytes) {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const plain = bytes.slice(from);
  const padded = plain[0] & 0x80 ? joined([0], plain) : plain;
  return joined([2, padded.length], padded);
}

function der(signature) {
  const numbers = joined(derNumber(signature.slice(0, 32)), derNumber(signature.slice(32)));
  return joined([0x30, numbers.length], numbers);
}

function answer(id, response) {
  return {
    id, rawId: id, type: "public-key", authenticatorAttachment: "platform",
    clientExtensionResults: {}, response,
  };
}

/** Make a key as sign-in's options say, keep it in this browser, and return the credential as text. */
export async function makeSoftwareKey(options) {
  const pair = await crypto.subtle.generateKey(KIND, false, ["sign"]);
  const { x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const id = crypto.getRandomValues(new Uint8Array(32));
  // CBOR by hand (RFC 8949): a map of five for the key (RFC 9053), a map of three around it.
  const key = joined(
    [0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], fromBase64url(x), [0x22, 0x58, 32], fromBase64url(y),
  );
  const data = joined(
    await authenticatorData(options.rp.id, PRESENT_VERIFIED | ATTESTED), MODEL, [0, id.length], id, key,
  );
  const attestation = joined(
    [0xa3, 0x63], "fmt", [0x64], "none", [0x67], "attStmt", [0xa0, 0x68], "authData", [0x58, data.length], data,
  );
  await keepSoftwareKey({
    id: base64url(id), handle: options.user.id, name: options.user.displayName, signer: pair.privateKey,
  });
  return JSON.stringify(answer(base64url(id), {
    clientDataJSON: base64url(clientData("webauthn.create", options.challenge)),
    attestationObject: base64url(attestation),
    transports: ["internal"],
  }));
}

/** Answer a sign-in's challenge with a key of this browser. */
export async function touchSoftwareKey(key, options) {
  const client = clientData("webauthn.get", options.challenge);
  const data = await authenticatorData(options.rpId, PRESENT_VERIFIED);
  const signed = joined(data, await sha256(client));
  const signature = new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key.signer, signed));
  return answer(key.id, {
    clientDataJSON: base64url(client),
    authenticatorData: base64url(data),
    signature: base64url(der(signature)),
    userHandle: key.handle,
  });
}

/** Answer a challenge by whatever passkey the browser offers. */
export async function byPasskey(options) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({ publicKey })).toJSON();
}

/** Answer a challenge of one's own session: by its owner's key in software where he has one here. */
export async function byOwnKey(options) {
  const handle = await sessionHandle();
  const key = (await softwareKeys()).find((one) => one.handle === handle);
  return key ? touchSoftwareKey(key, options) : byPasskey(options);
}

/** Whether this browser has somewhere to keep a passkey. */
export async function canMakePasskeys() {
  const made = window.PublicKeyCredential;
  return Boolean(made) && (await made.isUserVerifyingPlatformAuthenticatorAvailable());
}

export { softwareKeys };
