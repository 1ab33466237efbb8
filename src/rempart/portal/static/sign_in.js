// The sign-in page.

import { offerSoftwareKeys } from "./offered_keys.js";
import { goOn } from "./lock.js";
import { run, touch } from "./passkey.js";

const button = document.getElementById("sign-in");
button.addEventListener("click", () =>
  run(button, async () => {
    await touch();
    goOn();
  }),
);
offerSoftwareKeys(() => goOn());
