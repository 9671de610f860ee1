// Tables that scroll by themselves on a narrow screen.

import { el, freshId } from "./dom.js";

/**
 * @param caption says what it is; shown unless `isQuiet`.
 * @param columns `[{title, isNumber}]` or titles.
 * @param rows arrays of cells, each text or a node; the first is the row's header.
 */
export function table(caption, columns, rows, { isQuiet = false } = {}) {
  const heads = columns.map((column) => (typeof column === "string" ? { title: column } : column));
  const id = freshId("caption");
  const kind = (index) => (heads[index]?.isNumber ? "number" : undefined);
  return el("div", { class: "scroll", role: "region", "aria-labelledby": id, tabindex: "0" },
    el("table", {},
      el("caption", { id, class: isQuiet ? "unseen" : undefined }, caption),
      el("thead", {}, el("tr", {}, heads.map((head, index) => el("th", { scope: "col", class: kind(index) }, head.title)))),
      el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell, index) =>
        (index === 0 ? el("th", { scope: "row" }, cell) : el("td", { class: kind(index) }, cell))))))));
}

export const numeric = (title) => ({ title, isNumber: true });
