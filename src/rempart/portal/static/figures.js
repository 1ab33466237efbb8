// How the pages write amounts, rates, days and instants, and how they read what people type as an amount.

/** How the page's language writes numbers, days and hours: days before months in both. */
export const language = { fr: "fr-FR", en: "en-GB" }[document.documentElement.lang];
const euros = new Intl.NumberFormat(language, { style: "currency", currency: "EUR" });
const rate = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 2 });
const longDay = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
const shortDay = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "Europe/Paris" });
const longInstant = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Paris" });

const unless = (value, write) => (value === null || value === undefined ? null : write(value));

/** Cents as people read them; null stays null. */
export const money = (cents) => unless(cents, (one) => euros.format(one / 100));

/** Basis points as a percentage. */
export const percent = (bp) => unless(bp, (one) => rate.format(one / 10_000));

/** A date of the interface (2027-03-01). */
export const day = (text) => unless(text, (one) => longDay.format(new Date(`${one}T00:00Z`)));

/** The day in Paris of an instant of the interface. */
export const dayOf = (text) => unless(text, (one) => shortDay.format(new Date(one)));

/** An instant, to the minute, in Paris. */
export const instant = (date) => longInstant.format(date);

/** Cents as a spreadsheet in the page's language takes them. */
export const plainAmount = (cents) => (cents / 100).toFixed(2).replace(".", language === "fr-FR" ? "," : ".");

/** The cents of an amount as people type it (`12,50`, `12.5`, `1 234`); null when it is none. */
export function readCents(text) {
  const plain = text.replaceAll(/[\s\u00a0\u202f\u20ac]/g, "");
  const [, whole, part = ""] = /^([0-9]{1,6})(?:[.,]([0-9]{1,2}))?$/.exec(plain) ?? [];
  return whole === undefined ? null : Number(whole) * 100 + Number(part.padEnd(2, "0"));
}
