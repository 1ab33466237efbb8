// On every page of a session: proves that somebody is there, locks when nobody is, and signs out.

import { forgetSession } from "./key.js";
import { blank, showLockScreen, tellTabs } from "./lock.js";
import { run, say } from "./passkey.js";
import { ask, change } from "./proof.js";

const EVERY = 15_000;
/** As identity.use_session says; the database locks by its own clock, whatever this page does. */
const LOCKS_AFTER = 5 * 60_000;
const FAST_ENOUGH = 2_000;

// Shared by the tabs of this browser: an instant, and nothing of anybody.
const lastPresent = () => Number(localStorage.getItem("present") ?? 0);
const notePresent = (at) => localStorage.setItem("present", String(at));
let locking = false;

/** Lock the counter: first what is on the screen, then the session itself, in the database. */
export async function lockNow() {
  if (locking) return;
  locking = true;
  blank();
  tellTabs("locked");
  const told = change("session/lock", {}).catch(() => null);
  // Should it not be reached, the database locks by itself.
  await Promise.race([told, new Promise((done) => setTimeout(done, FAST_ENOUGH))]);
  showLockScreen();
}

function lockWhenDue() {
  if (Date.now() - lastPresent() >= LOCKS_AFTER) lockNow();
}

async function present() {
  const now = Date.now();
  const since = now - lastPresent();
  // A key after five minutes comes too late, even before the clock below has ticked.
  if (since >= LOCKS_AFTER) return lockNow();
  if (since >= 0 && since < EVERY) return;
  notePresent(now);
  await prove();
}

async function prove() {
  try {
    await ask("session", {});
  } catch (error) {
    if (error.code === "session_over") say(error.message, true);
  }
}

// Typing and pointing are presence; an open page alone is not.
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, present, { passive: true });
// Computers sleep: look again whenever the page is seen again.
for (const kind of ["visibilitychange", "focus"]) addEventListener(kind, lockWhenDue);
setInterval(lockWhenDue, 1_000);
// Whoever opened this page is there.
notePresent(Date.now());
prove();

// In the bar, and on a telephone in the menu.
for (const out of document.querySelectorAll("[data-sign-out]")) {
  out.addEventListener("click", () =>
    run(out, async () => {
      await change("session/close", {});
      await forgetSession();
      tellTabs("hands");
      location.replace("/portal/signed-out");
    }),
  );
}
