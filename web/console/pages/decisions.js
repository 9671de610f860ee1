// What was decided, on which figures, and whether those who came later say that it was right.

import {
  bind, bullets, chance, count, details, difference, el, empty, facts, get, headline, link, list, metricName, pagedTable,
  percent, plural, range, section, small, time,
} from "../kit.js";

const columns = ["Decision", "When", "Whose", ["Difference then", "Difference since"], "Verdict"];

export default async function decisions() {
  const named = list("/experiments").then(({ items }) => new Map(items.map((item) => [item.id, item.name])));
  const [accuracy, names] = await Promise.all([get("/decisions/accuracy"), named]);
  const rows = await pagedTable("/decisions", "Newest first", columns, (decision) => row(decision, names));
  return {
    title: "Decisions",
    body: [
      bind("decisions-lead").root,
      rows ? [track(accuracy), rows] : empty("Nothing was decided yet. A report has a form for it."),
    ],
  };
}

function track(accuracy) {
  const figure = (name, group) => [name, percent(group.share, 0), el("span.small", group.scored === 0 ? "none can be judged yet"
    : `${count(group.right)} of ${count(group.scored)}; ${percent(group.interval?.level, 0)} interval ${range(group.interval, percent, 0)}`)];
  const final = accuracy.final_counts;
  const isJudged = [accuracy.all, accuracy.policy, accuracy.person].some((group) => group.scored > 0);
  return section("How often they were right", [
    isJudged && facts([figure("All that can be judged", accuracy.all), figure("Recommendations", accuracy.policy), figure("Own judgement", accuracy.person)], "figures accuracy"),
    small(`Of ${plural(accuracy.decisions, "decision")}${isJudged ? "" : " none can be judged yet"}; an experiment counts once, with the last decision that ships or stops a price.`,
      final.scored > 0 && ` ${count(final.scored)} more could be compared with final counts alone, mostly of the same shoppers: ${count(final.right)} right.`),
    accuracy.open.length > 0 && details("Not judged, and why", bullets(accuracy.open.map((one) => `${count(one.count)}: ${one.detail}`))),
  ], "panel");
}

function row(decision, names) {
  const { evidence, score } = decision;
  const finding = evidence.findings.find((one) => one.variant === decision.variant);
  const metric = { unit: evidence.unit, currency: evidence.currency };
  return [
    [
      el("div", headline(decision)),
      link(`/console/experiments/${decision.experiment}`, names.get(decision.experiment) ?? decision.experiment),
      decision.reason && el("p.soft.small.said-why", decision.reason),
    ],
    time(decision.at),
    decision.origin === "policy" ? "Recommendation" : "Own judgement",
    finding ? figures(difference(finding.difference, metric), then(finding, evidence, metric)) : plural(evidence.n, "shopper"),
    score.difference === null ? "–" : figures(difference(score.difference, metric),
      `${plural(score.n, "shopper")}${score.basis === "final_counts" ? ", final counts" : ""}${inInterval(score)}`),
    verdictOf(decision),
  ];
}

const figures = (value, more) => el("span", value, el("span.soft.small.under", more));

const then = (finding, evidence, metric) => [
  metricName(evidence.metric),
  finding.interval && range(finding.interval, difference, metric), plural(finding.n, "shopper"),
  finding.probability_better !== null && `better: ${chance(finding.probability_better)}`,
].filter(Boolean).join("; ");

const inInterval = ({ within_interval: isWithin }) =>
  (isWithin === null ? "" : isWithin ? "; within the interval" : "; outside the interval");

const openings = {
  no_claim: "Nothing to judge", too_few_shoppers: "Open: too few shoppers since",
  sample_ratio_alarm: "Open: shoppers since are not split as planned", no_estimate: "Open: no estimate",
};

function verdictOf({ score, evidence, action }) {
  if (score.verdict === "right") return el("span.good-word", "Right");
  if (score.verdict === "wrong") return el("span.bad-word", "Wrong");
  if (action === "continue" && evidence.recommendation.more_shoppers !== null) {
    const { more_shoppers: shoppers, more_days: days } = evidence.recommendation;
    return `${plural(shoppers, "more shopper", "more shoppers")} wanted${days === null ? "" : `, about ${plural(days, "day")}`}`;
  }
  return openings[score.reason] ?? "Open";
}
