// The page of a site's people, for its administrator.

import { sure } from "./dialog.js";
import { holds } from "./fields.js";
import { changeFreshly, run, say } from "./passkey.js";

const form = document.getElementById("invite");
const codes = document.getElementById("codes");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!holds(form)) return;
  run(form.querySelector("button"), async () => {
    const { name, professional } = form.elements;
    const invited = await changeFreshly("colleagues", { name: name.value.trim(), professional: professional.value });
    document.getElementById("link").textContent = invited.link;
    document.getElementById("second").textContent = invited.second;
    codes.hidden = false;
    codes.focus();
    form.reset();
  });
});

const copy = document.getElementById("copy-link");
copy.addEventListener("click", () =>
  run(copy, async () => {
    await navigator.clipboard.writeText(document.getElementById("link").textContent);
    say(copy.dataset.done);
  }),
);

for (const button of document.querySelectorAll("[data-leave]")) {
  button.addEventListener("click", async () => {
    if (!(await sure(button.dataset.sure, button.textContent))) return;
    run(button, async () => {
      await changeFreshly("colleagues/leave", { professional: button.dataset.leave });
      location.reload();
    });
  });
}

for (const button of document.querySelectorAll("[data-unblock]")) {
  button.addEventListener("click", () =>
    run(button, async () => {
      await changeFreshly("colleagues/unblock", { professional: button.dataset.unblock });
      location.reload();
    }),
  );
}

const recovery = document.getElementById("recovery");
for (const button of document.querySelectorAll("[data-recover]")) {
  button.addEventListener("click", async () => {
    if (!(await sure(button.dataset.sure, button.textContent))) return;
    run(button, async () => {
      const approved = await changeFreshly("colleagues/recover", { professional: button.dataset.recover });
      document.getElementById("recovery-link").textContent = approved.link;
      recovery.hidden = false;
      recovery.focus();
    });
  });
}
