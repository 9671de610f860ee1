// What a report knows of the differences: with noise taken out, in parts of the shoppers, by day, at planned looks, and as
// belief.

import { axis, banded, dashed, line, lineColor, names, picture, shade } from "./charts.js";
import { intervals } from "./intervals.js";
import {
  bind, chance, change, count, details, difference, exact, mark, measure, metricName, money, number, percent, plural, pValue,
  range, section, small, soft, sum, table, time, warnings,
} from "./kit.js";

/** What a comparison, or an estimate of a part, is read by: what one look gives is there only where the plan is to look once. */
export const intervalOf = (one) => one?.fixed_horizon?.interval ?? one?.fixed_interval ?? one?.confidence_sequence ?? one?.interval;

/** Adjusted for the comparisons that share the risk. */
export const pOf = (one, many = 1) => one.fixed_horizon?.adjusted_p_value
  ?? (one.fixed_p_value ? Math.min(1, one.fixed_p_value * many) : one.always_valid_p_value);

const cells = (one, metric) => [difference(one?.difference, metric), range(intervalOf(one), difference, metric)];

/** Bars of differences; green and red say better and worse, where the report's figures can be trusted. */
export function differences(rows, metric, label, { data_quality: quality }, region) {
  return intervals(rows.map(([name, one]) => {
    const { lower, upper } = intervalOf(one) ?? {};
    const tone = quality.sample_ratio.alarm || lower === undefined ? "" : lower > 0 ? "good" : upper < 0 ? "bad" : "";
    return { name, estimate: one?.difference, lower, upper, tone };
  }), metric, label, { isDifference: true, region });
}

/** The plain difference beside the ones with less noise; nothing where there is only the plain one. */
export function readings(metric) {
  const row = (name, how, one) => [
    how, name, ...cells(one, metric), change(one.relative), pValue(pOf(one, metric.comparisons[0].adjustment.comparisons)),
  ];
  const told = ({ covariate }) => (covariate === "spent_before" ? "what shoppers had spent before" : `“${covariate}”`);
  // Where nobody is pulled in it is the same once more.
  const isCapped = ({ winsorised }) => winsorised?.capped_in_control + winsorised?.capped_in_variant > 0;
  const known = metric.comparisons.filter((one) => one.adjusted || isCapped(one));
  if (known.length === 0) return null;
  const rows = known.flatMap((one) => [
    row(one.variant, "As counted", one),
    one.adjusted && row(one.variant, "Less noise", one.adjusted),
    isCapped(one) && row(one.variant, "Largest amounts pulled in", one.winsorised),
  ]).filter(Boolean);
  const notes = known.map((one) => [one.adjusted, isCapped(one) && one.winsorised]).flatMap(([adjusted, winsorised]) => [
    adjusted && `Less noise: ${told(adjusted)} is taken out (CUPED); known of ${count(adjusted.with_covariate)} of ${count(adjusted.n)}, it explains ${percent(Math.max(0, adjusted.variance_reduction), 0)} of the variance.`,
    winsorised && `Pulled in: amounts above ${metric.unit === "money" ? money(winsorised.cap, metric.currency) : count(winsorised.cap)} count as that much (${plural(winsorised.capped_in_control + winsorised.capped_in_variant, "shopper")}); they make ${difference(winsorised.influence, metric)} of the difference.`,
  ]).filter(Boolean);
  const title = `${metricName(metric.name)}, the same difference read otherwise`;
  return [
    table(title, ["Reading", "Variant", ["Difference", "Interval", "Relative", "p-value"]], rows),
    [...new Set(notes)].map((text) => small(text)),
  ];
}

const guards = { holds: "✓ holds", open: "… not shown yet", broken: "✕ broken" };

/** What must not fall, and whether that is shown. */
export const guardrailSection = ({ guardrails, control }) => section("What must not fall", [
  table("Guardrails", ["Metric", "Variant", ["May fall by", `Against ${control}`, "Interval", "State"]],
    guardrails.flatMap((one) => one.variants.map((variant) => [
      metricName(one.metric), variant.name, exact(one.max_drop), change(variant.relative), range(variant.interval, change), guards[variant.state],
    ]))),
  bind("guardrail-note").root,
]);

const metricOf = (data, part) => data.metrics.find((one) => one.name === part.metric) ?? data.metrics[0];

/** Shoppers divided by what was declared before the start. */
export function segmentSection(data, segment) {
  const metric = metricOf(data, segment);
  // Who cannot be compared is said in a line.
  const rows = segment.values.flatMap((value) => value.comparisons.filter((one) => one.estimate).map((one) => ({ value, one })));
  const rest = segment.values.filter((value) => !rows.some((row) => row.value === value));
  const many = segment.values[0]?.comparisons.length > 1;
  const title = `By ${segment.attribute}`;
  return section(title, [
    soft(`${metricName(metric.name)}: the difference to “${data.control}” in each part, declared before the start; `
      + `intervals share the risk among ${plural(segment.adjustment.comparisons, "comparison")}.`),
    differences(rows.map(({ value, one }) => [many ? `${value.name}: ${one.variant}` : value.name, one.estimate]), metric,
      `${metricName(metric.name)} by ${segment.attribute}: the difference in each part with its interval`, data),
    table(`${title}, differences`, [segment.attribute, "Variant", ["Shoppers", `In ${data.control}`, "Difference", "Interval", "Pulled together"]],
      rows.map(({ value, one }) => [value.name, one.variant,
        ...[one.variant, data.control].map((name) => count(value.variants.find((known) => known.name === name)?.n)),
        ...cells(one.estimate, metric), difference(one.shrunk, metric)])),
    rest.length > 0 && small(`Too few to compare: ${rest.map((value) => `${value.name} (${plural(sum(value.variants.map((known) => known.n)), "shopper")})`).join(", ")}.`),
    bind("segment-note").root,
    warnings(segment.warnings),
  ]);
}

/** Shoppers by the weights they came under: differences are compared within each, and then put together. */
export function phaseSection(data) {
  const metric = metricOf(data, data.phases);
  return details("By the weights in force: each phase compared apart",
    small("Weights have changed. Shoppers are compared with those of their own phase, and the phases put together. ",
      data.phases.heterogeneity.filter(Boolean).map((one) => `${one.variant}: p = ${pValue(one.p_value)} that they say the same. `)),
    table(`${metricName(metric.name)} in each phase`, ["Since", "Variant", ["Shoppers", "Estimate", "Difference", "Interval"]],
      data.phases.phases.flatMap((phase) => phase.variants.map((one) => {
        const { estimate } = phase.comparisons.find((known) => known.variant === one.name) ?? {};
        return [time(phase.started_at), one.name, count(one.n), measure(one.estimate, metric), ...cells(estimate, metric)];
      }))));
}

const lookStates = {
  waiting: "waits for shoppers", maturing: "waits for late sales", taken: "taken", skipped: "passed on the same day as the next",
};

/** What was looked at when, and how far it was from ending the experiment. */
export function looksSection(data) {
  const { looks, comparisons, target, spending } = data.planned_looks;
  const metric = metricOf(data, data.planned_looks);
  const ended = comparisons.filter((one) => one.stopped_at !== null).map((one) =>
    `${one.variant}: decided at look ${one.stopped_at}, ${difference(one.estimate, metric)} (${range(one.interval, difference, metric)}; p = ${pValue(one.p_value)}).`);
  return section("Planned looks", [
    soft(`${plural(looks.length, "look")} at equal parts of ${plural(target, "shopper")}; `
      + `${spending === "pocock" ? "each may end it nearly as easily (Pocock)" : "early ones end it only for a large difference (O’Brien–Fleming)"}. Between them there is nothing to see.`),
    table("The looks", ["Look", "State", "Until", ["Shoppers"], "Variant", ["Difference", "Interval", "z, of what ends it"]],
      looks.flatMap((look) => comparisons.map((one) => {
        const reading = one.readings.find((known) => known.look === look.number);
        return [
          `${look.number} of ${looks.length}`, lookStates[look.state] ?? look.state, look.date ?? "–", count(look.n ?? look.shoppers), one.variant,
          ...cells(reading, metric), reading ? `${number(Math.abs(reading.z))} of ${number(look.boundary)}` : number(look.boundary),
        ];
      }))),
    ended.length > 0 && small(ended.join(" ")),
  ]);
}

/** Marks of an axis with no more decimals than tell them apart. */
const marks = (metric) => (value, place, ticks) => mark(value, metric, Math.abs(ticks[1]?.value - ticks[0].value) || 1, true);

const density = (value, { mean, standard_deviation: deviation }) =>
  Math.exp(-0.5 * ((value - mean) / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));

/** What is believed of each difference, and how much of it is practically none; null where none has any. */
export function posteriorSection(metric) {
  const known = metric.comparisons.filter((one) => one.posterior?.standard_deviation > 0);
  if (known.length === 0) return null;
  const show = (value) => difference(value, metric);
  const ends = known.flatMap(({ posterior: { mean, standard_deviation: deviation } }) => [mean - 4 * deviation, mean + 4 * deviation]);
  const [from, to] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const values = Array.from({ length: 161 }, (_, place) => from + ((to - from) * place) / 160);
  const most = Math.max(...known.map((one) => density(one.posterior.mean, one.posterior)));
  const title = `What is believed of the difference in ${metricName(metric.name).toLowerCase()}`;
  const drawn = picture(`${title}, as a density by variant`, (colors) => ({
    datasets: [
      line("No difference", colors.ink, [{ x: 0, y: 0 }, { x: 0, y: 1.05 }], dashed),
      ...known.flatMap((one, place) => {
        const color = known.length === 1 ? colors.first : lineColor(place);
        const points = values.map((value) => ({ x: value, y: density(value, one.posterior) / most }));
        return [line(one.variant, color, points), shade(color, points, "origin")];
      }),
    ],
    words: (item) => show(item.parsed.x),
    scales: { x: axis(colors, "Difference to control", marks(metric), { type: "linear", min: from, max: to }), y: { display: false, min: 0, max: 1.08 } },
  }), "low");
  const likely = ({ mean, standard_deviation: deviation }) =>
    range({ lower: mean - 1.96 * deviation, upper: mean + 1.96 * deviation }, difference, metric);
  const same = ({ equivalence: region }) => region && `${chance(region.probability)} (within ${range(region, change)})`;
  return details("What is believed of the difference", drawn,
    table(title, ["Variant", ["Most likely", "With 95%", "Better", "Practically the same"]],
      known.map((one) => [one.variant, show(one.posterior.mean), likely(one.posterior), chance(one.probability_better), same(one)])));
}

/** What was known at the end of each day: the difference with its interval, closing in. */
export function historySection(data) {
  const { history, control } = data;
  const metric = metricOf(data, history);
  const show = (value) => difference(value, metric);
  const days = history.days.map((one) => one.date);
  const of = (place, value) => history.days.map(({ differences }) => (differences[place]?.confidence_sequence ? value(differences[place]) : null));
  const known = history.days.filter((one) => one.differences.some((each) => each?.confidence_sequence));
  const title = `${metricName(history.metric)}: difference to ${control}`;
  // One day is no line.
  const drawn = known.length === 1 ? differences(history.comparisons.map((name, place) => [name, known[0].differences[place]]), metric,
    `${title} until ${known[0].date}, with its interval`, data)
    : known.length > 1 && picture(`${title} at the end of each day, with its interval`, (colors) => ({
    labels: days, words: (item) => show(item.parsed.y),
    datasets: [
      line("No difference", colors.ink, days.map(() => 0), dashed),
      ...history.comparisons.flatMap((name, place) => {
        const color = history.comparisons.length === 1 ? colors.first : lineColor(place);
        const [lower, upper] = ["lower", "upper"].map((end) => of(place, (one) => one.confidence_sequence[end]));
        // What stands alone is no band.
        const alone = lower.map((value, day) => (value !== null && (lower[day - 1] ?? lower[day + 1] ?? null) === null ? [value, upper[day]] : null));
        return [
          ...banded(name, color, of(place, (one) => one.difference), lower, upper, { pointRadius: days.length < 40 ? 3 : 0, pointStyle: "circle" }),
          { type: "bar", label: "", data: alone, backgroundColor: color, barThickness: 3, grouped: false },
        ];
      }),
    ],
    scales: { x: names(colors), y: axis(colors, title, marks(metric)) },
  }));
  return section("Day by day", [
    drawn, known.length > 1 && small("A band that leaves the dashed line behind is more than chance."),
    details("Who came, and what was known at the end of each day", table(`New shoppers, and ${metricName(history.metric).toLowerCase()} until then`,
      ["Day (UTC)", [...history.variants.map((name) => `New: ${name}`), ...history.comparisons.map((name) => `${name} − ${control}`)]],
      history.days.map((day) => [
        day.date, ...day.arrivals.map(count),
        ...day.differences.map((one) => (one?.confidence_sequence
          ? `${show(one.difference)} (${range(one.confidence_sequence, difference, metric)})` : show(one?.difference))),
      ]))),
  ]);
}
