// Checks entry.json with a program that shares no line with Rempart's own.
// Usage: node vectors/check_entry.mjs [FILE]. Written from docs/entry.md; needs Node alone.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const file = process.argv[2] ?? new URL("entry.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8"));
let checked = 0;
let wrong = 0;

const raw = (text) => Buffer.from(text.slice(2), "hex");
const text = (value) => Buffer.from(value, "utf8");
const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();

function integer(bytes, value) {
  const out = Buffer.alloc(bytes);
  let rest = BigInt.asUintN(8 * bytes, BigInt(value));
  for (let at = bytes - 1; at >= 0; at -= 1) {
    out[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  return out;
}

function pack(...fields) {
  return Buffer.concat(
    fields.flatMap((field) => (field === null ? [integer(4, -1)] : [integer(4, field.length), field])),
  );
}

function expect(what, got, due) {
  checked += 1;
  if (!got.equals(due)) {
    wrong += 1;
    console.error(`wrong: ${what}`);
  }
}

const maybe = (value, write) => (value === null ? null : write(value));

function unpack(bytes) {
  const fields = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readInt32BE(at);
    fields.push(length < 0 ? null : bytes.subarray(at + 4, at + 4 + length));
    at += 4 + Math.max(length, 0);
  }
  return fields;
}

function unpackCharges(bytes) {
  return Array.from({ length: bytes.length / 34 }, (_, n) => {
    const one = bytes.subarray(34 * n, 34 * (n + 1));
    return {
      key: one.subarray(0, 12), kind: one.readInt16BE(0), bucket: one.readInt16BE(10), units: one.readInt16BE(12),
      burst: one.readInt32BE(14), every: one.readBigInt64BE(18), arrival: one.readBigInt64BE(26),
    };
  });
}

for (const [place, { fields: f, payload: p, head, leaf, jump }] of vectors.entries.entries()) {
  const a = sha256(
    pack(
      text(p.told === undefined ? "rempart/commitment-a/v1" : "rempart/commitment-a/v2"), raw(p.salt_a), text(p.professional), text(p.site), text(p.domain),
      text(p.care_on), text(p.evidence), text(p.outcome), text(p.refused_because),
      maybe(p.rate_bp, (v) => integer(4, v)), maybe(p.amount_cents, (v) => integer(4, v)),
      maybe(p.ceiling_cents, (v) => integer(4, v)), maybe(p.expires_on, text),
      maybe(p.engagement_hash, raw), raw(p.digest), ...(p.told === undefined ? [] : [raw(p.told)]),
    ),
  );
  const m = sha256(pack(text("rempart/commitment-m/v1"), raw(p.salt_m), text(p.insurer), raw(p.member_reference)));
  const b = sha256(
    pack(
      text("rempart/commitment-b/v1"), raw(p.salt_b), integer(8, p.installation_id), text(p.network),
      raw(p.asked), integer(2, p.fresh ? 1 : 0), raw(p.proof),
    ),
  );
  expect("commitment A", a, raw(f.commitment_a));
  expect("commitment M", m, raw(f.commitment_m));
  expect("commitment B", b, raw(f.commitment_b));
  const own = sha256(
    pack(
      text("rempart/entry/v1"), integer(8, f.entry_no), integer(8, f.recorded_us), integer(8, f.guard_at),
      text(f.kind), integer(2, f.subject_kind), integer(8, f.subject_id), integer(8, f.counter),
      raw(f.previous_hash), raw(f.edge), raw(f.boot), text(f.proof_kind), raw(f.charges),
      integer(8, f.replays), integer(4, f.tally),
    ),
  );
  expect("head", own, raw(head));
  if (f.kind === "restore") {
    const before = vectors.entries[place - 1];
    const [context, , , last, lastLeaf, , jumped] = unpack(raw(p.proof));
    expect("restore", context, text("rempart/restore/v1"));
    expect("last entry", last, integer(8, f.replays));
    expect("entry before", integer(8, before.fields.entry_no), integer(8, f.replays));
    expect("last leaf", lastLeaf, raw(before.leaf));
    expect("jump", jumped, integer(8, BigInt(f.entry_no) - BigInt(f.replays) - 1n));
    expect("jump told", jumped, integer(8, jump));
    expect("counter", integer(8, f.counter), integer(8, 1 + jump));
  }
  if (p.told !== undefined) {
    const told = unpack(raw(p.told));
    expect("three fields a line", integer(4, told.length % 3), integer(4, 0));
    const amounts = told.filter((_, at) => at % 3 === 0).map((one) => one.readInt32BE(0));
    expect("its lines add up", integer(4, amounts.reduce((sum, one) => sum + one, 0)), integer(4, p.amount_cents));
  }
  if (f.kind === "exception") {
    const charges = unpackCharges(raw(f.charges));
    const order = charges.map(({ key }) => key.toString("hex"));
    expect("order of charges", text([...order].sort().join()), text(order.join()));
    const excepted = charges.filter(({ bucket }) => bucket === 6);
    expect("an exception's keys", text(excepted.map(({ kind }) => kind).join()), text("2,3,4"));
    for (const { units, burst, every, arrival } of excepted) {
      expect("one unit", integer(2, units), integer(2, 1));
      const isWithin = arrival - BigInt(f.guard_at) <= BigInt(burst) * every;
      expect("within its bound", text(String(isWithin)), text("true"));
    }
    const reason = /^exception:(card_missing|card_unreadable|patient_absent|emergency)$/;
    expect("its reason", text(String(reason.test(p.evidence))), text("true"));
  }
  expect("leaf", sha256(Buffer.from([0]), pack(text("rempart/leaf/v1"), raw(f.receipt), own, a, m, b)), raw(leaf));
}

for (const { step, author, opening, items, packed } of vectors.purges) {
  const item = ([what, policy, before, erased]) =>
    pack(text(what), text(policy), text(before), maybe(erased, (v) => integer(8, v)));
  const statement = pack(
    text("rempart/purge/v1"), text(step), text(author), maybe(opening, (v) => integer(8, v)), ...items.map(item),
  );
  expect(`purge ${step}`, statement, raw(packed));
}

// A path is read from its end: the last hash is the sibling nearest to the root.
function climb(leaf, index, size, path) {
  if (size === 1) return path.length === 0 ? leaf : Buffer.alloc(0);
  let split = 1;
  while (split * 2 < size) split *= 2;
  const sibling = path[path.length - 1];
  const rest = path.slice(0, -1);
  if (index < split) return sha256(Buffer.from([1]), climb(leaf, index, split, rest), sibling);
  return sha256(Buffer.from([1]), sibling, climb(leaf, index - split, size - split, rest));
}

const prefix = Buffer.from("302a300506032b6570032100", "hex");
const key = createPublicKey({ key: Buffer.concat([prefix, raw(vectors.receipt_key)]), format: "der", type: "spki" });
for (const { leaf, index, size, path, signature } of vectors.receipts) {
  const root = climb(raw(leaf), index, size, path.map(raw));
  const signed = pack(text("rempart/receipt/v1"), integer(4, size), root);
  checked += 1;
  if (!verify(null, signed, key, raw(signature))) {
    wrong += 1;
    console.error(`wrong: receipt ${index}`);
  }
}

console.log(`${checked} checks passed, ${wrong} failed`);
process.exit(wrong === 0 && checked > 0 ? 0 : 1);
