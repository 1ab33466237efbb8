// A question that hangs on the network: whoever asks is offered, after a while, to wait no longer (#late of the page).

const PATIENCE = 4_000; // milliseconds
const late = document.getElementById("late");
let enough = null; // while something is awaited: waits no longer

/** What was awaited was given up; `message` says what that means. */
export class GivenUp extends Error {}

/** Await what is asked of the network, as long as whoever asks has patience. `asking` takes the signal that hangs up;
    what comes after that is dropped unread: it would be taken for the next one's. */
export async function patiently(asking, given = late.dataset.given) {
  const line = new AbortController();
  const patience = setTimeout(() => { late.hidden = false; }, PATIENCE);
  const givenUp = new Promise((_, reject) => { enough = () => reject(new GivenUp(given)); });
  try {
    return await Promise.race([asking(line.signal), givenUp]);
  } finally {
    clearTimeout(patience);
    enough = null;
    late.hidden = true;
    line.abort();
  }
}

/** Give up what is awaited, if that is on offer. */
export function giveUp() {
  if (!late.hidden) enough?.();
}

document.getElementById("give-up").addEventListener("click", giveUp);
