// The lines of a claim or a quote (templates/lines_part.html): added, taken away, totalled and read as cents.

import { holds, mend } from "./fields.js";
import { money, plainAmount, readCents } from "./figures.js";

const MOST = 40;
const AMOUNTS = ["price", "base", "obligatory"];
let made = 0;

/** The lines of one form. `room` is the element of lines_part.html. */
export class Lines {
  #room;
  #list;
  #domain = "";

  constructor(room) {
    this.#room = room;
    this.#list = room.querySelector(".list");
    room.querySelector(".add").addEventListener("click", () => this.add()?.querySelector("select").focus());
    room.addEventListener("input", () => this.#count());
    this.#list.addEventListener("click", ({ target }) => {
      const button = target.closest(".remove");
      if (button) this.#remove(button.closest(".line"));
    });
  }

  get #lines() {
    return [...this.#list.children];
  }

  /** Begin again in a domain, with these lines (as the interface has them), or with one that is empty. */
  begin(domain, lines = []) {
    this.#domain = domain;
    this.#list.replaceChildren();
    for (const line of lines) this.add(line);
    if (lines.length === 0) this.add();
  }

  /** Add a line; null when there are as many as may be. */
  add(line = null) {
    if (this.#lines.length >= MOST) return null;
    const part = this.#room.querySelector("template").content.cloneNode(true).firstElementChild;
    made += 1;
    const own = (id) => `line${made}-${id}`;
    for (const element of part.querySelectorAll("[id]")) element.id = own(element.id);
    for (const label of part.querySelectorAll("label")) label.htmlFor = own(label.htmlFor);
    for (const input of part.querySelectorAll("[aria-describedby]")) {
      input.setAttribute("aria-describedby", input.getAttribute("aria-describedby").split(" ").map(own).join(" "));
    }
    for (const option of part.querySelectorAll("option")) if (option.dataset.domain !== this.#domain) option.remove();
    if (line) this.#fill(part, line);
    this.#list.append(part);
    this.#count();
    return part;
  }

  #fill(part, line) {
    part.querySelector('[name="category"]').value = line.category;
    part.querySelector('[name="quantity"]').value = line.quantity;
    for (const name of AMOUNTS) part.querySelector(`[name="${name}"]`).value = plainAmount(line[`${name}_cents`]);
  }

  #remove(part) {
    const next = part.nextElementSibling ?? part.previousElementSibling;
    part.remove();
    this.#count();
    (next?.querySelector("select") ?? this.#room.querySelector(".add")).focus();
  }

  #read(part) {
    const field = (name) => part.querySelector(`[name="${name}"]`).value;
    const cents = Object.fromEntries(AMOUNTS.map((name) => [`${name}_cents`, readCents(field(name))]));
    return { category: field("category"), quantity: Number(field("quantity")), ...cents };
  }

  /** Number the lines and write their total: of what can be read so far. */
  #count() {
    const lines = this.#lines;
    for (const [place, part] of lines.entries()) {
      part.querySelector("legend").textContent = this.#room.dataset.nth.replace("#", place + 1);
      const remove = part.querySelector(".remove");
      remove.setAttribute("aria-label", this.#room.dataset.remove.replace("#", place + 1));
      remove.hidden = lines.length === 1;
    }
    this.#room.querySelector(".add").hidden = lines.length >= MOST;
    const { price, obligatory } = this.total();
    this.#room.querySelector(".total").textContent = this.#room.dataset.total.replace("#", money(price)).replace("#", money(obligatory));
  }

  /** What all lines cost and what the obligatory insurance pays of it, in cents. */
  total() {
    const read = this.#lines.map((part) => this.#read(part));
    const sum = (name) => read.reduce((all, line) => all + (line[name] ?? 0), 0);
    return { price: sum("price_cents"), obligatory: sum("obligatory_cents") };
  }

  /** Read them all, as the interface takes them; null when one is wrong, which is then said beside it. */
  read() {
    for (const input of this.#list.querySelectorAll("[data-cents]")) {
      input.setCustomValidity(input.value && readCents(input.value) === null ? "wrong" : "");
    }
    if (!holds(this.#list)) return null;
    const read = this.#lines.map((part) => this.#read(part));
    const wrong = read.findIndex((line) => line.obligatory_cents > Math.min(line.price_cents, line.base_cents));
    if (wrong < 0) return read;
    const input = this.#lines[wrong].querySelector('[name="obligatory"]');
    mend(input, input.dataset.tooMuch);
    input.focus();
    return null;
  }
}

// A wrong amount that is being put right is judged again when it is sent.
addEventListener("input", ({ target }) => target.dataset?.cents !== undefined && target.setCustomValidity(""), { capture: true });
