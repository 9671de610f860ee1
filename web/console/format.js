// Numbers, shares, times and states as people write them.

import { el } from "./dom.js";
import { fixed, money } from "./money.js";

const whole = new Intl.NumberFormat();
const decimal = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 4 });
const exacts = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 4 });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** Writes what is known, and a dash for what is not. */
const shown = (write) => (value, ...more) => (value === null || value === undefined ? "–" : write(value, ...more));

export const count = shown((value) => whole.format(value));
export const number = shown((value) => decimal.format(value));
export const percent = shown((value, digits = 1, more = 0) => fixed(value, digits + more, { style: "percent" }));
export const share = (part, all, digits) => (all > 0 ? percent(part / all, digits) : "–");
export const sum = (values) => values.reduce((total, value) => total + value, 0);
/** What was chosen, with as many digits as say it: a level of 99.5% is no level of 100%. */
export const exact = shown((value) => exacts.format(value));
export const change = shown((value, more = 0) => fixed(value, 1 + more, { style: "percent", signDisplay: "exceptZero" }));
export const chance = shown((value) => (value > 0.99 ? "> 99%" : value < 0.01 ? "< 1%" : percent(value, 0)));
export const pValue = shown((value) => (value < 0.0001 ? "< 0.0001" : decimal.format(Number(value.toPrecision(2)))));
export const measure = shown((value, { unit, currency }, more = 0) =>
  (unit === "money" ? money(value, currency, 1 + more) : unit === "ratio" ? percent(value, 2, more) : number(value)));
/** A difference of a metric's values: of shares in points, which are not to be taken for a relative change. */
export const difference = shown((value, metric, more = 0) =>
  (value > 0 ? "+" : "") + (metric.unit === "ratio" ? `${fixed(value * 100, 2 + more)} pp` : measure(value, metric, more)));

/** A value beside an axis whose marks are `step` apart: no more decimals than tell the marks apart. */
export function mark(value, metric, step, isDifference) {
  if (metric.unit === "money") return money(value, metric.currency, step < 1 ? 1 : 0);
  if (metric.unit !== "ratio") return number(value);
  const text = percent(value, step >= 0.01 ? 0 : step >= 0.001 ? 1 : 2);
  return isDifference ? text.replace(/\s?%/u, " pp") : text;
}

/** Both ends with the same decimals: as many more, up to nine, as show that an end is not zero; beyond, its first digit is the last. */
export function ends({ lower, upper }, show, ...about) {
  let more = 0;
  const write = (value) => show(value, ...about, more);
  const digits = (value) => write(value).replace(/\P{Nd}/gu, "");
  const isHidden = (value) => value !== 0 && digits(value) === digits(0);
  while (more < 9 && (isHidden(lower) || isHidden(upper))) more += 1;
  return [lower, upper].map((value) => {
    while (isHidden(value)) value *= 10;
    return write(value);
  });
}

export const range = (interval, ...how) => (interval ? ends(interval, ...how).join(" to ") : "–");

/** A time in the viewer's zone, with UTC to hover or to be read by programs. */
export function time(text, { isClock = false } = {}) {
  if (!text) return el("span", "–");
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) return el("span", text);
  return el("time", { datetime: text, title: `${text} (UTC)` }, (isClock ? clock : moments).format(moment));
}

export const daysSince = (text) => Math.max(0, Math.floor((Date.now() - new Date(text).getTime()) / 86_400_000));

export const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

const metricNames = {
  profit_per_visitor: "Profit per visitor",
  revenue_per_visitor: "Revenue per visitor",
  conversion_rate: "Conversion rate",
  units_per_visitor: "Units per visitor",
};
export const metricName = (name) => metricNames[name] ?? name.replaceAll("_", " ");

export const methodNames = { sequential: "looking at any time", fixed: "one look at the end", group_sequential: "planned looks" };

export const stateNames = {
  draft: "Draft", running: "Running", paused: "Paused", completed: "Completed", archived: "Archived",
};

export const endingWords = "The experiment ends for good: everybody pays the list price again. Late sales still count.";
const headlines = {
  ship: (name) => `Ship “${name}”`, stop: (name) => `Stop “${name}”`, continue: () => "Keep going", inconclusive: () => "Left open",
};

export const headline = (decision) => (headlines[decision.action]?.(decision.variant) ?? decision.action);

/** What can be chosen, by the `data-list` of a control. */
export const lists = {
  metrics: metricNames,
  operators: {
    $in: "is one of", $nin: "is none of", $gte: "is at least", $lte: "is at most", $gt: "is more than", $lt: "is less than",
    known: "is told", "known-not": "is not told",
  },
  rules: { top_two: "leader and challengers", thompson: "chance of being best" },
};
