// Checks money.json with a program that shares no line with Rempart's own: what is promised for each line of a claim.
// Usage: node vectors/check_money.mjs [FILE]. Written from docs/money.md; needs Node alone.
import { readFileSync } from "node:fs";

const file = process.argv[2] ?? new URL("money.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8"));
const big = (value) => (value === null ? null : BigInt(value));
const least = (...values) => values.filter((v) => v !== null).reduce((a, b) => (b < a ? b : a));

function halfUp(rate, base) {
  const tenThousandths = rate * base;
  const whole = tenThousandths / 10000n;
  return tenThousandths % 10000n >= 5000n ? whole + 1n : whole;
}

function promised({ guarantee, rules, lines }) {
  let purse = big(guarantee.amount_cents) ?? 0n;
  let spent = 0n;
  return lines.map((line) => {
    const rule = rules.find((one) => one.category === line.category);
    const [count, price, base, obligatory] = ["quantity", "price_cents", "base_cents", "obligatory_cents"].map((k) => big(line[k]));
    const rate = big((rule ?? guarantee).rate_bp);
    const caps = [price - obligatory];
    if (guarantee.ceiling_cents !== null) caps.push(big(guarantee.ceiling_cents) - spent);
    if (rule && rule.ceiling_cents !== null) caps.push(big(rule.ceiling_cents) * count);
    const cap = least(...caps);
    let byRate = rate === null ? 0n : halfUp(rate, base) - obligatory;
    if (byRate < 0n) byRate = 0n;
    const first = least(byRate, cap);
    const fixed = least(cap - first, rule ? (big(rule.amount_cents) ?? 0n) * count : purse);
    if (!rule) purse -= fixed;
    spent += first + fixed;
    return Number(first + fixed);
  });
}

let wrong = 0;
for (const vector of vectors.cases) {
  const found = promised(vector);
  if (JSON.stringify(found) !== JSON.stringify(vector.amounts)) {
    wrong += 1;
    console.error(`${vector.name}: ${JSON.stringify(found)}`);
  }
}
console.log(`${vectors.cases.length - wrong} of ${vectors.cases.length} hold`);
process.exit(wrong || vectors.cases.length === 0 ? 1 : 0);
