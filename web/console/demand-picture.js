// The demand and profit curve, drawn by Chart.js where the server has it; the table beneath says the same without.

import { el } from "./dom.js";
import { percent } from "./format.js";
import { money } from "./money.js";

let library = null;

/** Chart.js as the server serves it; null where it has none. */
function chartLibrary() {
  library ??= new Promise((resolve) => {
    const script = el("script", {
      src: "/console/chart.js", load: () => resolve(globalThis.Chart ?? null), error: () => resolve(null),
    });
    document.head.append(script);
  });
  return library;
}

const purchases = (demand, price) => 1 / (1 + Math.exp(-(demand.intercept + demand.slope * price)));

/**
 * Draws into `place`, whose height is fixed so that nothing jumps; says so where it cannot.
 *
 * @param demand as the report has it: a logit in minor units.
 */
export async function drawDemand(place, demand, signal) {
  const Chart = demand.intercept === null || demand.slope === null ? null : await chartLibrary();
  if (signal.aborted) return;
  if (!Chart) {
    place.remove();
    return;
  }
  const tested = demand.points.map((point) => point.price.amount);
  const [from, to] = [Math.min(...tested) * 0.85, Math.max(...tested) * 1.15];
  const prices = Array.from({ length: 61 }, (_, index) => from + ((to - from) * index) / 60);
  const cost = demand.unit_cost;
  const earned = (price) => purchases(demand, price) * (price - (cost ?? 0));
  const canvas = el("canvas", {
    role: "img",
    "aria-label": `Share who buy and ${cost === null ? "revenue" : "profit"} per visitor by price; the tables beneath have the numbers.`,
  });
  place.append(canvas);
  const draw = () => {
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(name).trim();
    const [ink, rule, first, second] = ["--soft", "--rule", "--accent", "--second"].map(color);
    const axis = (title, position, show, hasGrid) => ({
      position, title: { display: true, text: title, color: ink }, grid: { color: hasGrid ? rule : "transparent" },
      ticks: { color: ink, maxTicksLimit: 6, callback: show },
    });
    return new Chart(canvas, {
      data: {
        datasets: [
          { type: "line", label: "Share who buy (model)", yAxisID: "rate", borderColor: first, backgroundColor: first,
            data: prices.map((price) => ({ x: price, y: purchases(demand, price) })), pointRadius: 0, pointStyle: "line", borderWidth: 2 },
          { type: "scatter", label: "Share who bought (seen)", yAxisID: "rate", borderColor: first, backgroundColor: first,
            data: demand.points.map((point) => ({ x: point.price.amount, y: point.rate })), pointRadius: 5 },
          { type: "line", label: cost === null ? "Revenue per visitor (model)" : "Profit per visitor (model)",
            yAxisID: "earned", borderColor: second, backgroundColor: second, borderDash: [6, 4], borderWidth: 2,
            data: prices.map((price) => ({ x: price, y: earned(price) })), pointRadius: 0, pointStyle: "line" },
        ],
      },
      options: {
        animation: false, responsive: true, maintainAspectRatio: false,
        plugins: {
          legend: { labels: { color: ink, usePointStyle: true } },
          tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${item.dataset.yAxisID === "rate"
            ? percent(item.parsed.y) : money(item.parsed.y, demand.currency)}`,
            title: (items) => money(items[0].parsed.x, demand.currency) } },
        },
        scales: {
          x: { type: "linear", min: from, max: to, title: { display: true, text: "Price", color: ink },
            grid: { color: rule }, ticks: { color: ink, maxTicksLimit: 6, includeBounds: false, callback: (value) => money(value, demand.currency) } },
          rate: { ...axis("Share who buy", "left", (value) => percent(value, 0), true), min: 0 },
          earned: axis("Per visitor", "right", (value) => money(value, demand.currency), false),
        },
      },
    });
  };
  let chart = draw();
  const again = () => {
    chart.destroy();
    chart = draw();
  };
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", again, { signal });
  signal.addEventListener("abort", () => chart.destroy());
}
