// Pictures by Chart.js where the server has it; the tables beneath say the same without.

import { div, el } from "./dom.js";

let library = null;

function chartLibrary() {
  library ??= new Promise((resolve) => {
    const script = el("script", {
      src: "/console/chart.js", load: () => resolve(globalThis.Chart ?? null), error: () => resolve(null),
    });
    document.head.append(script);
  });
  return library;
}

/** Okabe and Ito's colours, which the colour-blind tell apart; neighbours differ in grey too. */
const palette = ["#0072b2", "#f0e442", "#d55e00", "#56b4e9", "#009e73", "#cc79a7"];
export const series = (place) => palette[place % 6];
/** The colour of a comparison's line: yellow is none, on white. */
export const lineColor = (place) => palette[[0, 2, 4, 5, 3][place % 5]];

/**
 * A picture, which `drawAll` draws. Its height is fixed, so that nothing jumps; where there is no Chart.js it is taken away.
 *
 * @param configure makes `{type, labels, datasets, scales, words}` of the scheme's colours; `words` writes an item's value, what
 *   else there is are Chart.js's options. A dataset without a label is in no legend.
 */
export function picture(words, configure, kind = "") {
  const label = `${words}; the table beneath has the numbers.`;
  const place = div(`chart ${kind}`);
  pictures.set(place, (signal) => draw(place, label, configure, signal));
  return place;
}

const pictures = new WeakMap();

/** Draws the pictures of a page, until it is left. */
export function drawAll(signal) {
  for (const place of document.querySelectorAll(".chart")) pictures.get(place)?.(signal);
}

async function draw(place, label, configure, signal) {
  const Chart = await chartLibrary();
  if (signal.aborted) return;
  if (!Chart) {
    place.remove();
    return;
  }
  const canvas = el("canvas", { role: "img", "aria-label": label });
  place.append(canvas);
  const make = () => {
    const style = getComputedStyle(document.documentElement);
    const names = { ink: "--soft", rule: "--rule", card: "--card", first: "--accent", second: "--second" };
    const colors = Object.fromEntries(Object.entries(names).map(([name, property]) => [name, style.getPropertyValue(property).trim()]));
    const { type, labels, datasets, words, title, ...options } = configure(colors);
    return new Chart(canvas, {
      type, data: { labels, datasets },
      options: {
        ...options, animation: false, responsive: true, maintainAspectRatio: false,
        plugins: {
          legend: { labels: { color: colors.ink, usePointStyle: true, filter: (item) => item.text !== "" } },
          tooltip: {
            filter: (item) => item.dataset.label !== "",
            callbacks: { label: (item) => `${item.dataset.label}: ${words(item)}`, ...(title && { title: ([item]) => title(item) }) },
          },
        },
      },
    });
  };
  let chart = make();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    chart.destroy();
    chart = make();
  }, { signal });
  signal.addEventListener("abort", () => chart.destroy());
}

export const axis = ({ ink, rule }, title, show, more = {}) => ({
  title: { display: true, text: title, color: ink }, grid: { color: rule },
  ticks: { color: ink, maxTicksLimit: 6, includeBounds: false, callback: show }, ...more,
});

export const names = ({ ink }, more = {}) => ({ ticks: { color: ink, maxTicksLimit: 8 }, grid: { color: "transparent" }, ...more });

export const line = (label, color, data, more = {}) => ({
  type: "line", label, borderColor: color, backgroundColor: color, data, pointRadius: 0, pointStyle: "line", borderWidth: 2, ...more,
});
export const dashed = { borderDash: [6, 4] };

/** A line in the band of what it may be. */
export const banded = (label, color, data, lower, upper, more = {}) => [
  line(label, color, data, more), line("", "transparent", lower, { yAxisID: more.yAxisID }), shade(color, upper, "-1", { yAxisID: more.yAxisID }),
];

/** What lies between data and what `fill` says. */
export const shade = (color, data, fill, more = {}) => ({ ...line("", "transparent", data, more), backgroundColor: `${color}38`, fill });
