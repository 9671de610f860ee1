// The form of an experiment: what it takes is computed while one types; the API says what is wrong, at the field.

import { el } from "./dom.js";
import { metricNames } from "./format.js";
import { FaultSummary, field, handle, input, numeral, parseNumber, parseWhole, select } from "./form.js";
import { planner } from "./planner.js";
import { productPicker } from "./product-picker.js";
import { variantRows } from "./variant-rows.js";

/**
 * The form of an experiment's design, with what it takes computed beside it.
 *
 * @param items the products there are.
 * @param item the draft that is changed; without one the form begins with what is usual.
 * @param send is given the design and whether it shall be started; what it throws is shown.
 * @param words `{title, save, begin}` for the form's name and its buttons.
 */
export function planForm({ items, item = null, send, words, signal }) {
  const summary = new FaultSummary();
  const parts = fields(item);
  const size = { suggested: null };
  const panel = planner(signal, (total) => {
    size.suggested = total;
    useSize.hidden = total === null;
  });
  const variants = variantRows(() => follow(), item);
  const picker = productPicker(items, (chosen) => {
    const first = chosen[0];
    variants.take(first?.list_price.currency ?? item?.currency ?? "USD", first?.list_price.amount ?? null);
  }, item?.products);
  const useSize = el("button", { type: "button", class: "plain small", hidden: true, click: () => {
    parts.target.control.value = String(size.suggested);
    parts.target.control.focus();
  } }, "Use the size computed");
  const step = (title, text, ...children) =>
    el("section", { class: "panel" }, el("h2", {}, title), text && el("p", { class: "soft" }, text), children);
  const save = el("button", { type: "submit", class: "plain" }, words.save);
  const begin = el("button", { type: "submit" }, words.begin);
  const trouble = el("div", {});

  function follow() {
    panel.follow(readPlan(parts, variants.size));
  }

  const everyField = () => [...Object.values(parts), picker, ...variants.fields];
  const form = el("form", { class: "plan", novalidate: true, "aria-label": words.title },
    el("div", { class: "steps" },
      summary.element,
      step("1. What", null, parts.name.element, parts.hypothesis.element, picker.element),
      step("2. Prices", "The first one is what the others are compared with. A shopper keeps the price first heard.", variants.element),
      step("3. Who, and for how long", null,
        el("div", { class: "pair" }, parts.coverage.element, parts.days.element)),
      step("4. How it is decided", "Fixed once the experiment has started.", parts.metric.element, parts.method.element,
        el("div", { class: "pair" }, parts.effect.element, parts.alpha.element, parts.power.element),
        parts.target.element, useSize)),
    el("div", { class: "aside" },
      panel.element,
      el("section", { class: "panel" }, el("h2", {}, "Your shop today"),
        el("p", { class: "soft small" }, "Only for the computation; not stored."),
        parts.baseline.element, parts.visitors.element, parts.patience.element)),
    el("div", { class: "finish" }, trouble, el("div", { class: "buttons" }, save, begin)));

  form.addEventListener("input", follow);
  handle(form, { summary, fields: everyField, trouble, button: save }, async (button, refuse) => {
    const faults = [...ownFaults(parts), ...variants.faults()];
    if (faults.length > 0) refuse(faults);
    else await send(request(item, parts, picker.chosen(), variants), button === begin);
  });
  follow();
  return form;
}

/** A share as a percentage is typed: 0.07 is 7, whatever binary fractions make of it. */
const percentOf = (share) => String(Number((share * 100).toPrecision(12)));

function fields(item) {
  const plan = item?.analysis;
  return {
    name: field("Name", input({ maxlength: 200, value: item?.name ?? "" }), { pointer: "/name" }),
    hypothesis: field("Hypothesis", el("textarea", { rows: 2, maxlength: 5000 }, item?.hypothesis), {
      pointer: "/hypothesis", hint: "What you expect, and why. You will read it again when the result is there.",
    }),
    coverage: field("Share of shoppers who take part", numeral({ value: percentOf(item?.coverage ?? 1) }), {
      pointer: "/coverage", unit: "%", hint: "The others pay the list price.",
    }),
    days: field("A sale counts for", numeral({ value: String(item?.attribution_days ?? 14), inputmode: "numeric" }), {
      pointer: "/attribution_days", unit: "days", hint: "After the shopper first heard the price, 1 to 90.",
    }),
    metric: field("Decided by", select(Object.entries(metricNames), item?.primary_metric ?? "profit_per_visitor"), {
      pointer: "/primary_metric", hint: "Profit needs a unit cost for each product.",
    }),
    method: field("Looking", select([
      ["sequential", "At any time: the intervals hold at every look"], ["fixed", "Once, at the end: narrower, but no peeking"],
      ["group_sequential", "At planned looks, each a share of the shoppers below"],
    ], plan?.method ?? "sequential"), { pointer: "/analysis/method" }),
    effect: field("Smallest change worth finding", numeral({ value: percentOf(plan?.minimum_effect ?? 0.05) }), { pointer: "/analysis/minimum_effect", unit: "%" }),
    alpha: field("Risk of a false alarm", numeral({ value: percentOf(plan?.alpha ?? 0.05) }), { pointer: "/analysis/alpha", unit: "%" }),
    power: field("Chance to find a true change", numeral({ value: percentOf(plan?.power ?? 0.8) }), { pointer: "/analysis/power", unit: "%" }),
    target: field("Stop after this many shoppers", numeral({ inputmode: "numeric", value: item?.target_sample_size ?? "" }), {
      pointer: "/target_sample_size", hint: "Empty to decide later.",
    }),
    baseline: field("Share who buy", numeral({ value: "5" }), { unit: "%" }),
    visitors: field("Shoppers a day", numeral({ value: "1000", inputmode: "numeric" })),
    patience: field("Longest you would wait", numeral({ value: "30", inputmode: "numeric" }), { unit: "days" }),
  };
}

const numberOf = (part) => parseNumber(part.control.value);
const wholeOf = (part) => parseWhole(part.control.value);
/** A share typed as a percentage; dividing rounds to the nearest number there is. */
const shareOf = (part) => (numberOf(part) === null ? null : numberOf(part) / 100);

/** What is to be computed, or what is missing. */
function readPlan(parts, variants) {
  const plan = {
    baseline: shareOf(parts.baseline), effect: shareOf(parts.effect), alpha: shareOf(parts.alpha), power: shareOf(parts.power),
    visitors: wholeOf(parts.visitors) ?? 0, days: wholeOf(parts.patience) ?? 0, share: shareOf(parts.coverage) ?? 1, variants,
  };
  if (plan.baseline === null) return "Say which share of shoppers buy today.";
  if (plan.effect === null) return "Say which change is worth finding.";
  return Object.values(plan).some((value) => Number.isNaN(value)) ? "One of the numbers cannot be read." : plan;
}

/** What is no number at all; whether a number is allowed is for the API to say. */
function ownFaults(parts) {
  const unreadable = (names, read, what) => names.filter((name) => Number.isNaN(read(parts[name])))
    .map((name) => ({ pointer: parts[name].pointer, detail: `“${parts[name].control.value}” is not a ${what}.` }));
  return [
    ...unreadable(["coverage", "effect", "alpha", "power"], numberOf, "number such as 2.5"),
    ...unreadable(["days", "target"], wholeOf, "whole number such as 1000"),
  ];
}

/** What the form does not show, and a design may say: it stays as it is. */
const kept = ["unit", "layer", "audience", "holdout", "guardrails", "starts_at", "ends_at", "ramp", "price_rules"];

function request(item, parts, chosen, variants) {
  const body = {
    ...(item && Object.fromEntries(kept.map((key) => [key, item[key]]))),
    name: parts.name.control.value.trim(),
    hypothesis: parts.hypothesis.control.value.trim(),
    products: chosen.map((item) => item.sku),
    variants: variants.values(),
    primary_metric: parts.metric.control.value,
    analysis: { ...item?.analysis, method: parts.method.control.value },
  };
  // Planned looks are of their method alone.
  if (body.analysis.method !== "group_sequential") for (const key of ["looks", "spending"]) delete body.analysis[key];
  if (chosen[0]) body.currency = chosen[0].list_price.currency;
  const put = (target, key, value) => {
    if (value !== null) target[key] = value;
  };
  put(body, "coverage", shareOf(parts.coverage));
  put(body, "attribution_days", wholeOf(parts.days));
  put(body, "target_sample_size", wholeOf(parts.target));
  put(body.analysis, "minimum_effect", shareOf(parts.effect));
  put(body.analysis, "alpha", shareOf(parts.alpha));
  put(body.analysis, "power", shareOf(parts.power));
  return body;
}
