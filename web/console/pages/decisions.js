// What was decided, on which figures, and whether those who came later say that it was right.

import { get, list } from "../api.js";
import { headline } from "../decisions.js";
import { el } from "../dom.js";
import { chance, count, difference, metricName, percent, plural, time } from "../format.js";
import { busy } from "../form.js";
import { say } from "../notice.js";
import { numeric, table } from "../table.js";

const columns = ["Decision", "When", "Whose", numeric("Difference then"), numeric("Difference since"), "Verdict"];

export async function decisions({ signal }) {
  const [first, accuracy, { items }] = await Promise.all([
    get("/decisions?limit=50", { signal }), get("/decisions/accuracy", { signal }), list("/experiments", { signal }),
  ]);
  const names = new Map(items.map((item) => [item.id, item.name]));
  const rows = (page) => page.data.map((decision) => row(decision, names));
  const grid = table("Newest first", columns, rows(first));
  const body = grid.querySelector("tbody");
  let cursor = first.next_cursor;
  const more = el("button", { type: "button", class: "plain", hidden: !cursor }, "Show older");
  more.addEventListener("click", () => busy(more, async () => {
    try {
      const page = await get(`/decisions?limit=50&cursor=${encodeURIComponent(cursor)}`, { signal });
      body.append(...table("", columns, rows(page)).querySelectorAll("tbody > tr"));
      cursor = page.next_cursor;
      more.hidden = !cursor;
      say(`${plural(page.data.length, "older decision")} shown.`);
    } catch (error) {
      if (!signal.aborted) say(error.message, "bad");
    }
  }));
  return {
    title: "Decisions",
    body: [
      el("h1", {}, "Decisions"),
      el("p", { class: "lead soft" }, "Each is kept with the figures it was made from, and compared with the shoppers who first came on a later day: nobody whom it was made from."),
      first.data.length === 0
        ? el("p", { class: "empty" }, "Nothing was decided yet. A report has a form for it.")
        : [track(accuracy), grid, more],
    ],
  };
}

/** How often decisions were right. */
function track(accuracy) {
  const figure = (name, group) => el("div", {}, el("dt", {}, name), el("dd", {}, percent(group.share, 0)),
    el("dd", { class: "small" }, group.scored === 0 ? "none can be judged yet"
      : `${count(group.right)} of ${count(group.scored)}; ${percent(group.interval?.level, 0)} interval ${percent(group.interval?.lower, 0)} to ${percent(group.interval?.upper, 0)}`));
  const open = accuracy.open.map((one) => el("li", {}, `${count(one.count)}: ${one.detail}`));
  return el("section", { class: "panel", "aria-labelledby": "accuracy" },
    el("h2", { id: "accuracy" }, "How often they were right"),
    el("dl", { class: "figures accuracy" }, figure("All that can be judged", accuracy.all),
      figure("Recommendations", accuracy.policy), figure("Own judgement", accuracy.person)),
    el("p", { class: "soft small" }, `Of ${plural(accuracy.decisions, "decision")}; an experiment counts once, with the last decision that ships or stops a price.`,
      accuracy.final_counts.scored > 0 && ` ${count(accuracy.final_counts.scored)} more could be compared with final counts alone, mostly of the same shoppers: ${count(accuracy.final_counts.right)} right.`),
    open.length > 0 && el("details", {}, el("summary", {}, "Not judged, and why"), el("ul", {}, open)));
}

function row(decision, names) {
  const { evidence, score } = decision;
  const finding = evidence.findings.find((one) => one.variant === decision.variant);
  const metric = { unit: evidence.unit, currency: evidence.currency };
  return [
    [
      el("div", {}, headline(decision)),
      el("a", { href: `/console/experiments/${decision.experiment}` }, names.get(decision.experiment) ?? decision.experiment),
      decision.reason && el("p", { class: "soft small said-why" }, decision.reason),
    ],
    time(decision.at),
    decision.origin === "policy" ? "Recommendation" : "Own judgement",
    finding ? el("span", {}, difference(finding.difference, metric),
      el("span", { class: "soft small under" }, then(finding, evidence, metric))) : `${plural(evidence.n, "shopper")}`,
    score.difference === null ? "–" : el("span", {}, difference(score.difference, metric),
      el("span", { class: "soft small under" }, `${plural(score.n, "shopper")}${score.basis === "final_counts" ? ", final counts" : ""}${inInterval(score)}`)),
    verdictOf(decision),
  ];
}

const then = (finding, evidence, metric) => [
  metricName(evidence.metric),
  finding.interval && `${difference(finding.interval.lower, metric)} to ${difference(finding.interval.upper, metric)}`,
  `${plural(finding.n, "shopper")}`,
  finding.probability_better !== null && `better: ${chance(finding.probability_better)}`,
].filter(Boolean).join("; ");

const inInterval = ({ within_interval: isWithin }) =>
  (isWithin === null ? "" : isWithin ? "; within the interval" : "; outside the interval");

const openings = {
  no_claim: "Nothing to judge", too_few_shoppers: "Open: too few shoppers since",
  sample_ratio_alarm: "Open: shoppers since are not split as planned", no_estimate: "Open: no estimate",
};

function verdictOf({ score, evidence, action }) {
  if (score.verdict === "right") return el("span", { class: "good-word" }, "Right");
  if (score.verdict === "wrong") return el("span", { class: "bad-word" }, "Wrong");
  if (action === "continue" && evidence.recommendation.more_shoppers !== null) {
    const { more_shoppers: shoppers, more_days: days } = evidence.recommendation;
    return `${plural(shoppers, "more shopper", "more shoppers")} wanted${days === null ? "" : `, about ${plural(days, "day")}`}`;
  }
  return openings[score.reason] ?? "Open";
}
