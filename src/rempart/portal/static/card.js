// What a card says to a scanner, version 1: docs/card.md has the grammar, vectors/card.json the examples.
// The platform reads the same code in src/rempart/registry/card_payload.py; both are held to the examples.

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const MOST_PEOPLE = 20;
const LONGEST = 320;
const CHECKED = 4;
// What scanners put around a text, separators of ASCII among it.
const AROUND = /^[\s\x1c-\x1f]+|[\s\x1c-\x1f]+$/g;

/** A text that is not the code of a card, is one of a version unknown here, or was misread. */
export class NotACard extends Error {}

async function checkOf(body) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body)));
  const bits = (digest[0] << 16) | (digest[1] << 8) | digest[2];
  return Array.from({ length: CHECKED }, (_, place) => BASE32[(bits >> (19 - 5 * place)) & 31]).join("");
}

function isDay(year, month, day) {
  const made = new Date(Date.UTC(year, month - 1, day));
  return year >= 1880 && year <= 2199 && made.getUTCMonth() === month - 1 && made.getUTCDate() === day;
}

function person(told) {
  const [, year, month, day, rank] = /^([0-9]{4})([0-9]{2})([0-9]{2})([1-9])$/.exec(told) ?? [];
  if (!isDay(Number(year), Number(month), Number(day))) throw new NotACard();
  return { born: `${year}-${month}-${day}`, rank: Number(rank) };
}

function isSecret(secret) {
  const form = /^[A-Z2-7]{13,64}$/.test(secret) || /^[0-9A-F]{16,64}$/.test(secret);
  return form && new Set(secret).size >= 4;
}

/** Read what a scanner gave: { insurer, member, people: [{ born, rank }], secret }. Throws `NotACard`.
    Case and blanks around it are forgiven, nothing else. */
export async function readCard(text) {
  if (text.length > LONGEST || !/^[\x00-\x7f]*$/.test(text)) throw new NotACard();
  const parts = text.replace(AROUND, "").toUpperCase().split(":");
  if (parts.length !== 6 || parts[0] !== "RP1") throw new NotACard();
  const [, insurer, member, told, secret, check] = parts;
  if ((await checkOf(parts.slice(0, -1).join(":"))) !== check) throw new NotACard();
  const people = told.split("+");
  const inOrder = people.length <= MOST_PEOPLE && people.every((one, at) => at === 0 || people[at - 1] < one);
  const written = /^[0-9A-Z]{1,10}$/.test(insurer) && /^(0|[1-9A-Z][0-9A-Z]{0,23})$/.test(member) && isSecret(secret);
  if (!inOrder || !written) throw new NotACard();
  return { insurer, member, people: people.map(person), secret };
}
