// Tables; on a narrow screen each row becomes a list of its cells, every one with its column's name. The roles are said
// again, as browsers take them from a table that is laid out otherwise.

import { part } from "./api.js";
import { el, freshId } from "./dom.js";
import { plural } from "./format.js";
import { action, say } from "./notice.js";

/** Columns by their titles, those of numbers as lists in the list; the first cell of a row is its header. */
export function table(caption, titles, rows, kind) {
  const columns = columnsOf(titles);
  const id = freshId("caption");
  return el("div.scroll", { role: "region", "aria-labelledby": id, tabindex: "0" },
    el("table", { role: "table" },
      el("caption", { id, class: kind }, caption),
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, columns.map((column) =>
        el("th", { scope: "col", role: "columnheader", class: column.kind }, column.title)))),
      el("tbody", { role: "rowgroup" }, rows.map((cells) => line(columns, cells)))));
}

/** A table whose caption is heard alone. */
export const quiet = (...grid) => table(...grid, "unseen");

/** A table of what the API lists page by page, with a button for older rows; null where there is nothing. */
export async function pagedTable(path, caption, titles, row) {
  const page = (cursor) => part(path, { limit: 50 }, cursor);
  let { data, next_cursor: next } = await page();
  const grid = table(caption, titles, data.map(row));
  const more = action("Show older", async () => {
    ({ data, next_cursor: next } = await page(next));
    grid.querySelector("tbody").append(...data.map((one) => line(columnsOf(titles), row(one))));
    more.hidden = !next;
    say(`${plural(data.length, "older row")} shown.`);
  }, { hidden: !next });
  return data.length > 0 ? [grid, more] : null;
}

const columnsOf = (titles) => titles.flatMap((one) => (Array.isArray(one) ? one.map((title) => ({ title, kind: "number" })) : { title: one }));

const line = (columns, cells) => el("tr", { role: "row" }, cells.map((content, place) => (place === 0
  ? el("th", { scope: "row", role: "rowheader" }, content)
  : el("td", { role: "cell", class: columns[place]?.kind, "data-label": columns[place]?.title }, content))));
