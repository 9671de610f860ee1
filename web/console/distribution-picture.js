// How revenue is spread over shoppers, by variant.

import { axis, drawChart, legend, series } from "./charts.js";
import { el } from "./dom.js";
import { count, metricName, percent } from "./format.js";
import { money } from "./money.js";
import { notice } from "./notice.js";
import { numeric, table } from "./table.js";

/** What the report says of the spread: `{element, draw}`. */
export function distributionSection(data) {
  const place = el("div", { class: "chart" });
  const show = (minor) => money(minor, data.currency);
  const median = (one) => one.quantiles.find((known) => known.of === "buyers" && known.share === 0.5);
  const title = `How ${metricName(data.metric).toLowerCase().replace(" per visitor", "")} is spread over shoppers`;
  return {
    element: el("section", { "aria-labelledby": "spread" },
      el("h2", { id: "spread" }, title), place,
      table(title, ["Variant", numeric("Shoppers"), numeric("Spent nothing"),
        numeric("Half of buyers at most"), numeric("Most")],
      data.variants.map((one) => [one.name, count(one.n), one.n > 0 ? percent(one.zeros / one.n) : "–",
        show(median(one)?.value), show(one.largest)]), { isQuiet: true }),
      data.warnings.length > 0 && notice("warn", el("ul", {}, data.warnings.map((text) => el("li", {}, text))))),
    draw: (signal) => drawChart(place, `${title}: the share of shoppers in each class of amounts; the table beneath has what half of them spent.`, (colors) => ({
      type: "bar",
      data: {
        labels: data.bins.map((bin) => (bin.lower === bin.upper ? show(bin.lower) : `${show(bin.lower)} – ${show(bin.upper)}`)),
        datasets: data.variants.map((one, variant) => ({
          label: one.name, data: one.counts.map((value) => (one.n > 0 ? value / one.n : 0)), backgroundColor: series(variant),
          borderColor: colors.ink, borderWidth: 1, pointStyle: "rect", maxBarThickness: 40,
        })),
      },
      options: {
        plugins: { legend: legend(colors), tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${percent(item.parsed.y, 2)}` } } },
        scales: {
          x: { ticks: { color: colors.ink, maxTicksLimit: 8 }, grid: { color: "transparent" } },
          y: axis(colors, "Share of shoppers", (value) => percent(value), { beginAtZero: true }),
        },
      },
    }), signal),
  };
}
