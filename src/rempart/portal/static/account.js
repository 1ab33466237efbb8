// The page of one's own passkeys and sessions.

import { holds } from "./fields.js";
import { changeFreshly, make, run } from "./passkey.js";
import { change } from "./proof.js";

const form = document.getElementById("add");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!holds(form)) return;
  run(form.querySelector("button"), async () => {
    const options = await changeFreshly("another", {});
    const credential = await make(options);
    await change("passkeys", { credential, label: form.elements.label.value.trim() });
    location.reload();
  });
});

for (const button of document.querySelectorAll("[data-revoke]")) {
  button.addEventListener("click", () =>
    run(button, async () => {
      await changeFreshly("passkeys/revoke", { passkey: button.dataset.revoke });
      location.reload();
    }),
  );
}

for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () =>
    run(button, async () => {
      await change("session/close", { session: button.dataset.close });
      location.reload();
    }),
  );
}
