// The demand and profit curve with the prices that were tested.

import { axis, drawChart, legend } from "./charts.js";
import { percent } from "./format.js";
import { money } from "./money.js";

const purchases = (demand, price) => 1 / (1 + Math.exp(-(demand.intercept + demand.slope * price)));

/** @param demand as the report has it: a logit in minor units. */
export function drawDemand(place, demand, signal) {
  if (demand.intercept === null || demand.slope === null) {
    place.remove();
    return undefined;
  }
  const tested = demand.points.map((point) => point.price.amount);
  const [from, to] = [Math.min(...tested) * 0.85, Math.max(...tested) * 1.15];
  const prices = Array.from({ length: 61 }, (_, index) => from + ((to - from) * index) / 60);
  const cost = demand.unit_cost;
  const earned = (price) => purchases(demand, price) * (price - (cost ?? 0));
  const what = cost === null ? "Revenue" : "Profit";
  const show = (minor) => money(minor, demand.currency);
  const label = `Share who buy and ${what.toLowerCase()} per visitor by price; the tables beneath have the numbers.`;
  return drawChart(place, label, (colors) => ({
    data: {
      datasets: [
        { type: "line", label: "Share who buy (model)", yAxisID: "rate", borderColor: colors.first, backgroundColor: colors.first,
          data: prices.map((price) => ({ x: price, y: purchases(demand, price) })), pointRadius: 0, pointStyle: "line", borderWidth: 2 },
        { type: "scatter", label: "Share who bought (seen)", yAxisID: "rate", borderColor: colors.first, backgroundColor: colors.first,
          data: demand.points.map((point) => ({ x: point.price.amount, y: point.rate })), pointRadius: 5 },
        { type: "line", label: `${what} per visitor (model)`, yAxisID: "earned", borderColor: colors.second,
          backgroundColor: colors.second, borderDash: [6, 4], borderWidth: 2,
          data: prices.map((price) => ({ x: price, y: earned(price) })), pointRadius: 0, pointStyle: "line" },
      ],
    },
    options: {
      plugins: {
        legend: legend(colors),
        tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${item.dataset.yAxisID === "rate"
          ? percent(item.parsed.y) : show(item.parsed.y)}`,
          title: (items) => show(items[0].parsed.x) } },
      },
      scales: {
        x: axis(colors, "Price", show, { type: "linear", min: from, max: to, ticks: { color: colors.ink, maxTicksLimit: 6, includeBounds: false, callback: show } }),
        rate: axis(colors, "Share who buy", (value) => percent(value, 0), { position: "left", min: 0 }),
        earned: axis(colors, "Per visitor", show, { position: "right", grid: { color: "transparent" } }),
      },
    },
  }), signal);
}
