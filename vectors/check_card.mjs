// Checks card.json with a program that shares no line with Rempart's own: writes and reads each payload.
// Usage: node vectors/check_card.mjs [FILE]. Written from docs/card.md and docs/feed.md; needs Node alone.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const file = process.argv[2] ?? new URL("card.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8"));
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const REFUSED = Symbol("refused");
let checked = 0;
let wrong = 0;

function base32(bytes, length) {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  let out = "";
  for (let at = 0; out.length < length; at += 5) out += ALPHABET[parseInt(bits.slice(at, at + 5), 2)];
  return out;
}

const checkOf = (body) => base32(createHash("sha256").update(body, "ascii").digest(), 4);
const plain = (raw) => raw.normalize("NFKC").replace(/[ .\-/]/g, "").toUpperCase();
const day = (raw) => raw.replaceAll("-", "");

function write(card) {
  const member = plain(card.member_number).replace(/^0+(?=.)/, "");
  const people = new Set(card.people.map((p) => `${day(p.birth_date)}${p.birth_rank}`));
  const body = ["RP1", plain(card.insurer), member, [...people].sort().join("+"), plain(card.secret)].join(":");
  return `${body}:${checkOf(body)}`;
}

function isDay(text) {
  const [year, month, date] = [text.slice(0, 4), text.slice(4, 6), text.slice(6, 8)].map(Number);
  const made = new Date(Date.UTC(year, month - 1, date));
  return year >= 1880 && year <= 2199 && made.getUTCMonth() === month - 1 && made.getUTCDate() === date;
}

function read(text) {
  const parts = text.split(":");
  if (parts.length !== 6 || parts[0] !== "RP1") return REFUSED;
  const [, insurer, member, told, secret, check] = parts;
  if (checkOf(parts.slice(0, 5).join(":")) !== check) return REFUSED;
  const people = told.split("+");
  const ordered = people.every((p, i) => /^[0-9]{8}[1-9]$/.test(p) && isDay(p) && (i === 0 || people[i - 1] < p));
  const sound =
    /^[0-9A-Z]{1,10}$/.test(insurer) && /^(0|[1-9A-Z][0-9A-Z]{0,23})$/.test(member) && people.length <= 20 &&
    (/^[A-Z2-7]{13,64}$/.test(secret) || /^[0-9A-F]{16,64}$/.test(secret)) && new Set(secret).size >= 4;
  return ordered && sound ? { insurer, member, people, secret } : REFUSED;
}

function luhn(symbols) {
  let total = 0;
  [...symbols].reverse().forEach((symbol, place) => {
    const doubled = ALPHABET.indexOf(symbol) * (place % 2 === 0 ? 2 : 1);
    total += Math.floor(doubled / 32) + (doubled % 32);
  });
  return ALPHABET[(32 - (total % 32)) % 32];
}

function check(what, place, holds) {
  checked += 1;
  if (!holds) {
    wrong += 1;
    console.error(`${what}[${place}] differs`);
  }
}

vectors.cards.forEach((card, i) => {
  check("payload", i, write(card) === card.payload);
  const found = read(card.payload);
  check("read", i, found !== REFUSED && found.secret === plain(card.secret));
});
vectors.refused.forEach((text, i) => check("refused", i, read(text) === REFUSED));
vectors.check_characters.forEach((v, i) => check("check_character", i, luhn(v.symbols) === v.check));

console.log(JSON.stringify({ ok: wrong === 0 && checked > 0, checked, wrong }));
process.exitCode = wrong === 0 && checked > 0 ? 0 : 1;
