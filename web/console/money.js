// Money as the API has it: whole minor units and a currency. Amounts typed by people are read exactly, never as floats.

// ISO 4217's exponents other than 2. The browser's own table differs for some (IQD, LBP), the engine's does not.
const exponents = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};
const exponentOf = new Map(
  Object.entries(exponents).flatMap(([exponent, codes]) => codes.split(" ").map((code) => [code, Number(exponent)])));

const exponent = (currency) => exponentOf.get(currency) ?? 2;

const formats = {};

/** A number as the viewer's locale writes it with so many decimals; `style` is more of `Intl.NumberFormat`'s options. */
export function fixed(value, digits, style) {
  const format = (formats[`${digits}${JSON.stringify(style)}`] ??= new Intl.NumberFormat(undefined, {
    minimumFractionDigits: digits, maximumFractionDigits: digits, ...style,
  }));
  return format.format(value);
}

/** An amount as the viewer's locale writes it, with `extra` digits beyond the currency's own for means. */
export function money(minor, currency, extra = 0) {
  if (minor === null || minor === undefined) return "–";
  const digits = exponent(currency);
  return fixed(minor / 10 ** digits, digits + extra, { style: "currency", currency });
}

export function plain(minor, currency) {
  const digits = exponent(currency);
  const text = String(Math.abs(minor)).padStart(digits + 1, "0");
  const whole = digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text;
  return minor < 0 ? `-${whole}` : whole;
}

/**
 * Minor units of a typed amount, trimmed, exactly; null for what is none or is finer than the currency, and for `1,250`, which is a
 * thousand to some and one to others.
 */
export function parseMoney(text, currency) {
  const parts = /^(\d{1,13})(?:[.,](\d+))?$/.exec(text);
  const digits = exponent(currency);
  if (!parts || (parts[2] ?? "").length > digits || /,\d{3}$/.test(text)) return null;
  const minor = Number(parts[1] + (parts[2] ?? "").padEnd(digits, "0"));
  return Number.isSafeInteger(minor) ? minor : null;
}

export const example = (currency) => plain(Number("19" + "9".repeat(exponent(currency))), currency);
