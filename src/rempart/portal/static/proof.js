// What the page sends: JSON, with a proof by the browser's key over this very request (RFC 9449, and the body).

import { sessionHandle, sessionKey } from "./key.js";
import { showLockScreen, showOver, startAgain } from "./lock.js";

const SIGN_IN = document.querySelector('meta[name="rempart-signin"]').content;
const text = new TextEncoder();
const nonces = new Map();
// Whose page this is. One that missed a hand-over (a tab that slept) does nothing in another's name.
const whose = sessionHandle();

/** A request that the platform refused: `code` stays as it is, `message` is for people, `field` is the one
    at fault where there is one. */
export class Refused extends Error {
  constructor(code, message, field = null) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const sha256 = async (bytes) => base64url(await crypto.subtle.digest("SHA-256", bytes));

async function proof(key, url, body, nonce) {
  const header = { typ: "dpop+jwt", alg: "ES256", jwk: key.jwk };
  const claims = {
    htm: "POST", htu: url, jti: base64url(crypto.getRandomValues(new Uint8Array(18))),
    iat: Math.floor(Date.now() / 1000), bsh: await sha256(body),
  };
  if (key.ath) claims.ath = key.ath;
  if (nonce) claims.nonce = nonce;
  const signed = [header, claims].map((part) => base64url(text.encode(JSON.stringify(part)))).join(".");
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key.signer, text.encode(signed));
  return `${signed}.${base64url(signature)}`;
}

async function sent(url, body, key, signal) {
  const headers = { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang };
  const origin = new URL(url).origin;
  if (key) headers.DPoP = await proof(key, url, body, nonces.get(origin));
  const answer = await fetch(url, { method: "POST", body, headers, credentials: "include", cache: "no-store", redirect: "error", signal });
  const nonce = answer.headers.get("DPoP-Nonce");
  if (nonce) nonces.set(origin, nonce);
  return answer;
}

async function told(answer) {
  if (answer.status === 204) return null;
  const message = await answer.json();
  if (answer.ok) return message;
  throw new Refused(message.code, `${message.title}. ${message.detail}`, message.field);
}

/** Send a message to an address; with a key, prove it. Throws `Refused`, or what `fetch` throws. */
export async function send(url, message, key = null, signal = null) {
  const body = text.encode(JSON.stringify(message));
  try {
    return await told(await sent(url, body, key, signal));
  } catch (error) {
    // The first proof of a page has no nonce yet, and a nonce is good for five minutes.
    if (error.code !== "use_dpop_nonce") throw error;
    return await told(await sent(url, body, key, signal));
  }
}

async function provedBySession(url, message, signal) {
  const key = await sessionKey();
  if (!key) throw new Refused("session_over", document.getElementById("said").dataset.noKey);
  if (key.handle !== (await whose)) {
    startAgain();
    return new Promise(() => {});
  }
  try {
    return await send(url, message, key, signal);
  } catch (error) {
    if (error.code === "session_locked") showLockScreen();
    throw error.code === "session_over" ? new Refused(error.code, showOver()) : error;
  }
}

/** Ask the portal, as the session: proved by this browser's key. `path` is under /v1/portal/; `signal` hangs up. */
export const ask = (path, message, signal = null) => provedBySession(`${location.origin}/v1/portal/${path}`, message, signal);

/** Lock the session that this browser holds, before a colleague's begins in it. */
export async function lockHeld() {
  const key = await sessionKey();
  try {
    if (key) await send(`${SIGN_IN}/v1/signin/session/lock`, {}, key);
  } catch (error) {
    // Locked, over, or not this browser's any more: nothing is left to lock. Anything else stops the hand-over.
    if (!["session_locked", "session_over", "invalid_proof"].includes(error.code)) throw error;
  }
}

/** Do something at sign-in, as the session. `path` is under /v1/signin/. */
export const change = (path, message) => provedBySession(`${SIGN_IN}/v1/signin/${path}`, message);

/** Say something to sign-in before there is a session; with a key, prove it. */
export const signIn = (path, message, key = null) => send(`${SIGN_IN}/v1/signin/${path}`, message, key);
