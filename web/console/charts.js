// Pictures by Chart.js where the server has it; the tables beneath say the same without.

import { el } from "./dom.js";

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

/** Okabe and Ito's colours, which the colour-blind tell apart; neighbours differ in grey too. */
export const series = (place) => ["#0072b2", "#f0e442", "#d55e00", "#56b4e9", "#009e73", "#cc79a7"][place % 6];

/**
 * Draws into `place`, whose height is fixed so that nothing jumps, and takes it away where it cannot.
 *
 * @param label what the picture says, for who cannot see it.
 * @param configure makes Chart.js's configuration of `{ink, rule, card, first, second}`, the scheme's colours.
 */
export async function drawChart(place, label, configure, signal) {
  const Chart = await chartLibrary();
  if (signal.aborted) return;
  if (!Chart) {
    place.remove();
    return;
  }
  const canvas = el("canvas", { role: "img", "aria-label": label });
  place.append(canvas);
  const draw = () => {
    const style = getComputedStyle(document.documentElement);
    const names = { ink: "--soft", rule: "--rule", card: "--card", first: "--accent", second: "--second" };
    const configuration = configure(Object.fromEntries(
      Object.entries(names).map(([name, property]) => [name, style.getPropertyValue(property).trim()])));
    Object.assign(configuration.options, { animation: false, responsive: true, maintainAspectRatio: false });
    return new Chart(canvas, configuration);
  };
  let chart = draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    chart.destroy();
    chart = draw();
  }, { signal });
  signal.addEventListener("abort", () => chart.destroy());
}

/** An axis with its name and marks. */
export const axis = ({ ink, rule }, title, show, more = {}) => ({
  title: { display: true, text: title, color: ink }, grid: { color: rule },
  ticks: { color: ink, maxTicksLimit: 6, callback: show }, ...more,
});

export const legend = ({ ink }) => ({ labels: { color: ink, usePointStyle: true } });
