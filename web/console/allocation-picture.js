// Which price new shoppers were given, day by day, and what the weights of the day planned.

import { axis, drawChart, legend, series } from "./charts.js";
import { el } from "./dom.js";
import { count, percent, time } from "./format.js";
import { table } from "./table.js";

const sum = (values) => values.reduce((total, value) => total + value, 0);
const day = 86_400_000;

/** What the report says of the allocation: `{element, draw}`. */
export function allocationSection({ history, allocation: phases }) {
  const place = el("div", { class: "chart" });
  const share = (value, all) => (all > 0 ? percent(value / all) : "–");
  const rows = phases.map((phase) => [time(phase.since), ...phase.weights.map((weight, variant) =>
    `${share(phase.shoppers[variant], sum(phase.shoppers))} (${count(phase.shoppers[variant])}), planned ${share(weight, sum(phase.weights))}`)]);
  const label = "New shoppers by variant, day by day, and what the weights planned; the table beneath has the numbers.";
  return {
    element: el("section", { "aria-labelledby": "allocation" },
      el("h2", { id: "allocation" }, "Who was given which price"), place,
      table("By the weights in force", ["Weights since", ...history.variants], rows)),
    draw: (signal) => drawChart(place, label, (colors) => ({
      type: "bar",
      data: {
        labels: history.days.map((one) => one.date),
        datasets: [
          ...history.variants.map((name, variant) => ({
            label: name, stack: "came", yAxisID: "y", backgroundColor: series(variant), borderColor: colors.card, borderWidth: 1, pointStyle: "rect", maxBarThickness: 64,
            data: history.days.map((one) => (sum(one.arrivals) > 0 ? one.arrivals[variant] / sum(one.arrivals) : null)),
          })),
          // A line where each variant's part should end; the last one ends at the top.
          ...history.variants.slice(0, -1).map((name, variant) => ({
            type: "line", label: variant === 0 ? "Planned" : "", yAxisID: "plan", stepped: "middle", borderColor: colors.ink, borderDash: [6, 4], borderWidth: 2,
            pointRadius: 0, pointStyle: "line",
            data: history.days.map((one) => planned(phases, one.date, variant)),
          })),
        ],
      },
      options: {
        plugins: {
          legend: { labels: { ...legend(colors).labels, filter: (item) => item.text !== "" } },
          tooltip: { filter: (item) => item.dataset.type !== "line", callbacks: { label: (item) => `${item.dataset.label}: ${percent(item.parsed.y)}` } },
        },
        scales: {
          x: axis(colors, "Day of the first price told (UTC)", undefined, { stacked: true, ticks: { color: colors.ink, maxTicksLimit: 6 }, grid: { color: "transparent" } }),
          y: axis(colors, "Share of new shoppers", (value) => percent(value, 0), { stacked: true, min: 0, max: 1 }),
          plan: { display: false, min: 0, max: 1 },
        },
      },
    }), signal),
  };
}

/** The share that the first variants should have of a day's shoppers, by the weights in force at its end. */
function planned(phases, date, variant) {
  const end = Date.parse(`${date}T00:00:00Z`) + day;
  const phase = phases.findLast((one) => Date.parse(one.since) < end);
  return phase ? sum(phase.weights.slice(0, variant + 1)) / sum(phase.weights) : null;
}
