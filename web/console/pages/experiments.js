// All experiments with their state and health.

import { get, list } from "../api.js";
import { el, fill } from "../dom.js";
import { count, daysSince, metricName, plural, stateNames, time } from "../format.js";
import { field, input, select } from "../form.js";
import { mayChange } from "../session.js";

const pageSize = 25;

export async function experiments({ signal }) {
  const { items, isWhole } = await list("/experiments", { signal });
  const heading = el("div", { class: "heading" }, el("h1", {}, "Experiments"),
    mayChange() && el("a", { class: "button", href: "/console/experiments/new" }, "New experiment"));
  if (items.length === 0) return { title: "Experiments", body: [heading, empty()] };

  const search = field("Search", input({ type: "search", placeholder: "Name or product" }));
  const state = field("State", select([["", "All"], ...Object.entries(stateNames)], ""));
  const shown = el("p", { class: "soft", role: "status" });
  const cards = el("ul", { class: "cards" });
  const more = el("button", { type: "button", class: "plain", hidden: true }, "Show more");
  let limit = pageSize;
  const known = new Map(items.map((item) => [item.id, card(item, signal)]));
  const update = () => {
    const words = search.control.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = items.filter((item) => {
      const text = [item.name, ...item.products].join(" ").toLowerCase();
      return (!state.control.value || item.status === state.control.value) && words.every((word) => text.includes(word));
    });
    fill(cards, found.slice(0, limit).map((item) => known.get(item.id).show()));
    more.hidden = found.length <= limit;
    shown.textContent = found.length === 0
      ? "No experiment is like this."
      : `${count(found.length)} of ${plural(items.length, "experiment")}${isWhole ? "" : ", the newest"}`;
  };
  const restart = () => {
    limit = pageSize;
    update();
  };
  search.control.addEventListener("input", restart);
  state.control.addEventListener("change", restart);
  more.addEventListener("click", () => {
    const first = limit;
    limit += pageSize;
    update();
    cards.children[first]?.querySelector("a")?.focus();
  });
  update();
  return {
    title: "Experiments",
    body: [heading, el("div", { class: "filters", role: "search" }, search.element, state.element), shown, cards, more],
  };
}

function empty() {
  return el("div", { class: "empty" },
    el("p", {}, "There is no experiment yet."),
    el("p", { class: "soft" }, "An experiment shows each shopper one of several prices, always the same, and tells what the others would earn."),
    mayChange() && el("p", {}, el("a", { href: "/console/experiments/new" }, "Plan the first one")));
}

/** A card that asks for its health once it is shown. */
function card(item, signal) {
  const health = el("p", { class: "health soft" }, healthOf(item));
  const element = el("li", { class: "card" },
    el("div", { class: "heading" },
      el("h2", {}, el("a", { href: `/console/experiments/${item.id}` }, item.name)),
      el("span", { class: `state ${item.status}` }, stateNames[item.status] ?? item.status)),
    el("p", { class: "prices" }, item.variants.map((variant) => variant.offered.display).join("  ·  ")),
    el("p", { class: "soft" }, `${item.products.slice(0, 3).join(", ")}${item.products.length > 3 ? ` and ${item.products.length - 3} more` : ""} · ${metricName(item.primary_metric)}`),
    health);
  let isAsked = false;
  return {
    show() {
      if (!isAsked && ["running", "paused", "completed"].includes(item.status)) {
        isAsked = true;
        get(`/experiments/${item.id}/report?watch=true`, { signal }).then(
          (report) => fill(health, healthOf(item, report)),
          (error) => {
            if (!signal.aborted) fill(health, "Health unknown: ", error.message);
          });
      }
      return element;
    },
  };
}

function healthOf(item, report) {
  if (item.status === "draft") return ["Made ", time(item.created_at), ", not started"];
  const days = item.status === "running" || item.status === "paused"
    ? `Day ${count(daysSince(item.started_at) + 1)}`
    : ["Ended ", time(item.completed_at)];
  if (!report) return [days, item.status === "archived" ? "" : " · …"];
  const ratio = report.data_quality.sample_ratio;
  const n = ratio.observed.reduce((sum, one) => sum + one, 0);
  return [days, ` · ${plural(n, "shopper")} · `,
    ratio.alarm
      ? el("strong", { class: "bad" }, "split is off: do not trust the figures")
      : el("span", { class: "good" }, "split as planned")];
}
