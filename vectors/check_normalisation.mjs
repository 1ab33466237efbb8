// Checks normalisation.json with a program that shares no line with Rempart's own.
// Usage: node vectors/check_normalisation.mjs [FILE]. Written from docs/feed.md; needs Node alone.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

const file = process.argv[2] ?? new URL("normalisation.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8"));
const REFUSED = Symbol("refused");
let checked = 0;
let wrong = 0;

function plain(raw) {
  if ([...raw].length > 64) return REFUSED;
  const kept = [...raw.normalize("NFKC")].filter((c) => !" .-/\u2010\u2012\u2013\u2014\u2212".includes(c));
  let out = "";
  for (const c of kept) {
    if (c >= "a" && c <= "z" && c.length === 1) out += String.fromCharCode(c.charCodeAt(0) - 32);
    else if ((c >= "A" && c <= "Z" && c.length === 1) || (c >= "0" && c <= "9")) out += c;
    else return REFUSED;
  }
  return out === "" ? REFUSED : out;
}

function memberNumber(raw) {
  let number = plain(raw);
  if (number === REFUSED) return REFUSED;
  while (number.length > 1 && number[0] === "0") number = number.slice(1);
  return number.length > 24 ? REFUSED : number;
}

function amc(raw) {
  const number = plain(raw);
  return number === REFUSED || number.length > 10 ? REFUSED : number;
}

function birthDate(raw) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(raw);
  if (parts === null || raw.length !== 10) return REFUSED;
  const [year, month, day] = parts.slice(1).map(Number);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  if (year < 1880 || year > 2199 || month < 1 || month > 12) return REFUSED;
  return day < 1 || day > days[month - 1] ? REFUSED : raw;
}

function birthRank(raw) {
  return /^[1-9]$/.test(raw) && raw.length === 1 ? Number(raw) : REFUSED;
}

function cardSecret(raw) {
  const secret = plain(raw);
  if (secret === REFUSED || secret.length > 64 || new Set(secret).size < 4) return REFUSED;
  const base32 = secret.length >= 13 && /^[A-Z2-7]+$/.test(secret);
  const hex = secret.length >= 16 && /^[0-9A-F]+$/.test(secret);
  return base32 || hex ? secret : REFUSED;
}

function keyed(key, ...fields) {
  const hmac = createHmac("sha256", Buffer.from(key, "hex"));
  for (const field of fields) {
    const bytes = Buffer.from(field, "ascii");
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    hmac.update(length).update(bytes);
  }
  return hmac.digest("hex");
}

function check(what, place, expected, found) {
  checked += 1;
  if (expected !== found) {
    wrong += 1;
    console.error(`${what}[${place}] differs`);
  }
}

const rules = { member_number: memberNumber, amc, birth_date: birthDate, birth_rank: birthRank, card_secret: cardSecret };
for (const [name, rule] of Object.entries(rules)) {
  vectors[name].forEach((v, i) => check(name, i, v.refused ? REFUSED : v.normalised, rule(v.raw)));
}
const version = String(vectors.normalisation);
vectors.person.forEach((v, i) => {
  const fields = [version, amc(v.amc), memberNumber(v.member_number), v.birth_date, String(v.birth_rank)];
  check("index", i, v.index, keyed(v.key, "rempart.person", ...fields));
  check("reference", i, v.reference, keyed(v.key, "rempart.reference", ...fields).slice(0, 32));
});
vectors.card.forEach((v, i) => {
  const fields = [version, amc(v.amc), memberNumber(v.member_number), cardSecret(v.secret)];
  check("card", i, v.card, keyed(v.key, "rempart.card", ...fields));
});

console.log(JSON.stringify({ ok: wrong === 0 && checked > 0, checked, wrong }));
process.exitCode = wrong === 0 && checked > 0 ? 0 : 1;
