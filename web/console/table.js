// Tables; on a narrow screen each row becomes a list of its cells, every one with its column's name. The roles are said
// again, as browsers take them from a table that is laid out otherwise.

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
  const cell = (content, index) => (index === 0
    ? el("th", { scope: "row", role: "rowheader" }, content)
    : el("td", { role: "cell", class: kind(index), "data-label": heads[index]?.title }, content));
  return el("div", { class: "scroll", role: "region", "aria-labelledby": id, tabindex: "0" },
    el("table", { role: "table" },
      el("caption", { id, class: isQuiet ? "unseen" : undefined }, caption),
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads.map((head, index) =>
        el("th", { scope: "col", role: "columnheader", class: kind(index) }, head.title)))),
      el("tbody", { role: "rowgroup" }, rows.map((cells) => el("tr", { role: "row" }, cells.map(cell))))));
}

export const numeric = (title) => ({ title, isNumber: true });
