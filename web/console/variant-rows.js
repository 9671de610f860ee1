// The prices under test, as rows of a form.

import { share, sum } from "./format.js";
import { example } from "./money.js";
import { rowList } from "./rows.js";

/** @param changed is called when there are more or fewer, or another currency; typing is an `input` event. */
export function variantRows(changed, item = null) {
  let currency = item?.currency ?? "USD";
  const describe = (rows) => {
    const weights = rows.map(({ parts }) => parts.weight.read());
    rows.forEach(({ element, parts: { price } }, place) => {
      price.unit = price.currency = currency;
      price.control.placeholder = example(currency);
      element.querySelector(".share").textContent = `${share(weights[place], sum(weights), 0)} of shoppers`;
    });
  };
  const list = rowList({
    noun: "price", kind: "variants", pointer: "/variants", addText: "Add a price", least: 2,
    known: item?.variants ?? [{ name: "control" }, { name: "higher" }], fresh: (place) => ({ name: `price-${place + 1}` }), describe, changed,
  });
  return {
    ...list,
    /** The currency that prices are typed in, and today's price for a control that has none. */
    take(next, listPrice) {
      currency = next;
      list.update();
      const first = list.rows[0].parts.price;
      if (listPrice !== null && first.text === "") first.write({ amount: listPrice, currency });
      changed();
    },
  };
}
