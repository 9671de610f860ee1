// Rows of a form that can be added and taken away; each is a template of the document's.

import { button, el, fill } from "./dom.js";
import { bind } from "./form.js";

/**
 * @param noun what one row is, in words and as its template's name.
 * @param pointer where the list stands in the request; a row's fields stand beneath its place.
 * @param known the rows there are; `fresh` says what a new one begins with.
 * @param describe writes what follows from what was typed; `changed` is called when there are more or fewer rows.
 */
export function rowList({ noun, kind = "variants groups", pointer, addText, least = 0, most = 20, known, fresh, describe = () => {}, changed = () => {} }) {
  const rows = [];
  const append = (from) => {
    const { root, parts, fields } = bind(`${noun}-row`, from);
    const row = { parts, fields, from, remove: button("Remove", () => remove(row), { class: "plain small" }) };
    row.element = el("li", root, row.remove);
    rows.push(row);
    return row;
  };
  const update = () => {
    rows.forEach((row, place) => {
      for (const part of row.fields) part.pointer = `${pointer}/${place}/${part.key}`;
      row.remove.setAttribute("aria-label", `Remove ${row.fields[0].text || `${noun} ${place + 1}`}`);
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
    const row = append(fresh?.(rows.length));
    arrange();
    changed();
    (row.fields.find((one) => one.text === "") ?? row.fields[0]).control.focus();
  });
  known?.forEach(append);
  arrange();
  return { element: el("div", list, add), rows, update, fields: () => rows.flatMap((row) => row.fields) };
}
