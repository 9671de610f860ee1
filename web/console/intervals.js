// Interval bars: an estimate as a dot, its interval as a line, zero or none as the place to compare with.

import { el } from "./dom.js";
import { difference, mark, measure, range } from "./format.js";

const wide = { width: 640, left: 130, right: 24, row: 40, middle: 20, foot: 26, marks: 4 };
/** Names stand above the bars. */
const narrow = { width: 330, left: 20, right: 24, row: 52, middle: 34, foot: 26, marks: 2 };

/**
 * @param rows `[{name, estimate, lower, upper, tone}]`; tone is `good`, `bad` or nothing.
 * @param isDifference whether the line at zero is what rows are read against.
 * @param region `{lower, upper}` of differences that are practically none.
 */
export function intervals(rows, metric, label, { isDifference = false, region } = {}) {
  const show = isDifference ? difference : measure;
  const drawn = rows.filter((row) => row.estimate !== null && row.estimate !== undefined);
  if (drawn.length === 0) return null;
  const { width, left, right, row: rowHeight, middle, foot, marks } = matchMedia("(max-width: 40rem)").matches ? narrow : wide;
  const values = drawn.flatMap((row) => [row.estimate, row.lower ?? row.estimate, row.upper ?? row.estimate]);
  if (isDifference) values.push(0);
  const [low, high, step] = scale(Math.min(...values), Math.max(...values), marks);
  const x = (value) => left + ((value - low) / (high - low)) * (width - left - right);
  const height = drawn.length * rowHeight + foot;
  const svg = el("svg.intervals", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${label}; the table beneath has the numbers.` });
  if (region) {
    const [start, end] = [region.lower, region.upper].map((value) => x(Math.min(Math.max(value, low), high)));
    svg.append(el("rect.region", { x: start, width: end - start, y: 0, height: height - foot + 4 }));
  }
  for (let place = 0, value = low; value <= high + step / 2; place += 1, value = low + place * step) {
    const clean = Math.abs(value) < step / 1e6 ? 0 : value;
    svg.append(
      el("line", { class: isDifference && clean === 0 ? "axis zero" : "axis", x1: x(clean), x2: x(clean), y1: 0, y2: height - foot + 4 }),
      el("text.tick", { x: x(clean), y: height - 7, "text-anchor": "middle" }, mark(clean, metric, step, isDifference)));
  }
  drawn.forEach((row, place) => {
    const y = place * rowHeight + middle;
    const isAbove = middle > rowHeight / 2;
    svg.append(el("text.name", { x: 0, y: isAbove ? y - 16 : y + 5 }, isAbove ? row.name : shorten(row.name)));
    const group = el("g", { class: `mark ${row.tone ?? ""}` },
      el("title", `${row.name}: ${show(row.estimate, metric)}${row.lower === undefined ? "" : `, ${range(row, show, metric)}`}`));
    if (row.lower !== undefined && row.upper !== undefined) {
      group.append(
        el("line.range", { x1: x(row.lower), x2: x(row.upper), y1: y, y2: y }),
        el("path.ends", { d: `M${x(row.lower)} ${y - 7}v14M${x(row.upper)} ${y - 7}v14` }));
    }
    group.append(el("circle", { cx: x(row.estimate), cy: y, r: 6 }));
    svg.append(group);
  });
  return svg;
}

const shorten = (name) => (name.length > 16 ? `${name.slice(0, 15)}…` : name);

/** Round steps that hold all values: `[from, to, step]`. */
function scale(least, most, marks) {
  const spread = most - least || Math.abs(most) || 1;
  const rough = spread / marks;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((size) => size >= rough * 0.999);
  const [from, to] = [Math.floor(least / step + 1e-9) * step, Math.ceil(most / step - 1e-9) * step];
  // All values may be one, and on a mark: before the first sale every share is zero.
  return [from, Math.max(to, from + step), step];
}
