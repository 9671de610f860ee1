// What a report tells of the shoppers: who bought, what they spent, who was given which price, and demand.

import { axis, banded, dashed, line, names, picture, series } from "./charts.js";
import {
  count, details, lists, metricName, money, number, percent, plural, quiet, range, section, share, soft, sum, table, time, warnings,
} from "./kit.js";

export function funnelSection({ variants }) {
  // Checkouts are a step only where they were told of and counted.
  const hasCheckouts = variants.some((one) => one.checkouts !== null);
  const drawn = picture("Shoppers who were told a price and who bought, by variant", (colors) => {
    const bars = (label, key, backgroundColor) => ({
      label, data: variants.map((one) => one[key]), backgroundColor, borderColor: colors.first, borderWidth: 2, pointStyle: "rect",
    });
    return {
      type: "bar", indexAxis: "y", labels: variants.map((one) => one.name), words: (item) => count(item.parsed.x),
      datasets: [
        bars("Told a price", "told", "transparent"),
        ...(hasCheckouts ? [bars("Began a checkout", "checkouts", `${colors.first}73`)] : []),
        bars("Bought", "bought", colors.first),
      ],
      scales: { x: axis(colors, "Shoppers", count, { beginAtZero: true }), y: names(colors) },
    };
  }, "low");
  const steps = ["Told a price", ...(hasCheckouts ? ["Began a checkout", "Share"] : []), "Bought", "Share", "Orders", "Items"];
  return section("From told a price to bought", [drawn, table("Shoppers from told a price to bought", ["Variant", steps],
    variants.map((one) => [
      one.name, count(one.told), ...(hasCheckouts ? [count(one.checkouts), share(one.checkouts, one.told, 2)] : []),
      count(one.bought), share(one.bought, one.told, 2), count(one.orders), count(one.items),
    ]))]);
}

export function distributionSection(data) {
  const show = (minor) => money(minor, data.currency);
  const amounts = (bin) => (bin.lower === bin.upper ? show(bin.lower) : `${show(bin.lower)} – ${show(bin.upper)}`);
  const median = (one) => one.quantiles.find((known) => known.of === "buyers" && known.share === 0.5);
  const title = `How ${metricName(data.metric).toLowerCase().replace(" per visitor", "")} is spread over shoppers`;
  const drawn = picture(`${title}: the share of shoppers in each class of amounts`, (colors) => ({
    type: "bar", labels: data.bins.map(amounts), words: (item) => percent(item.parsed.y, 2),
    datasets: data.variants.map((one, place) => ({
      label: one.name, data: one.counts.map((value) => (one.n > 0 ? value / one.n : 0)), backgroundColor: series(place),
      // Of a thin bar the edge is all there is; yellow is none on white.
      borderColor: place % 6 === 1 ? "#998a00" : series(place), borderWidth: 1, pointStyle: "rect", barPercentage: 1, maxBarThickness: 40,
    })),
    scales: { x: names(colors), y: axis(colors, "Share of shoppers", (value) => percent(value), { beginAtZero: true }) },
  }));
  const who = (of, part) => `${part === 0.5 ? "Half" : percent(part, 0)} of ${of === "buyers" ? "buyers" : "all shoppers"} at most`;
  return section(title, [
    drawn,
    quiet(title, ["Variant", ["Shoppers", "Spent nothing", "Half of buyers at most", "Most"]],
      data.variants.map((one) => [one.name, count(one.n), share(one.zeros, one.n), show(median(one)?.value), show(one.largest)])),
    details("What a shopper spends at most, in parts of all",
      table("Amounts that a part of the shoppers does not exceed", ["Part", "Variant", ["Amount", "Interval"]],
        data.variants.flatMap((one) => one.quantiles.map((known) => [who(known.of, known.share), one.name, show(known.value), range(known.interval, money, data.currency)]))),
      data.differences.length > 0 && table("How much more that is than in control", ["Part", "Variant", ["Difference", "Interval"]],
        data.differences.map((one) => [who(one.of, one.share), one.variant, show(one.difference), range(one.interval, money, data.currency)]))),
    details("Shoppers in each class of amounts",
      quiet("Shoppers in each class of amounts", ["Amount", data.variants.map((one) => one.name)],
        data.bins.map((bin, place) => [amounts(bin), ...data.variants.map((one) => count(one.counts[place]))]))),
    warnings(data.warnings),
  ]);
}

const day = 86_400_000;

/** Who was given which price, day by day, and what the weights of the day planned. */
export function allocationSection({ history, allocation: phases, bandit }) {
  const rows = phases.map((phase) => [time(phase.since), ...phase.weights.map((weight, variant) =>
    `${share(phase.shoppers[variant], sum(phase.shoppers))} (${count(phase.shoppers[variant])}), planned ${share(weight, sum(phase.weights))}`)]);
  const drawn = picture("New shoppers by variant, day by day, and what the weights planned", (colors) => ({
    type: "bar", labels: history.days.map((one) => one.date), words: (item) => percent(item.parsed.y),
    datasets: [
      ...history.variants.map((name, variant) => ({
        label: name, stack: "came", yAxisID: "y", backgroundColor: series(variant), borderColor: colors.card, borderWidth: 1, pointStyle: "rect", maxBarThickness: 64,
        data: history.days.map((one) => (sum(one.arrivals) > 0 ? one.arrivals[variant] / sum(one.arrivals) : null)),
      })),
      // A line where each variant's part should end; the last one ends at the top.
      ...history.variants.slice(0, -1).map((name, variant) => line(
        variant === 0 ? "Planned" : "", colors.ink, history.days.map((one) => planned(phases, one.date, variant)),
        { ...dashed, yAxisID: "plan", stepped: "middle", order: -1 })),
    ],
    scales: {
      x: names(colors, { stacked: true, title: { display: true, text: "Day of the first price told (UTC)", color: colors.ink } }),
      y: axis(colors, "Share of new shoppers", (value) => percent(value, 0), { stacked: true, min: 0, max: 1 }),
      plan: { axis: "y", display: false, min: 0, max: 1 },
    },
  }));
  return section("Who was given which price", [
    bandit && soft(`New shoppers are moved towards what earns more every ${plural(bandit.every_hours, "hour")} (${lists.rules[bandit.rule] ?? bandit.rule}); no price falls below ${percent(bandit.floor, 0)} of them.`),
    drawn, table("By the weights in force", ["Weights since", ...history.variants], rows),
  ]);
}

/** The share that the first variants should have of a day's shoppers, by the weights in force at its end. */
function planned(phases, date, variant) {
  const end = Date.parse(`${date}T00:00:00Z`) + day;
  const phase = phases.findLast((one) => Date.parse(one.since) < end);
  return phase ? sum(phase.weights.slice(0, variant + 1)) / sum(phase.weights) : null;
}

/** The demand and profit curve with its uncertainty and the prices that were tested. */
export function demandSection(demand) {
  const show = (minor) => money(minor, demand.currency);
  const what = demand.unit_cost === null ? "Revenue" : "Profit";
  const kind = what.toLowerCase();
  const { buyer } = demand;
  const earned = (price, rate) => rate * (price * buyer.paid_items - (buyer.cost ?? 0));
  const drawn = demand.curve.length > 0 && picture(`Share who buy and ${kind} per visitor by price, with bands of what they may be`, (colors) => {
    const along = (value) => demand.curve.map((point) => ({ x: point.price, y: value(point) }));
    const curve = (label, color, value, more) => banded(label, color, along((point) => value(point.price, point.rate)),
      along((point) => value(point.price, point.interval.lower)), along((point) => value(point.price, point.interval.upper)), more);
    return {
      datasets: [
        ...curve("Share who buy (model)", colors.first, (_, rate) => rate, { yAxisID: "rate" }),
        { type: "scatter", label: "Share who bought (seen)", yAxisID: "rate", borderColor: colors.first, backgroundColor: colors.first,
          data: demand.points.map((point) => ({ x: point.price.amount, y: point.rate })), pointRadius: 5 },
        ...(buyer ? curve(`${what} per visitor (model)`, colors.second, earned, { ...dashed, yAxisID: "earned" }) : []),
        { type: "scatter", label: `${what} per visitor (seen)`, yAxisID: "earned", borderColor: colors.second, backgroundColor: colors.second,
          data: demand.points.map((point) => ({ x: point.price.amount, y: point[kind]?.mean })), pointStyle: "triangle", pointRadius: 5 },
      ],
      words: (item) => (item.dataset.yAxisID === "rate" ? percent(item.parsed.y) : show(item.parsed.y)), title: (item) => show(item?.parsed.x),
      scales: {
        x: axis(colors, "Price", show, { type: "linear", min: demand.curve[0].price, max: demand.curve.at(-1).price }),
        rate: axis(colors, "Share who buy", (value) => percent(value, 0), { position: "left", min: 0 }),
        earned: axis(colors, `${what} per visitor`, show, { position: "right", grid: { color: "transparent" } }),
      },
    };
  });
  const optimum = (name, value) => value && [
    name, show(value.amount), range(value.interval, money, demand.currency), value.extrapolated ? "outside the prices tested" : "within the prices tested",
  ];
  const optima = [optimum("Most profit", demand.profit_optimal_price), optimum("Most revenue", demand.revenue_optimal_price)].filter(Boolean);
  return section("Demand", [
    optima.length > 0 && table("Best prices", ["For", ["Price", "Interval"], "Where it lies"], optima),
    drawn,
    table("What each price brought in", ["Price", ["Shoppers", "Bought", "Share", `${what} per visitor`, "Interval"]],
      demand.points.map((point) => [
        point.price.display, count(point.n), count(point.conversions), percent(point.rate, 2),
        show(point[kind]?.mean), range(point[kind]?.interval, money, demand.currency),
      ])),
    demand.elasticities.length > 0 && details("Elasticity", quiet("Elasticity", ["Model", ["At", "Elasticity", "Interval"]],
      demand.elasticities.map((one) => [
        one.model, one.at === null ? "any price" : show(one.at), number(one.value), range(one.interval, number),
      ]))),
    warnings(demand.warnings),
  ]);
}
