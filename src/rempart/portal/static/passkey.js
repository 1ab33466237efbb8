// Passkeys: asked of the browser, answered to sign-in. And how pages say what happened.

import { forgetKey, keepSession, keyOf, sessionHandle } from "./key.js";
import { goOn } from "./lock.js";
import { change, lockHeld, Refused, signIn } from "./proof.js";
import { byOwnKey, byPasskey } from "./software_key.js";

const said = document.getElementById("said");

/** Say something to the reader; `bad` when it did not work. */
export function say(message, bad = false) {
  said.textContent = message;
  said.classList.toggle("bad", bad);
}

/** Touch a passkey: this browser is in the hands of whoever did. His handle. */
export async function touch(answer = byPasskey) {
  const options = await signIn("challenge", {});
  const credential = await answer(options);
  const handle = credential.response.userHandle;
  if (handle !== (await sessionHandle())) await lockHeld();
  const key = await keyOf(handle);
  try {
    const session = await signIn("session", { credential: JSON.stringify(credential) }, key);
    await keepSession(handle, session.ath);
    return handle;
  } catch (error) {
    if (error.code === "key_already_enrolled") await forgetKey(handle);
    throw error;
  }
}

/** Make a passkey as sign-in's options say; the credential, as text. */
export async function make(options) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return JSON.stringify((await navigator.credentials.create({ publicKey })).toJSON());
}

/**
 * Do a step that asks for a fresh touch: touch, and do it again, when it is asked for.
 * A colleague's touch changes hands instead, and does nothing that the page's owner had begun.
 */
export async function changeFreshly(path, message) {
  try {
    return await change(path, message);
  } catch (error) {
    if (error.code !== "sign_in_again") throw error;
    const handle = await sessionHandle();
    if ((await touch(byOwnKey)) === handle) return change(path, message);
    goOn();
    return new Promise(() => {});
  }
}

/** Run a step for a button or a form: once at a time, and say what went wrong. */
export async function run(button, step) {
  if (button.disabled) return;
  const isFocused = document.activeElement === button;
  button.disabled = true;
  try {
    await step();
  } catch (error) {
    if (error instanceof Refused) say(error.message, true);
    else if (error.name === "NotAllowedError" || error.name === "AbortError") say(said.dataset.cancelled, true);
    else if (error.name === "InvalidStateError" || error.name === "NotSupportedError") say(said.dataset.unable, true);
    else say(said.dataset.failed, true);
  } finally {
    button.disabled = false;
    // Disabled, it lost the focus: whoever works by keys goes on from it, unless the step led elsewhere.
    const here = document.activeElement ?? document.body;
    // What closed with the focus in it may have it still, unseen.
    if (isFocused && (here === document.body || !here.checkVisibility())) button.focus();
  }
}
