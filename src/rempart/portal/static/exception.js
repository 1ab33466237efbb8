// The exception: a passkey touched again, for this one question and no other.

import { change, ask } from "./proof.js";
import { byOwnKey } from "./software_key.js";

const text = new TextEncoder();

function hex(bytes) {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The question as it will be sent, and the digest that the passkey is touched for: SHA-256 of a salt that
    stands in it, and of its very bytes. Sign-in sees the digest alone: nothing of the person. */
export async function excepted(question, reason) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const message = { ...question, evidence: "typed", card_secret: null, exception: { reason, salt: hex(salt) } };
  const body = text.encode(JSON.stringify(message));
  const salted = new Uint8Array(salt.length + body.length);
  salted.set(salt);
  salted.set(body, salt.length);
  return { message, digest: hex(await crypto.subtle.digest("SHA-256", salted)) };
}

/** Touch a passkey for a question, and ask it under an exception; the answer. `patiently` awaits the network, as
    long as whoever asks does; a finger is awaited by the browser. */
export async function askUnderException(question, reason, patiently) {
  const { message, digest } = await excepted(question, reason);
  const credential = await byOwnKey(await patiently(() => change("touch", { digest })));
  await patiently(() => change("touch/passkey", { credential: JSON.stringify(credential) }));
  return patiently((signal) => ask("rights-questions", message, signal));
}
