// A report: what to do first, then each number with its interval, method and warnings.

import { drawAll } from "../charts.js";
import { decisionForm } from "../decision-form.js";
import {
  action, chance, change, count, details, difference, div, el, ends, exact, facts, field, get, mayChange, measure, methodNames, metricName, mono,
  notice, number, percent, pill, plural, pValue, quiet, range, raw, section, select, small, soft, table, time, warnings,
} from "../kit.js";
import {
  differences, guardrailSection, historySection, intervalOf, looksSection, phaseSection, pOf, posteriorSection, readings, segmentSection,
} from "../report-evidence.js";
import { allocationSection, demandSection, distributionSection, funnelSection } from "../report-shoppers.js";
import { go } from "../router.js";
import { verdict } from "../verdict.js";

export default async function report({ parameters, signal }) {
  // Which shoppers: all, or one declared segment's, as the address says.
  const { id, segment } = parameters;
  const query = segment ? `segment=${segment}` : "";
  const [data, item] = await Promise.all([get(`/experiments/${id}/report?${query}`), get(`/experiments/${id}`)]);
  const advice = verdict();
  advice.update(data, item.variants);
  const said = new Set();
  const parts = [
    ...data.metrics.map((metric) => metricSection(metric, data, said)),
    data.guardrails.length > 0 && guardrailSection(data),
    data.planned_looks && looksSection(data),
    ...data.segments.map((segment) => segmentSection(data, segment)),
    data.history && historySection(data),
    data.demand && demandSection(data.demand),
    data.funnel && funnelSection(data.funnel),
    data.distribution?.bins.length > 0 && distributionSection(data.distribution),
    data.history && data.allocation.length > 0 && allocationSection(data),
    data.phases?.phases.length > 1 && phaseSection(data),
  ];
  return {
    title: `Report: ${data.name}`, heading: "Report", back: [`/console/experiments/${id}`, data.name],
    body: el("article.report",
      soft("As of ", time(data.as_of), `, experiment ${data.status}`),
      item.analysis.segments.length > 0 && segmentChoice(item, segment),
      advice, quality(data), parts,
      mayChange() && !segment && ["running", "paused", "completed"].includes(item.status) && decisionForm(data, item),
      methodSection(data),
      downloads(id, data, query)),
    shown: () => drawAll(signal),
  };
}

function segmentChoice({ id, analysis }, chosen) {
  const every = analysis.segments.flatMap(({ attribute, values }) => [...values, "other", "not told"]
    .map((value) => [`/${encodeURIComponent(`${attribute}:${value}`)}`, `${attribute}: ${value}`]));
  const change = (event) => go(`/console/experiments/${id}/report${event.target.value}`);
  return div("filters one", field("Shoppers", select([["", "All"], ...every], chosen ? `/${chosen}` : "", { change })));
}

const share = (value) => percent(value, value % 1 ? 1 : 0);

function quality({ data_quality: { sample_ratio: ratio, ...known }, metrics }) {
  const names = (metrics[0]?.variants ?? []).map((variant) => variant.name);
  return section("Can the figures be trusted?", [
    ratio.alarm
      ? notice("bad", el("p", el("strong", "No."), " Shoppers are not split as planned: something loses or doubles them. Do not decide by these figures."))
      : notice("good", el("p", "Shoppers are split as planned",
        ratio.always_valid_p_value === null ? "." : ` (p = ${pValue(ratio.always_valid_p_value)} at any look).`)),
    warnings(known.warnings),
    details("How shoppers are split",
      quiet("How shoppers are split", ["Variant", ["Seen", "Expected"]],
        ratio.observed.map((seen, place) => [names[place] ?? String(place + 1), count(seen), number(ratio.expected[place])]))),
    small(`${plural(known.multiple_exposure, "shopper")} saw two of its prices and ${known.multiple_exposure === 1 ? "is" : "are"} left out. `,
      known.maturity === null ? "" : `${share(known.maturity)} have had their whole attribution window. `,
      known.cost_coverage === null ? "" : `Unit costs are known for ${share(known.cost_coverage)} of buyers.`),
  ]);
}

function metricSection(metric, data, said) {
  const belief = posteriorSection(metric);
  const title = metricName(metric.name);
  const level = metric.comparisons.map(intervalOf).find(Boolean)?.level ?? 1 - data.alpha;
  const notes = [...new Set([
    ...metric.variants.flatMap((one) => one.absent ?? []).map((one) => one.detail),
    ...metric.comparisons.flatMap((one) => one.warnings),
  ])].filter((text) => !said.has(text));
  for (const text of notes) said.add(text);
  // The region that is practically none is relative to control.
  const base = metric.variants.find((one) => one.name === data.control)?.estimate;
  const same = metric.primary && metric.comparisons.find((one) => one.equivalence)?.equivalence;
  const region = same && base > 0 && { lower: same.lower * base, upper: same.upper * base };
  return section([title, metric.primary && pill("", "decides")], [
    small(`Difference to “${data.control}”; bars are ${exact(level)} intervals.`,
      metric.primary && " A bar that does not touch the line at zero is more than chance.",
      region && " The shaded part is too small a change to matter.",
      metric.unit === "ratio" && " pp: percentage points."),
    // What cannot be trusted is not coloured in.
    differences(metric.comparisons.map((one) => [one.variant, one]), metric,
      `${title}: difference of each variant to ${data.control} with its interval`, data, region),
    table(`${title}, differences`, ["Variant", ["Difference", `${exact(level)} interval`, "Relative", `${exact(level)} interval`, "Better?", "p-value"]],
      metric.comparisons.map((one) => comparisonRow(one, metric))),
    metric.comparisons.some(isLostInRatio) && small("Relative to control, whose own value is uncertain too, less is certain: the difference decides."),
    metric.primary && readings(metric),
    warnings(notes),
    metric.primary && belief,
    details(metric.primary ? `${title} of each variant` : `More of ${title.toLowerCase()}`, !metric.primary && [readings(metric), belief],
      quiet(`${title} of each variant`, ["Variant", ["Shoppers", "Estimate", "Interval", "Best?"]],
        metric.variants.map((one) => [
          one.name, count(one.n), orBounds(one, one.estimate, metric, measure), range(one.interval, measure, metric), chance(one.probability_best),
        ]))),
  ], "metric");
}

const orBounds = (one, value, metric, show) => (value === null && one.bounds
  ? `between ${ends(one.bounds, show, metric).join(" and ")}` : show(value, metric));

const relativeOf = (one) => one.fixed_horizon?.relative_interval ?? one.relative_confidence_sequence;
const isTold = (interval) => interval && (interval.lower > 0 || interval.upper < 0);
/** Whether the difference is told from zero and, relative to control, is not. */
const isLostInRatio = (one) => isTold(intervalOf(one)) && relativeOf(one) && !isTold(relativeOf(one));

const comparisonRow = (one, metric) => [
  one.variant, orBounds(one, one.difference, metric, difference), range(intervalOf(one), difference, metric),
  change(one.relative), range(relativeOf(one), change), chance(one.probability_better), pValue(pOf(one)),
];

function methodSection(data) {
  const methods = [...new Set(data.metrics.flatMap((metric) => metric.variants.map((one) => one.interval_method)))];
  const comparisons = data.metrics[0]?.comparisons[0]?.adjustment;
  return section("Method", facts([
    ["Rule", data.recommendation.rule_sentence],
    ["Read", data.method === "sequential" ? `${methodNames.sequential}: intervals and p-values hold at every look` : methodNames[data.method]],
    ["Risk of a false alarm", exact(data.alpha)],
    comparisons && ["Several comparisons", `${comparisons.comparisons}, corrected by ${comparisons.method === "bonferroni" ? "Bonferroni’s method" : comparisons.method}`],
    ["Intervals", methods.map((name) => name.replaceAll("_", " ")).join(", ")],
    ["Better?, Best?", "posterior probabilities, corrected for nothing: they say what is likely, intervals decide"],
    ["Engine", data.engine_version],
    ["Input", mono(data.input_hash)],
  ]));
}

/** The same report as files: `as_of` pins it, so that the figures are those shown here. */
function downloads(id, data, query) {
  const save = (format, title) => action(title, async () => {
    const response = await raw(`/experiments/${id}/report?format=${format}&as_of=${encodeURIComponent(data.as_of)}&${query}`);
    const address = URL.createObjectURL(await response.blob());
    el("a", { href: address, download: `${data.experiment}.${format}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  });
  return section("Take it with you",
    div("buttons", save("html", "As a page to print"), save("csv", "As CSV"), save("json", "As JSON")));
}
