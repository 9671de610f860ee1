// Tables; on a narrow screen each row becomes a list of its cells, every one with its column's name. The roles are said
// again, as browsers take them from a table that is laid out otherwise.

import { get } from "./api.js";
import { el, freshId } from "./dom.js";
import { plural } from "./format.js";
import { action, say } from "./notice.js";

export const numeric = (title) => ({ title, isNumber: true });

/** Columns are titles, or as `numeric` makes them; the first cell of a row is its header. */
export function table(caption, columns, rows, { isQuiet = false } = {}) {
  const id = freshId("caption");
  return el("div", { class: "scroll", role: "region", "aria-labelledby": id, tabindex: "0" },
    el("table", { role: "table" },
      el("caption", { id, class: isQuiet ? "unseen" : undefined }, caption),
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, columns.map((column) =>
        el("th", { scope: "col", role: "columnheader", class: kind(column) }, column.title ?? column)))),
      el("tbody", { role: "rowgroup" }, rows.map((cells) => line(columns, cells)))));
}

/** A table of what the API lists page by page, with a button for older rows; null where there is nothing. */
export async function pagedTable(path, caption, columns, row) {
  const page = (cursor) => get(`${path}?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
  let { data, next_cursor: next } = await page();
  const grid = table(caption, columns, data.map(row));
  const more = action("Show older", async () => {
    ({ data, next_cursor: next } = await page(next));
    grid.querySelector("tbody").append(...data.map((one) => line(columns, row(one))));
    more.hidden = !next;
    say(`${plural(data.length, "older row")} shown.`);
  }, { hidden: !next });
  return data.length > 0 ? [grid, more] : null;
}

const kind = (column) => (column?.isNumber ? "number" : undefined);

const line = (columns, cells) => el("tr", { role: "row" }, cells.map((content, place) => (place === 0
  ? el("th", { scope: "row", role: "rowheader" }, content)
  : el("td", { role: "cell", class: kind(columns[place]), "data-label": columns[place]?.title ?? columns[place] }, content))));
