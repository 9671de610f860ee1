// All experiments with their state and health.

import {
  bind, button, count, daysSince, div, el, field, fill, get, link, list, mayChange, metricName, pill, plural, searchField, select,
  soft, stateNames, sum, time,
} from "../kit.js";
import { inBrief } from "../verdict.js";

const pageSize = 25;

export default async function experiments() {
  const { items, isWhole } = await list("/experiments");
  const page = { title: "Experiments", beside: mayChange() && el("a.button", { href: "/console/experiments/new" }, "New experiment") };
  if (items.length === 0) return { ...page, body: nothing() };

  const search = searchField("Search", "Name or product", () => restart());
  const state = field("State", select([["", "All"], ...Object.entries(stateNames)], "", { change: () => restart() }));
  const shown = el("p.soft", { role: "status" });
  const cards = el("ul.cards");
  const more = button("Show more", () => {
    const first = limit;
    limit += pageSize;
    update();
    cards.children[first]?.querySelector("a")?.focus();
  });
  let limit = pageSize;
  const known = new Map(items.map((item) => [item.id, card(item)]));
  const update = () => {
    const found = items.filter((item) =>
      (!state.control.value || item.status === state.control.value) && search.fits(item.name, ...item.products));
    fill(cards, found.slice(0, limit).map((item) => known.get(item.id)()));
    more.hidden = found.length <= limit;
    shown.textContent = found.length === 0
      ? "No experiment is like this."
      : `${count(found.length)} of ${plural(items.length, "experiment")}${isWhole ? "" : ", the newest"}`;
  };
  const restart = () => {
    limit = pageSize;
    update();
  };
  update();
  return { ...page, body: [el("div.filters", { role: "search" }, search, state), shown, cards, more] };
}

const nothing = () => div("empty", bind("no-experiment").root,
  mayChange() && el("p", link("/console/experiments/new", "Plan the first one")));

function card(item) {
  const health = el("p.health.soft", healthOf(item));
  const element = el("li.card",
    el("div.heading",
      el("h2", link(`/console/experiments/${item.id}`, item.name)),
      pill(item.status, stateNames[item.status] ?? item.status)),
    el("p.prices", item.variants.map((variant) => variant.offered.display).join("  ·  ")),
    soft(`${item.products.slice(0, 3).join(", ")}${item.products.length > 3 ? ` and ${item.products.length - 3} more` : ""} · ${metricName(item.primary_metric)}`),
    health);
  let isAsked = !["running", "paused", "completed"].includes(item.status);
  return () => {
    if (!isAsked) {
      get(`/experiments/${item.id}/report?watch=true`).then(
        (report) => fill(health, healthOf(item, report)),
        (error) => fill(health, "Health unknown: ", error.message));
    }
    isAsked = true;
    return element;
  };
}

function healthOf(item, report) {
  if (item.status === "draft") return ["Made ", time(item.created_at), ", not started"];
  const days = ["running", "paused"].includes(item.status)
    ? `Day ${count(daysSince(item.started_at) + 1)}`
    : ["Ended ", time(item.completed_at)];
  if (!report) return [days, item.status === "archived" ? "" : " · …"];
  const { observed, alarm } = report.data_quality.sample_ratio;
  return [
    alarm ? el("strong.bad", "Split is off: do not trust the figures") : inBrief(report.recommendation, item.variants),
    ` · `, days, ` · ${plural(sum(observed), "shopper")}`, !alarm && el("span.good", " · split as planned"),
  ];
}
