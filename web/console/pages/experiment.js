// One experiment while it runs: what it says now, and what can be done to it.

import { audienceWords } from "../audience-rows.js";
import { intervals } from "../intervals.js";
import {
  action, ask, chance, confirm, count, div, el, endingWords, exact, fill, get, mayChange, measure, methodNames, metricName, percent,
  plural, post, quiet, say, section, setText, share, small, stateNames, sum, table, terms, time, warnings, watched,
} from "../kit.js";
import { follow } from "../live.js";
import { reload } from "../router.js";
import { verdict } from "../verdict.js";
import { weightsForm } from "../weights-form.js";

export default async function experiment({ parameters, signal }) {
  const path = `/experiments/${parameters.id}`;
  const first = await ask(path);
  const view = { item: first.data, etag: first.etag };
  const isDraft = () => view.item.status === "draft";
  const state = el("span");
  const facts = el("dl.facts");
  const prices = div();
  const actions = div("buttons");
  const live = liveView();
  const weights = el("div", { input: () => { view.isTouched = true; } });

  const showItem = () => {
    const { item } = view;
    state.className = `state ${item.status}`;
    setText(state, stateNames[item.status] ?? item.status);
    fill(facts, terms(factsOf(item)));
    fill(prices, planned(item));
    if (mayChange()) {
      fill(actions, buttons(item, path),
        item.status === "draft" && el("a.button.plain", { href: `/console${path}/edit` }, "Change the draft"));
    }
    // A form that somebody typed in is left alone, with the tag of what it was filled from.
    if (!view.isTouched && mayChange()) {
      fill(weights, ["draft", "running", "paused"].includes(item.status) && weightsForm(item, view.etag, path, async () => {
        view.isTouched = false;
        await look(true);
      }));
    }
  };
  const refresh = async (known) => {
    const answer = await ask(path, { known });
    if (answer.status !== 200) return;
    [view.item, view.etag] = [answer.data, answer.etag];
    showItem();
  };
  const { trouble, look } = watched(async (isForced = false) => {
    await refresh(isForced ? undefined : view.etag);
    if (!isDraft()) live.update(await get(`${path}/report?watch=true`), view.item.variants);
  });
  // What the stream tells; whatever else of the experiment changed with it is asked for.
  const heard = async (report) => {
    if (report.configuration_version !== view.version) await refresh(view.etag);
    view.version = report.configuration_version;
    if (!isDraft()) live.update(report, view.item.variants);
    fill(trouble);
  };
  showItem();
  // The first report is waited for, so that the page comes whole; later ones come as they change.
  if (!isDraft()) await look();

  return {
    title: view.item.name,
    back: ["/console", "Experiments"], beside: state,
    body: [
      view.item.hypothesis && el("p.lead.soft", view.item.hypothesis),
      actions, trouble, live, div("columns", section("Plan", [facts, prices], "panel"), weights),
    ],
    shown: () => follow(`${path}/live`, { heard, look, signal }),
  };
}

function factsOf(item) {
  const plan = item.analysis;
  return [
    ["Products", item.products.join(", ")],
    ["Decided by", `${metricName(item.primary_metric)}, ${plan.method === "group_sequential" ? plural(plan.looks, "planned look") : methodNames[plan.method]}`],
    ["Change worth finding", exact(plan.minimum_effect)],
    ["Taking part", percent(item.coverage, 0)],
    item.audience && ["Only shoppers with", audienceWords(item.audience)],
    item.ramp && ["Of them at first", item.ramp.map(({ after_hours: hours, coverage }) =>
      `${percent(coverage, 0)} ${hours > 0 ? `after ${plural(hours, "hour")}` : "from the start"}`).join(", ")],
    item.guardrails.length > 0 && ["Must not fall", item.guardrails.map((one) =>
      `${metricName(one.metric).toLowerCase()} by at most ${exact(one.max_drop)}`).join("; ")],
    ["A sale counts for", plural(item.attribution_days, "day")],
    plan.covariate && ["Taken out of the comparison", plan.covariate],
    plan.segments.length > 0 && ["Looked at apart", plan.segments.map((one) => `${one.attribute}: ${one.values.join(", ")}`).join("; ")],
    plan.bandit && ["Weights", `follow what earns more, every ${plural(plan.bandit.every_hours, "hour")}; at least ${percent(plan.bandit.floor, 0)} each`],
    ["Made", time(item.created_at)],
    item.started_at && ["Started", time(item.started_at)],
    item.completed_at && ["Completed", time(item.completed_at)],
    item.target_sample_size && ["Read after", plural(item.target_sample_size, "shopper")],
  ];
}

function planned(item) {
  const all = sum(item.variants.map((one) => one.weight));
  return table("Prices", ["Variant", ["Price", "Share of new shoppers"]],
    item.variants.map((variant) => [variant.name, variant.offered.display, share(variant.weight, all)]));
}

const changes = {
  start: { title: "Start", from: ["draft"], isMain: true, asks: "Shoppers hear these prices from now on. Prices, products and the analysis are then fixed.", done: "is running" },
  resume: { title: "Resume", from: ["paused"], isMain: true, asks: "New shoppers take part again.", done: "is running again" },
  pause: { title: "Pause", from: ["running"], asks: "Nobody new takes part. Shoppers who have a price keep it.", done: "is paused" },
  complete: { title: "Complete", from: ["running", "paused"], asks: endingWords, isDangerous: true, done: "is completed" },
  archive: { title: "Archive", from: ["completed"], asks: "It leaves the lists of what is current. Its report stays.", done: "is archived" },
};

const buttons = (item, path) => Object.entries(changes).filter(([, { from }]) => from.includes(item.status))
  .map(([name, { title, asks, isMain, isDangerous, done }]) => action(title, async () => {
    if (!await confirm({ title: `${title} “${item.name}”?`, text: asks, action: title, isDangerous })) return;
    await post(`${path}/${name}`);
    await reload();
    say(`The experiment ${done}.`);
  }, { class: isMain ? undefined : "plain" }));

function liveView() {
  const advice = verdict();
  const updated = small();
  const figures = el("dl.figures");
  const picture = div("picture");
  const rows = div();
  const notes = div();
  let said = "";
  const report = el("a.button", { href: "#" }, "Read the report");
  const element = section("Now", [updated, advice, div("buttons", report), figures, notes, picture, rows], "panel live");
  element.hidden = true;
  const update = (told, variants) => {
    element.hidden = false;
    report.setAttribute("href", `/console/experiments/${told.experiment}/report`);
    advice.update(told, variants);
    fill(updated, "Every shopper and every sale until ", time(told.as_of, { isClock: true }));
    const conversion = told.metrics.find((metric) => metric.name === "conversion_rate") ?? told.metrics[0];
    const primary = told.metrics.find((metric) => metric.primary) ?? told.metrics[0];
    const n = sum(conversion.variants.map((one) => one.n));
    const sales = sum(conversion.variants.map((one) => one.total ?? 0));
    fill(figures, terms([["Shoppers", count(n)], ["Bought", count(sales)], ["Share who buy", share(sales, n)]]));
    const { sample_ratio: ratio, warnings: known } = told.data_quality;
    const texts = [...(ratio.alarm ? ["The split is not as planned: do not trust the figures until the reason is found."] : []), ...known];
    // What is the same is not said again.
    if (said !== texts.join()) fill(notes, warnings(texts));
    said = texts.join();
    const level = primary.variants.find((one) => one.interval)?.interval.level;
    fill(picture, intervals(primary.variants.map((one) => ({
      name: one.name, estimate: one.estimate, lower: one.interval?.lower, upper: one.interval?.upper,
      tone: one.name === told.recommendation.variant && !ratio.alarm ? "good" : "",
    })), primary, `${metricName(primary.name)} by variant with ${exact(level ?? 0.95)} intervals`));
    fill(rows, liveTable(conversion, primary));
  };
  return { element, update };
}

function liveTable(conversion, primary) {
  const others = primary === conversion ? [] : [primary];
  return quiet("By variant",
    ["Variant", ["Shoppers", "Bought", "Share who buy", ...others.map((one) => metricName(one.name)), "Best?"]],
    conversion.variants.map((one, place) => [
      one.name, count(one.n), count(one.total), percent(one.estimate, 2),
      ...others.map(({ variants }) => measure(variants[place]?.estimate, primary)), chance(primary.variants[place]?.probability_best),
    ]));
}
