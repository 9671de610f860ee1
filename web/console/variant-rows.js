// The prices under test, as rows of a form that can be added and taken away.

import { el, fill } from "./dom.js";
import { percent } from "./format.js";
import { field, input, numeral, parseWhole } from "./form.js";
import { example, parseMoney, plain } from "./money.js";

const most = 20;

/**
 * @param changed is called when there are more or fewer, or another currency; typing is an `input` event.
 * @param item the experiment whose prices they are at first; without one there are two to be filled in.
 */
export function variantRows(changed, item = null) {
  const rows = [];
  const list = el("ol", { class: "variants" });
  const add = el("button", { type: "button", class: "plain" }, "Add a price");
  let currency = item?.currency ?? "USD";

  const append = (name, known = null) => {
    const row = {
      metadata: known?.metadata,
      name: field("Name", input({ maxlength: 100, value: name })),
      price: field("Price", numeral({ value: known ? plain(known.price.amount, known.price.currency) : "" }), { unit: currency }),
      weight: field("Weight", numeral({ value: String(known?.weight ?? 1), inputmode: "numeric" })),
      share: el("p", { class: "share soft" }),
    };
    const remove = el("button", { type: "button", class: "plain small" }, "Remove");
    remove.addEventListener("click", () => {
      const place = rows.indexOf(row);
      rows.splice(place, 1);
      arrange();
      changed();
      rows[Math.min(place, rows.length - 1)].name.control.focus();
    });
    row.remove = remove;
    row.element = el("li", {}, row.name.element, row.price.element, row.weight.element, row.share, remove);
    rows.push(row);
    return row;
  };

  /** Writes what follows from what was typed. */
  const describe = () => {
    const weights = rows.map((row) => parseWhole(row.weight.control.value) ?? NaN);
    const sum = weights.reduce((total, one) => total + one, 0);
    rows.forEach((row, place) => {
      for (const [part, key] of [[row.name, "name"], [row.price, "price"], [row.weight, "weight"]]) {
        part.pointer = `/variants/${place}/${key}`;
      }
      row.price.element.querySelector(".unit").textContent = currency;
      row.price.control.placeholder = example(currency);
      row.share.textContent = sum > 0 ? `${percent(weights[place] / sum, 0)} of shoppers` : "";
      row.remove.setAttribute("aria-label", `Remove ${row.name.control.value || `price ${place + 1}`}`);
    });
  };

  const arrange = () => {
    fill(list, rows.map((row) => row.element));
    for (const row of rows) row.remove.hidden = rows.length <= 2;
    add.hidden = rows.length >= most;
    describe();
  };

  list.addEventListener("input", describe);
  add.addEventListener("click", () => {
    const row = append(`price-${rows.length + 1}`);
    arrange();
    changed();
    row.price.control.focus();
  });
  if (item) for (const variant of item.variants) append(variant.name, variant);
  else for (const name of ["control", "higher"]) append(name);
  arrange();

  return {
    element: el("div", {}, list, add),
    get fields() {
      return rows.flatMap((row) => [row.name, row.price, row.weight]);
    },
    get size() {
      return rows.length;
    },
    /** The currency that prices are typed in, and today's price for a control that has none. */
    take(next, listPrice) {
      currency = next;
      if (listPrice !== null && rows[0].price.control.value === "") rows[0].price.control.value = plain(listPrice, currency);
      describe();
      changed();
    },
    /** What is wrong before anything is sent: only what could not be put into a request. */
    faults() {
      return rows.flatMap((row, place) => {
        const [price, weight] = [row.price.control.value, row.weight.control.value];
        return [
          price.trim() !== "" && parseMoney(price, currency) === null
            && { pointer: `/variants/${place}/price`, detail: `“${price}” is not an amount in ${currency} such as ${example(currency)}.` },
          !Number.isInteger(parseWhole(weight))
            && { pointer: `/variants/${place}/weight`, detail: "A weight is a whole number, 0 or more." },
        ].filter(Boolean);
      });
    },
    values() {
      return rows.map((row) => {
        const amount = parseMoney(row.price.control.value, currency);
        return {
          name: row.name.control.value.trim(), weight: Number(row.weight.control.value),
          ...(amount !== null && { price: { amount, currency } }), ...(row.metadata && { metadata: row.metadata }),
        };
      });
    },
  };
}
