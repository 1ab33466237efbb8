// On every page of a session: whose hands the counter is in, and how it changes them.

import { goOn } from "./lock.js";
import { lockNow } from "./presence.js";
import { run, touch } from "./passkey.js";
import { softwareKeys } from "./software_key.js";

const button = document.getElementById("change-hands");
const main = document.getElementById("main");
const changing = document.getElementById("changing");

function changeHands() {
  run(button, async () => {
    // On a demonstration without passkeys, the lock screen asks which of the browser's own keys.
    if ((await softwareKeys()).length > 0) return lockNow();
    // Out of sight before anybody else looks; back only if nobody takes over.
    main.hidden = true;
    changing.textContent = changing.dataset.text;
    try {
      await touch();
      goOn();
    } finally {
      main.hidden = false;
      changing.textContent = "";
    }
  });
}

button.addEventListener("click", changeHands);
addEventListener("keydown", (event) => {
  if (event.key !== "F2" || event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  changeHands();
});
document.getElementById("lock-now").addEventListener("click", lockNow);
