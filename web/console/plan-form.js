// The form of an experiment: what it takes is computed while one types; the API says what is wrong, at the field.

import { audienceRows } from "./audience-rows.js";
import { bind, button, form, said, submit } from "./kit.js";
import { planner } from "./planner.js";
import { productPicker } from "./product-picker.js";
import { rowList } from "./rows.js";
import { variantRows } from "./variant-rows.js";

/** For a new experiment, or the draft `item`; `send` is given the design and whether it shall be started. */
export function planForm({ items, item = null, send, words }) {
  const { root, parts, fields: own, put } = bind("plan-form", item);
  let suggested = null;
  const panel = planner((total) => {
    suggested = total;
    useSize.hidden = total === null;
  });
  const useSize = button("Use the size computed", () => {
    parts.target_sample_size.write(suggested);
    parts.target_sample_size.control.focus();
    follow();
  }, { class: "plain small", hidden: true });
  const changed = () => follow();
  const variants = variantRows(changed, item);
  const groups = rowList({
    noun: "group", pointer: "/analysis/segments", addText: "Add groups", most: 5, known: item?.analysis.segments, changed });
  const guardrails = rowList({
    noun: "guardrail", pointer: "/guardrails", addText: "Add a guardrail", most: 4, known: item?.guardrails, changed });
  const ramp = rowList({ noun: "step", pointer: "/ramp", addText: "Add a step", most: 100, known: item?.ramp, changed });
  const audience = audienceRows(item?.audience, changed);
  const lists = { variants, groups, guardrails, ramp, audience };
  const picker = productPicker(items, (chosen) => {
    const first = chosen[0];
    variants.take(first?.list_price.currency ?? item?.currency ?? "USD", first?.list_price.amount ?? null);
  }, item?.products);
  for (const [name, part] of Object.entries({ products: picker, planner: panel, size: useSize, ...lists })) put(name, part);
  parts.moves.write(Boolean(item?.analysis.bandit));

  function follow() {
    parts.looks.element.parentElement.hidden = parts.method.text !== "group_sequential";
    parts.rule.element.parentElement.hidden = !parts.moves.read();
    parts.inside.element.hidden = !audience.isNarrow();
    panel.follow(readPlan(parts, lists, item));
  }

  follow();
  const [save, begin] = [submit(words.save, ".plain"), submit(words.begin)];
  const fields = () => [picker, ...own, ...Object.values(lists).flatMap((list) => list.fields())];
  return form({
    name: words.title, kind: "plan", changed: follow, buttons: [save, begin], root, fields,
    send: async ({ pressed, refuse }) => {
      const faults = audience.faults();
      if (faults.length > 0) refuse(faults);
      else await send(request(item, fields(), picker.chosen(), lists, parts.moves.read()), pressed === begin);
    },
  });
}

/** What the planner computes with, or a sentence that says what is missing. */
function readPlan(parts, { variants, groups, ramp, audience }, item) {
  const read = Object.fromEntries(Object.entries(parts).filter(([, one]) => one.control !== one.element).map(([key, one]) => [key, one.read()]));
  if (read.baseline === null) return "Say which share of shoppers buy today.";
  if (read.minimum_effect === null) return "Say which change is worth finding.";
  const { method, looks, spending } = read;
  const asked = {
    baseline_rate: read.baseline, variants: variants.rows.length, alpha: read.alpha ?? 0.05, power: read.power ?? 0.8, method,
    target_sample_size: read.target_sample_size, variance_explained: read.explained ?? 0,
    ...(method === "group_sequential" && { looks: looks ?? 5, spending }),
  };
  const steps = ramp.rows.map((row) => ({ hours: row.parts.after_hours.read(), share: row.parts.coverage.read() }));
  const plan = {
    asked, effect: read.minimum_effect, days: read.patience ?? 0, isMoving: read.moves, steps,
    visitors: (read.visitors ?? 0) * (read.coverage ?? 1) * (audience.isNarrow() ? read.inside ?? 1 : 1) * (1 - (item?.holdout ?? 0)),
    parts: groups.rows.reduce((sum, row) => sum + (row.parts.values.read()?.length ?? 0), 0),
  };
  const numbers = [...Object.values(plan), ...Object.values(asked), ...steps.flatMap(Object.values)];
  return numbers.some(Number.isNaN) ? "One of the numbers is missing, or cannot be read." : plan;
}

/** What the form does not show, and a design may say: it stays as it is. */
const kept = ["unit", "layer", "holdout", "starts_at", "ends_at", "price_rules"];

function request(item, fields, chosen, { variants, audience }, isMoving) {
  const { prior, winsorise } = item?.analysis ?? {};
  const body = {
    ...(item && Object.fromEntries(kept.map((key) => [key, item[key]]))), products: chosen.map((one) => one.sku),
    variants: variants.rows.map(({ from }) => (from?.metadata ? { metadata: from.metadata } : {})),
    audience: audience.value(), analysis: { prior, winsorise, ...(isMoving && { bandit: {} }) },
  };
  if (chosen[0]) body.currency = chosen[0].list_price.currency;
  return said(fields.filter((one) => !audience.fields().includes(one)), body);
}
