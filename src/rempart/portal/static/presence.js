// On every page of a session: proves that somebody is there, and signs out.

import { forgetSession } from "./key.js";
import { ask, change } from "./proof.js";
import { run, say } from "./passkey.js";

const EVERY = 60_000;

async function present() {
  const last = Number(sessionStorage.getItem("present") ?? 0);
  if (Date.now() - last < EVERY) return;
  sessionStorage.setItem("present", String(Date.now()));
  try {
    await ask("session", {});
  } catch (error) {
    sessionStorage.removeItem("present");
    if (error.code === "session_over") say(error.message, true);
  }
}

// Typing and pointing are presence; an open page alone is not.
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, present, { passive: true });
present();

const out = document.getElementById("sign-out");
out.addEventListener("click", () =>
  run(out, async () => {
    await change("session/close", {});
    await forgetSession();
    location.replace("/portal/signed-out");
  }),
);
