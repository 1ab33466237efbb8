// A site's page, for its administrator.

import { sure } from "./dialog.js";
import { language } from "./figures.js";
import { changeFreshly, run, say } from "./passkey.js";
import { ask } from "./proof.js";

const form = document.getElementById("code");
const obtained = document.getElementById("obtained");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  run(form.querySelector("button"), async () => {
    const chosen = [...form.querySelectorAll("input[name=professional]:checked")].map((box) => box.value);
    if (chosen.length === 0) {
      say(form.dataset.nobody, true);
      return;
    }
    const message = { vendor: form.elements.vendor.value.trim(), professionals: chosen.join(",") };
    const found = await changeFreshly("devices", message);
    say("");
    document.getElementById("obtained-code").textContent = found.code;
    obtained.hidden = false;
    obtained.focus();
    form.reset();
  });
});

for (const button of document.querySelectorAll("[data-revoke]")) {
  button.addEventListener("click", async () => {
    if (!(await sure(button.dataset.sure, button.textContent))) return;
    run(button, async () => {
      await changeFreshly("devices/revoke", { client_id: button.dataset.revoke });
      location.reload();
    });
  });
}

const table = document.getElementById("days");
const labels = [...table.tHead.rows[0].cells].map((head) => head.textContent);
const day = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });

function shown(one) {
  const row = document.createElement("tr");
  row.setAttribute("role", "row");
  const told = [day.format(new Date(`${one.on_day}T00:00:00Z`)), one.name, one.answered, one.nothing_found, one.better_evidence, one.refused];
  for (const [at, text] of told.entries()) {
    const cell = row.insertCell();
    cell.setAttribute("role", "cell");
    cell.dataset.label = labels[at];
    cell.textContent = text;
    cell.classList.toggle("number", at > 1);
  }
  return row;
}

run(table, async () => {
  const { days } = await ask("site/days", {});
  table.tBodies[0].replaceChildren(...days.map(shown));
  table.hidden = days.length === 0;
  document.getElementById("no-days").hidden = days.length > 0;
});
