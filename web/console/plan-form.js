// The form of an experiment: what it takes is computed while one types; the API says what is wrong, at the field.

import { groupRows } from "./group-rows.js";
import {
  area, banditRules, button, choice, details, div, el, field, form, group, input, metricNames, section, select, shareField, small,
  soft, unreadable, wholeField,
} from "./kit.js";
import { planner } from "./planner.js";
import { productPicker } from "./product-picker.js";
import { variantRows } from "./variant-rows.js";

/** For a new experiment, or the draft `item`; `send` is given the design and whether it shall be started. */
export function planForm({ items, item = null, send, words }) {
  const parts = fields(item);
  let suggested = null;
  const panel = planner((total) => {
    suggested = total;
    useSize.hidden = total === null;
  });
  const useSize = button("Use the size computed", () => {
    parts.target.control.value = String(suggested);
    parts.target.control.focus();
    follow();
  }, { class: "plain small", hidden: true });
  const variants = variantRows(() => follow(), item);
  const groups = groupRows(() => follow(), item?.analysis.segments);
  const picker = productPicker(items, (chosen) => {
    const first = chosen[0];
    variants.take(first?.list_price.currency ?? item?.currency ?? "USD", first?.list_price.amount ?? null);
  }, item?.products);
  const divided = group("Groups to look at apart", groups, "/analysis/segments", "Named before the start, so that nobody picks the lucky one. What you tell with a shopper’s first quote divides them.");
  const moving = choice("Move new shoppers towards what earns more", { checked: Boolean(item?.analysis.bandit) });
  const looks = div("pair", parts.looks, parts.spending);
  const rules = div("pair", parts.rule, parts.floor, parts.hours);

  const step = (title, text, ...children) => el("section", { class: "panel" }, el("h2", {}, title), text && soft(text), children);
  const save = el("button", { class: "plain" }, words.save);
  const begin = el("button", {}, words.begin);

  function follow() {
    looks.hidden = parts.method.control.value !== "group_sequential";
    rules.hidden = !moving.control.checked;
    panel.follow(readPlan(parts, variants.size, groups.values(), moving.control.checked));
  }

  follow();
  return form({
    name: words.title, kind: "plan", changed: follow, buttons: [save, begin],
    fields: () => [...Object.values(parts), picker, ...variants.fields(), divided, ...groups.fields()],
    body: ({ summary, trouble, buttons }) => [
      el("div", { class: "steps" },
        summary,
        step("1. What", null, parts.name, parts.hypothesis, picker),
        step("2. Prices", "The first one is what the others are compared with. A shopper keeps the price first heard.", variants),
        step("3. Who, and for how long", null, div("pair", parts.coverage, parts.days)),
        step("4. How it is decided", "Fixed once the experiment has started.", parts.metric, parts.method, looks,
          div("pair", parts.effect, parts.alpha, parts.power),
          parts.target, useSize,
          details("More: less noise, groups apart, weights that move", parts.covariate, divided, moving,
            soft("Every so often more of the new shoppers are given the price that does better. Nobody’s price changes, and the report allows for it."), rules))),
      div("aside", panel,
        section("Your shop today", [
          small("Only for the computation; not stored."),
          parts.baseline, parts.visitors, parts.patience, parts.explained,
        ], "panel")),
      div("finish", trouble, buttons),
    ],
    send: async ({ pressed, refuse }) => {
      // What is hidden is not asked for.
      const stored = Object.values(parts).filter((part) => part.pointer && !part.element.closest("[hidden]"));
      const faults = [...unreadable(stored), ...variants.faults()];
      if (faults.length > 0) refuse(faults);
      else await send(request(item, parts, stored, picker.chosen(), variants, groups, moving), pressed === begin);
    },
  });
}

function fields(item) {
  const plan = item?.analysis;
  return {
    name: field("Name", input({ maxlength: 200, value: item?.name ?? "" }), "/name"),
    hypothesis: field("Hypothesis", area(item?.hypothesis, { maxlength: 5000 }), "/hypothesis", "What you expect, and why. You will read it again when the result is there."),
    coverage: shareField("Share of shoppers who take part", item?.coverage ?? 1, "/coverage", "The others pay the list price."),
    days: wholeField("A sale counts for", item?.attribution_days ?? 14, "/attribution_days", "After the shopper first heard the price, 1 to 90.", "days"),
    metric: field("Decided by", select(Object.entries(metricNames), item?.primary_metric ?? "profit_per_visitor"), "/primary_metric", "Profit needs a unit cost for each product."),
    method: field("Looking", select([
      ["sequential", "At any time: the intervals hold at every look"], ["fixed", "Once, at the end: narrower, but no peeking"],
      ["group_sequential", "At planned looks, each a share of the shoppers below"],
    ], plan?.method ?? "sequential"), "/analysis/method"),
    looks: wholeField("Number of looks", plan?.looks ?? 5, "/analysis/looks", "2 to 20, after equal numbers of shoppers."),
    spending: field("An early look ends it", select([
      ["obrien_fleming", "Only if large (O’Brien–Fleming)"], ["pocock", "As easily as the last (Pocock)"],
    ], plan?.spending ?? "obrien_fleming"), "/analysis/spending", "Easier early takes more shoppers in all."),
    effect: shareField("Smallest change worth finding", plan?.minimum_effect ?? 0.05, "/analysis/minimum_effect"),
    alpha: shareField("Risk of a false alarm", plan?.alpha ?? 0.05, "/analysis/alpha"),
    power: shareField("Chance to find a true change", plan?.power ?? 0.8, "/analysis/power"),
    target: wholeField("Stop after this many shoppers", item?.target_sample_size, "/target_sample_size", "Empty to decide later. Planned looks need it."),
    covariate: field("Take out what was there before", input({ maxlength: 100, value: plan?.covariate ?? "", placeholder: "visits" }), "/analysis/covariate", "Shoppers differ before they hear a price: with that taken out, fewer are needed. A number you tell with their first quote; empty for what they had spent."),
    rule: field("By", select(Object.entries(banditRules), plan?.bandit?.rule ?? "top_two"), "/analysis/bandit/rule"),
    floor: shareField("Least share of a price", plan?.bandit?.floor, "/analysis/bandit/floor", "Empty for 10%, or less with many prices."),
    hours: wholeField("Weights stand for", plan?.bandit?.every_hours ?? 24, "/analysis/bandit/every_hours", null, "hours"),
    baseline: shareField("Share who buy", 0.05),
    visitors: wholeField("Shoppers a day", 1000),
    patience: wholeField("Longest you would wait", 30, null, null, "days"),
    explained: shareField("Noise that the past explains", 0, null, "What taking it out saves. 0 if you do not know."),
  };
}

function readPlan(parts, variants, groups, isMoving) {
  const [baseline, effect] = [parts.baseline.read(), parts.effect.read()];
  if (baseline === null) return "Say which share of shoppers buy today.";
  if (effect === null) return "Say which change is worth finding.";
  const method = parts.method.control.value;
  const asked = {
    baseline_rate: baseline, variants, alpha: parts.alpha.read() ?? 0.05, power: parts.power.read() ?? 0.8, method,
    target_sample_size: parts.target.read(), variance_explained: parts.explained.read() ?? 0,
    ...(method === "group_sequential" && { looks: parts.looks.read() ?? 5, spending: parts.spending.control.value }),
  };
  const plan = {
    asked, effect, visitors: parts.visitors.read() ?? 0, days: parts.patience.read() ?? 0, share: parts.coverage.read() ?? 1,
    parts: groups.reduce((sum, one) => sum + one.values.length, 0), isMoving,
  };
  return [...Object.values(plan), ...Object.values(asked)].some(Number.isNaN) ? "One of the numbers cannot be read." : plan;
}

/** What the form does not show, and a design may say: it stays as it is. */
const kept = ["unit", "layer", "audience", "holdout", "guardrails", "starts_at", "ends_at", "ramp", "price_rules"];

function request(item, parts, stored, chosen, variants, groups, moving) {
  const { prior, winsorise } = item?.analysis ?? {};
  const body = {
    ...(item && Object.fromEntries(kept.map((key) => [key, item[key]]))),
    products: chosen.map((one) => one.sku), variants: variants.values(),
    analysis: { prior, winsorise, segments: groups.values(), ...(moving.control.checked && { bandit: {} }) },
  };
  if (chosen[0]) body.currency = chosen[0].list_price.currency;
  for (const part of stored) {
    const value = part.read ? part.read() : part.text;
    const path = part.pointer.slice(1).split("/");
    const key = path.pop();
    const isSaid = value !== null && (value !== "" || key === "name" || key === "hypothesis");
    if (isSaid) path.reduce((place, name) => place[name], body)[key] = value;
  }
  return body;
}
