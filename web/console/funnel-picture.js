// From told a price to bought, by variant.

import { axis, drawChart, legend } from "./charts.js";
import { el } from "./dom.js";
import { count, percent } from "./format.js";
import { numeric, table } from "./table.js";

/** What the report says of the funnel: `{element, draw}`. */
export function funnelSection(funnel) {
  const place = el("div", { class: "chart low" });
  const rate = (one) => (one.told > 0 ? percent(one.bought / one.told, 2) : "–");
  return {
    element: el("section", { "aria-labelledby": "funnel" },
      el("h2", { id: "funnel" }, "From told a price to bought"), place,
      table("Shoppers from told a price to bought",
        ["Variant", numeric("Told a price"), numeric("Bought"), numeric("Share"), numeric("Orders"), numeric("Items")],
        funnel.variants.map((one) => [one.name, count(one.told), count(one.bought), rate(one), count(one.orders), count(one.items)]))),
    draw: (signal) => drawChart(place,
      "Shoppers who were told a price and who bought, by variant; the table beneath has the numbers.",
      (colors) => ({
        type: "bar",
        data: {
          labels: funnel.variants.map((one) => one.name),
          datasets: [
            { label: "Told a price", data: funnel.variants.map((one) => one.told), backgroundColor: "transparent",
              borderColor: colors.first, borderWidth: 2, pointStyle: "rect" },
            { label: "Bought", data: funnel.variants.map((one) => one.bought), backgroundColor: colors.first,
              borderColor: colors.first, borderWidth: 2, pointStyle: "rect" },
          ],
        },
        options: {
          indexAxis: "y",
          plugins: { legend: legend(colors), tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${count(item.parsed.x)}` } } },
          scales: {
            x: axis(colors, "Shoppers", count, { beginAtZero: true }),
            y: { ticks: { color: colors.ink }, grid: { color: "transparent" } },
          },
        },
      }), signal),
  };
}
