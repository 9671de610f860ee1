// A report: what to do first, then each number with its interval, method and warnings.

import { allocationSection } from "../allocation-picture.js";
import { file, get } from "../api.js";
import { decisionForm } from "../decision-form.js";
import { drawDemand } from "../demand-picture.js";
import { distributionSection } from "../distribution-picture.js";
import { el } from "../dom.js";
import { chance, change, count, difference, mark, measure, metricName, number, percent, plural, pValue, time } from "../format.js";
import { busy } from "../form.js";
import { funnelSection } from "../funnel-picture.js";
import { intervals } from "../intervals.js";
import { money } from "../money.js";
import { notice, say } from "../notice.js";
import { mayChange } from "../session.js";
import { numeric, table } from "../table.js";
import { verdict } from "../verdict.js";

export async function report({ parameters, signal }) {
  const id = encodeURIComponent(parameters.id);
  const [data, item] = await Promise.all([
    get(`/experiments/${id}/report`, { signal }), get(`/experiments/${id}`, { signal }),
  ]);
  const advice = verdict();
  advice.update(data, item.variants);
  const picture = data.demand && el("div", { class: "chart" });
  const funnel = data.funnel && funnelSection(data.funnel);
  const spread = data.distribution?.bins.length > 0 && distributionSection(data.distribution);
  const allocation = data.history && data.allocation.length > 0 && allocationSection(data);
  return {
    title: `Report: ${data.name}`,
    body: el("article", { class: "report" },
      el("p", { class: "crumb" }, el("a", { href: `/console/experiments/${id}` }, data.name)),
      el("h1", {}, "Report"),
      el("p", { class: "soft" }, "As of ", time(data.as_of), `, experiment ${data.status}`),
      advice.element,
      quality(data),
      data.metrics.map((metric) => metricSection(metric, data)),
      data.demand && demandSection(data.demand, picture),
      funnel && funnel.element,
      spread && spread.element,
      data.history && historySection(data),
      allocation && allocation.element,
      mayChange() && ["running", "paused", "completed"].includes(item.status) && decisionForm(data, item),
      methodSection(data),
      downloads(id, data)),
    shown: () => {
      if (picture) drawDemand(picture, data.demand, signal);
      for (const section of [funnel, spread, allocation]) section?.draw?.(signal);
    },
  };
}

function quality(data) {
  const ratio = data.data_quality.sample_ratio;
  const warnings = data.data_quality.warnings;
  const names = (data.metrics[0]?.variants ?? []).map((variant) => variant.name);
  return el("section", { "aria-labelledby": "quality" },
    el("h2", { id: "quality" }, "Can the figures be trusted?"),
    ratio.alarm
      ? notice("bad", el("p", {}, el("strong", {}, "No."), " Shoppers are not split as planned: something loses or doubles them. Do not decide by these figures."))
      : notice("good", el("p", {}, "Shoppers are split as planned",
        ratio.always_valid_p_value === null ? "." : ` (p = ${pValue(ratio.always_valid_p_value)} at any look).`)),
    warnings.length > 0 && notice("warn", el("ul", {}, warnings.map((text) => el("li", {}, text)))),
    details("How shoppers are split",
      table("How shoppers are split", ["Variant", numeric("Seen"), numeric("Expected")],
        ratio.observed.map((seen, place) => [names[place] ?? String(place + 1), count(seen), number(ratio.expected[place])]), { isQuiet: true })),
    el("p", { class: "soft small" },
      `${plural(data.data_quality.multiple_exposure, "shopper")} saw more than one price and ${data.data_quality.multiple_exposure === 1 ? "is" : "are"} left out. `,
      `${percent(data.data_quality.maturity, 0)} have had their whole attribution window. `,
      data.data_quality.cost_coverage === null ? "" : `Unit costs are known for ${percent(data.data_quality.cost_coverage, 0)} of what was sold.`));
}

function metricSection(metric, data) {
  const title = metricName(metric.name);
  const headingId = `metric-${metric.name}`;
  // What cannot be trusted is not coloured in.
  const isTrusted = !data.data_quality.sample_ratio.alarm;
  const rows = metric.comparisons.map((one) => {
    const interval = one.confidence_sequence ?? one.fixed_horizon?.interval;
    return {
      name: one.variant, estimate: one.difference, lower: interval?.lower, upper: interval?.upper,
      tone: !interval || !isTrusted ? "" : interval.lower > 0 ? "good" : interval.upper < 0 ? "bad" : "",
    };
  });
  const level = metric.comparisons.map((one) => one.confidence_sequence ?? one.fixed_horizon?.interval).find(Boolean)?.level ?? 1 - data.alpha;
  const notes = [...new Set([
    ...metric.variants.flatMap((one) => one.absent ?? []).map((one) => one.detail),
    ...metric.comparisons.flatMap((one) => one.warnings),
  ])];
  return el("section", { class: "metric", "aria-labelledby": headingId },
    el("h2", { id: headingId }, title, metric.primary && el("span", { class: "state" }, "decides")),
    el("p", { class: "soft small" }, `Difference to “${data.control}”; bars are ${percent(level, 0)} intervals.`,
      metric.primary && " A bar that does not touch the line at zero is more than chance.",
      metric.unit === "ratio" && " pp: percentage points."),
    intervals(rows, {
      show: (value) => difference(value, metric), mark: (value, step) => mark(value, metric, step), zero: true,
      label: `${title}: difference of each variant to ${data.control} with its interval; the table beneath has the numbers.`,
    }),
    table(`${title}, differences`, ["Variant", numeric("Difference"), numeric(`${percent(level, 0)} interval`), numeric("Relative"), numeric("Better?"), numeric("p-value")],
      metric.comparisons.map((one) => comparisonRow(one, metric))),
    notes.length > 0 && notice("warn", el("ul", {}, notes.map((text) => el("li", {}, text)))),
    details(`${title} of each variant`,
      table(`${title} of each variant`, ["Variant", numeric("Shoppers"), numeric("Estimate"), numeric("Interval"), numeric("Best?")],
        metric.variants.map((one) => [
          one.name, count(one.n), one.estimate === null && one.bounds
            ? `between ${measure(one.bounds.lower, metric)} and ${measure(one.bounds.upper, metric)}` : measure(one.estimate, metric),
          range(one.interval, metric), chance(one.probability_best),
        ]), { isQuiet: true })));
}

function comparisonRow(one, metric) {
  const p = one.always_valid_p_value ?? one.fixed_horizon?.adjusted_p_value;
  return [
    one.variant,
    one.difference === null && one.bounds ? `between ${difference(one.bounds.lower, metric)} and ${difference(one.bounds.upper, metric)}` : difference(one.difference, metric),
    range(one.confidence_sequence ?? one.fixed_horizon?.interval, metric, difference), change(one.relative), chance(one.probability_better), pValue(p),
  ];
}

/** How many came each day, and what was known at its end. */
function historySection(data) {
  const { history } = data;
  const metric = data.metrics.find((one) => one.name === history.metric);
  return el("section", { "aria-labelledby": "days" },
    el("h2", { id: "days" }, "Day by day"),
    details("Who came, and what was known at the end of each day", table(`New shoppers, and ${metricName(history.metric).toLowerCase()} until then`,
      ["Day (UTC)", ...history.variants.map((name) => numeric(`New: ${name}`)), ...history.comparisons.map((name) => numeric(`${name} − ${data.control}`))],
      history.days.map((day) => [
        day.date, ...day.arrivals.map(count),
        ...day.differences.map((one) => (one?.confidence_sequence
          ? `${difference(one.difference, metric)} (${range(one.confidence_sequence, metric, difference)})` : difference(one?.difference, metric))),
      ]))));
}

/** What some want to see, and most do not. */
const details = (title, ...children) => el("details", {}, el("summary", {}, title), children);

const range = (interval, metric, show = measure) =>
  (interval ? `${show(interval.lower, metric)} to ${show(interval.upper, metric)}` : "–");

function demandSection(demand, picture) {
  const show = (minor) => money(minor, demand.currency);
  const optimum = (name, value) => value && [
    name, show(value.amount), value.interval ? `${show(value.interval.lower)} to ${show(value.interval.upper)}` : "–",
    value.extrapolated ? "outside the prices tested" : "within the prices tested",
  ];
  const optima = [optimum("Most profit", demand.profit_optimal_price), optimum("Most revenue", demand.revenue_optimal_price)].filter(Boolean);
  return el("section", { "aria-labelledby": "demand" },
    el("h2", { id: "demand" }, "Demand"),
    picture,
    table("Who bought at which price", ["Price", numeric("Shoppers"), numeric("Bought"), numeric("Share")],
      demand.points.map((point) => [point.price.display, count(point.n), count(point.conversions), percent(point.rate, 2)])),
    optima.length > 0 && table("Best prices", ["For", numeric("Price"), numeric("Interval"), "Where it lies"], optima),
    demand.elasticities.length > 0 && details("Elasticity", table("Elasticity", ["Model", numeric("At"), numeric("Elasticity"), numeric("Interval")],
      demand.elasticities.map((one) => [
        one.model, one.at === null ? "any price" : show(one.at), number(one.value),
        one.interval ? `${number(one.interval.lower)} to ${number(one.interval.upper)}` : "–",
      ]), { isQuiet: true })),
    demand.warnings.length > 0 && notice("warn", el("ul", {}, demand.warnings.map((text) => el("li", {}, text)))));
}

function methodSection(data) {
  const methods = [...new Set(data.metrics.flatMap((metric) => metric.variants.map((one) => one.interval_method)))];
  const comparisons = data.metrics[0]?.comparisons[0]?.adjustment;
  const rows = [
    ["Rule", data.recommendation.rule_sentence],
    ["Looking", data.method === "fixed" ? "once, at the end" : data.method === "group_sequential" ? "at planned times" : "at any time: intervals and p-values hold at every look"],
    ["Risk of a false alarm", percent(data.alpha, 1)],
    comparisons && ["Several comparisons", `${comparisons.comparisons}, corrected by ${comparisons.method === "bonferroni" ? "Bonferroni’s method" : comparisons.method}`],
    ["Intervals", methods.map((name) => name.replaceAll("_", " ")).join(", ")],
    ["Engine", data.engine_version],
    ["Input", el("span", { class: "mono" }, data.input_hash)],
  ];
  return el("section", { "aria-labelledby": "method" }, el("h2", { id: "method" }, "Method"),
    el("dl", { class: "facts" }, rows.filter(Boolean).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
}

/** The same report as files: `as_of` pins it, so that the figures are those shown here. */
function downloads(id, data) {
  const button = (format, title) => {
    const element = el("button", { type: "button", class: "plain" }, title);
    element.addEventListener("click", () => busy(element, async () => {
      try {
        const address = URL.createObjectURL(await file(`/experiments/${id}/report?format=${format}&as_of=${encodeURIComponent(data.as_of)}`));
        el("a", { href: address, download: `${data.experiment}.${format}` }).click();
        setTimeout(() => URL.revokeObjectURL(address), 60_000);
      } catch (error) {
        say(error.message, "bad");
      }
    }));
    return element;
  };
  return el("section", { "aria-labelledby": "files" }, el("h2", { id: "files" }, "Take it with you"),
    el("div", { class: "buttons" }, button("html", "As a page to print"), button("csv", "As CSV"), button("json", "As JSON")));
}
