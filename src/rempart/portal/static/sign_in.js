// The sign-in page.

import { run, touch } from "./passkey.js";

const button = document.getElementById("sign-in");
button.addEventListener("click", () =>
  run(button, async () => {
    await touch();
    location.replace("/portal");
  }),
);
