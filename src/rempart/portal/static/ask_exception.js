// The exception's dialog: why, and a passkey touched for the question whose answer awaits something better.

import { askAgain, isWaiting } from "./ask.js";
import { askUnderException } from "./exception.js";

const dialog = document.getElementById("why-exception");
const form = dialog.querySelector("form");

document.getElementById("open-exception").addEventListener("click", () => {
  if (isWaiting()) return;
  form.reset();
  dialog.showModal();
});
document.getElementById("no-exception").addEventListener("click", () => dialog.close());

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const reason = form.elements.reason.value;
  dialog.close();
  askAgain((question) => askUnderException(question, reason));
});
