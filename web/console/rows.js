// Rows of a form that can be added and taken away.

import { button, el, fill } from "./dom.js";

/**
 * `make` makes `{fields, more, name}` of a place and of what is known: fields with the last part of their pointers, and the name
 * of what is removed. `describe` writes what follows from what was typed.
 */
export function rowList({ kind, pointer, addText, least = 0, most, known, make, describe = () => {}, changed }) {
  const rows = [];
  const append = (from) => {
    const row = make(rows.length, from);
    row.remove = button("Remove", () => remove(row), { class: "plain small" });
    for (const part of row.fields) part.key = part.pointer;
    row.element = el("li", {}, row.fields, row.more, row.remove);
    rows.push(row);
    return row;
  };
  const update = () => {
    rows.forEach((row, place) => {
      for (const part of row.fields) part.pointer = `${pointer}/${place}/${part.key}`;
      row.remove.setAttribute("aria-label", `Remove ${row.name(place)}`);
    });
    describe(rows);
  };
  const list = el("ol", { class: kind, input: update });
  const arrange = () => {
    fill(list, rows);
    list.hidden = rows.length === 0;
    for (const row of rows) row.remove.hidden = rows.length <= least;
    add.hidden = rows.length >= most;
    update();
  };
  const remove = (row) => {
    const place = rows.indexOf(row);
    rows.splice(place, 1);
    arrange();
    changed();
    (rows[Math.min(place, rows.length - 1)]?.fields[0].control ?? add).focus();
  };
  const add = button(addText, () => {
    const row = append();
    arrange();
    changed();
    (row.begin ?? row.fields[0]).control.focus();
  });
  for (const one of known) append(one);
  arrange();
  return { element: el("div", {}, list, add), rows, update, fields: () => rows.flatMap((row) => row.fields) };
}
