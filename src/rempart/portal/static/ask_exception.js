// The exception's dialog: why, and a passkey touched for the question whose answer awaits something better.

import { askAgain, isWaiting } from "./ask.js";
import { patiently } from "./patience.js";

const dialog = document.getElementById("why-exception");
const form = dialog.querySelector("form");
// Read when it is needed, which is seldom.
const way = () => import("./exception.js");

document.getElementById("open-exception").addEventListener("click", () => {
  if (isWaiting()) return;
  form.reset();
  dialog.showModal();
  way().catch(() => {}); // while a reason is chosen; sending says what failed
});
document.getElementById("no-exception").addEventListener("click", () => dialog.close());

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const reason = form.elements.reason.value;
  dialog.close();
  const given = document.getElementById("late").dataset.givenException;
  askAgain(async (question) => {
    const { askUnderException } = await way();
    return askUnderException(question, reason, (asking) => patiently(asking, given));
  });
});
