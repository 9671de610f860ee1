// One experiment while it runs: what it says now, and what can be done to it.

import { ask, onceKey } from "../api.js";
import { confirm } from "../dialog.js";
import { el, fill, setText } from "../dom.js";
import { chance, count, mark, measure, metricName, percent, plural, stateNames, time } from "../format.js";
import { intervals } from "../intervals.js";
import { follow } from "../live.js";
import { failure, notice, say } from "../notice.js";
import { reload } from "../router.js";
import { mayChange } from "../session.js";
import { numeric, table } from "../table.js";
import { verdict } from "../verdict.js";
import { weightsForm } from "../weights-form.js";

const secondsBetweenLooks = 2;

export async function experiment({ parameters, signal }) {
  const path = `/experiments/${encodeURIComponent(parameters.id)}`;
  const first = await ask(path, { signal });
  const view = { item: first.data, etag: first.etag };
  const state = el("span", {});
  const facts = el("dl", { class: "facts" });
  const prices = el("div", {});
  const actions = el("div", { class: "buttons" });
  const live = liveView();
  const trouble = el("div", {});
  const weights = el("div", { input: () => { view.isTouched = true; } });

  const showItem = () => {
    const { item } = view;
    state.className = `state ${item.status}`;
    setText(state, stateNames[item.status] ?? item.status);
    fill(facts, factsOf(item));
    fill(prices, planned(item));
    if (mayChange()) {
      fill(actions, buttons(item, path, signal),
        item.status === "draft" && el("a", { class: "button plain", href: `/console${path}/edit` }, "Change the draft"));
    }
    const isLive = item.status === "running" || item.status === "paused";
    // A form that somebody typed in is left alone, with the tag of what it was filled from.
    if (!view.isTouched && mayChange()) {
      fill(weights, (isLive || item.status === "draft") && weightsForm(item, view.etag, path, async () => {
        view.isTouched = false;
        await look(true);
      }));
    }
  };
  const refresh = async (known) => {
    const answer = await ask(path, { known, signal });
    if (answer.status !== 200) return;
    [view.item, view.etag] = [answer.data, answer.etag];
    showItem();
  };
  const show = (report) => {
    if (view.item.status !== "draft") live.update(report, view.item.variants);
    fill(trouble);
  };
  const look = async (isForced = false) => {
    try {
      await refresh(isForced ? undefined : view.etag);
      show(view.item.status === "draft" ? null : (await ask(`${path}/report?watch=true`, { signal })).data);
    } catch (error) {
      if (signal.aborted) return;
      if (!trouble.hasChildNodes()) fill(trouble, failure(error, () => look()));
    }
  };
  // What the stream tells; whatever else of the experiment changed with it is asked for.
  const heard = async (report) => {
    if (report.configuration_version !== view.version) await refresh(view.etag);
    view.version = report.configuration_version;
    show(report);
  };
  showItem();
  // The first report is waited for, so that the page comes whole; later ones come as they change.
  if (view.item.status !== "draft") await look();

  return {
    title: view.item.name,
    body: [
      el("p", { class: "crumb" }, el("a", { href: "/console" }, "Experiments")),
      el("div", { class: "heading" }, el("h1", {}, view.item.name), state),
      view.item.hypothesis && el("p", { class: "lead soft" }, view.item.hypothesis),
      actions, trouble, live.element,
      el("div", { class: "columns" },
        el("section", { class: "panel" }, el("h2", {}, "Plan"), facts, prices), weights),
    ],
    shown: () => follow(`${path}/live`, { heard, look, seconds: secondsBetweenLooks, signal }),
  };
}

function factsOf(item) {
  const rows = [
    ["Products", item.products.join(", ")],
    ["Decided by", `${metricName(item.primary_metric)}, ${item.analysis.method === "fixed" ? "one look at the end" : "looking at any time"}`],
    ["Change worth finding", percent(item.analysis.minimum_effect)],
    ["Taking part", percent(item.coverage, 0)],
    ["A sale counts for", plural(item.attribution_days, "day")],
    ["Made", time(item.created_at)],
    item.started_at && ["Started", time(item.started_at)],
    item.completed_at && ["Completed", time(item.completed_at)],
    item.target_sample_size && ["Stop after", plural(item.target_sample_size, "shopper")],
  ];
  return rows.filter(Boolean).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)));
}

function planned(item) {
  const sum = item.variants.reduce((total, variant) => total + variant.weight, 0);
  return table("Prices", ["Variant", numeric("Price"), numeric("Share of new shoppers")],
    item.variants.map((variant) => [variant.name, variant.offered.display, percent(variant.weight / sum, 1)]));
}

// MARK: What can be done

const changes = {
  start: { title: "Start", asks: "Shoppers hear these prices from now on. Prices, products and the analysis are then fixed." },
  pause: { title: "Pause", asks: "Nobody new takes part. Shoppers who have a price keep it." },
  resume: { title: "Resume", asks: "New shoppers take part again." },
  complete: { title: "Complete", asks: "The experiment ends for good: everybody pays the list price again. Late sales still count.", isDangerous: true },
  archive: { title: "Archive", asks: "It leaves the lists of what is current. Its report stays." },
};
const doable = { draft: ["start"], running: ["pause", "complete"], paused: ["resume", "complete"], completed: ["archive"], archived: [] };
const done = { start: "is running", pause: "is paused", resume: "is running again", complete: "is completed", archive: "is archived" };

function buttons(item, path, signal) {
  return (doable[item.status] ?? []).map((action) => {
    const { title, asks, isDangerous } = changes[action];
    return el("button", {
      type: "button", class: action === "start" || action === "resume" ? undefined : "plain", click: async () => {
        const isSure = await confirm({ title: `${title} “${item.name}”?`, text: asks, action: title, isDangerous });
        if (!isSure) return;
        try {
          await ask(`${path}/${action}`, { method: "POST", once: onceKey(), signal });
          await reload();
          say(`The experiment ${done[action]}.`);
        } catch (error) {
          if (!signal.aborted) say([error.message, ...(error.faults ?? []).map((fault) => fault.detail)].join(" "), "bad");
        }
      },
    }, title);
  });
}

// MARK: What it says now

function liveView() {
  const advice = verdict();
  const updated = el("p", { class: "soft small" });
  const figures = el("dl", { class: "figures" });
  const picture = el("div", { class: "picture" });
  const rows = el("div", {});
  const warnings = el("div", {});
  const link = el("a", { class: "button", href: "#" }, "Read the report");
  const element = el("section", { class: "panel live", "aria-labelledby": "now", hidden: true },
    el("div", { class: "heading" }, el("h2", { id: "now" }, "Now"), link),
    updated, advice.element, figures, warnings, picture, rows);
  const update = (report, variants) => {
    element.hidden = false;
    link.setAttribute("href", `/console/experiments/${report.experiment}/report`);
    advice.update(report, variants);
    fill(updated, "Every shopper and every sale until ", time(report.as_of, { isClock: true }));
    const conversion = report.metrics.find((metric) => metric.name === "conversion_rate") ?? report.metrics[0];
    const primary = report.metrics.find((metric) => metric.primary) ?? report.metrics[0];
    const n = conversion.variants.reduce((sum, one) => sum + one.n, 0);
    const sales = conversion.variants.reduce((sum, one) => sum + (one.total ?? 0), 0);
    fill(figures, [
      ["Shoppers", count(n)], ["Bought", count(sales)], ["Share who buy", n > 0 ? percent(sales / n) : "–"],
    ].map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
    const ratio = report.data_quality.sample_ratio;
    setNotes(warnings, [
      ...(ratio.alarm ? ["The split is not as planned: do not trust the figures until the reason is found."] : []),
      ...report.data_quality.warnings,
    ]);
    const level = primary.variants.find((one) => one.interval)?.interval.level;
    fill(picture, intervals(primary.variants.map((one) => ({
      name: one.name, estimate: one.estimate, lower: one.interval?.lower, upper: one.interval?.upper,
      tone: one.name === report.recommendation.variant && !ratio.alarm ? "good" : "",
    })), {
      show: (value) => measure(value, primary), mark: (value, step) => mark(value, primary, step),
      label: `${metricName(primary.name)} by variant with ${percent(level ?? 0.95, 0)} intervals; the table beneath has the numbers.`,
    }));
    fill(rows, liveTable(conversion, primary));
  };
  return { element, update };
}

/** Changes notes only where they differ. */
function setNotes(place, notes) {
  const text = notes.join("\n");
  if (place.dataset.text === text) return;
  place.dataset.text = text;
  fill(place, notes.length > 0 && notice("warn", el("ul", {}, notes.map((note) => el("li", {}, note)))));
}

function liveTable(conversion, primary) {
  const columns = ["Variant", numeric("Shoppers"), numeric("Bought"), numeric("Share who buy"),
    ...(primary === conversion ? [] : [numeric(metricName(primary.name))]), numeric("Best?")];
  return table("By variant", columns, conversion.variants.map((one, place) => [
    one.name, count(one.n), count(one.total), percent(one.estimate, 2),
    ...(primary === conversion ? [] : [measure(primary.variants[place]?.estimate, primary)]),
    chance(primary.variants[place]?.probability_best),
  ]), { isQuiet: true });
}
