// The prices under test, as rows of a form.

import { el, field, input, numeral, percent, unreadable, wholeField } from "./kit.js";
import { example, parseMoney, plain } from "./money.js";
import { rowList } from "./rows.js";

/** @param changed is called when there are more or fewer, or another currency; typing is an `input` event. */
export function variantRows(changed, item = null) {
  let currency = item?.currency ?? "USD";
  const make = (place, known) => {
    const name = field("Name", input({ maxlength: 100, value: known?.name ?? `price-${place + 1}` }), "name");
    const price = field("Price", numeral({ value: known?.price ? plain(known.price.amount, currency) : "" }), "price", null, currency);
    const weight = wholeField("Weight", known?.weight ?? 1, "weight");
    const share = el("p", { class: "share soft" });
    return {
      fields: [name, price, weight], price, weight, share, more: share, begin: price,
      name: (at) => name.control.value || `price ${at + 1}`,
      value() {
        const amount = parseMoney(price.control.value, currency);
        return {
          name: name.text, weight: Number(weight.control.value),
          ...(amount !== null && { price: { amount, currency } }), ...(known?.metadata && { metadata: known.metadata }),
        };
      },
    };
  };
  const describe = (rows) => {
    const weights = rows.map((row) => row.weight.read() ?? NaN);
    const sum = weights.reduce((total, one) => total + one, 0);
    rows.forEach((row, place) => {
      row.price.unit = currency;
      row.price.control.placeholder = example(currency);
      row.share.textContent = sum > 0 ? `${percent(weights[place] / sum, 0)} of shoppers` : "";
    });
  };
  const { rows, update, ...list } = rowList({
    kind: "variants", pointer: "/variants", addText: "Add a price", least: 2, most: 20,
    known: item?.variants ?? [{ name: "control" }, { name: "higher" }], make, describe, changed,
  });
  return {
    ...list,
    get size() {
      return rows.length;
    },
    /** The currency that prices are typed in, and today's price for a control that has none. */
    take(next, listPrice) {
      currency = next;
      if (listPrice !== null && rows[0].price.text === "") rows[0].price.control.value = plain(listPrice, currency);
      update();
      changed();
    },
    /** What is wrong before anything is sent: only what could not be put into a request. */
    faults: () => rows.flatMap(({ price, weight }) => [
      price.text !== "" && parseMoney(price.text, currency) === null
        && { pointer: price.pointer, detail: `“${price.text}” is not an amount in ${currency} such as ${example(currency)}.` },
      ...unreadable([weight], true),
    ].filter(Boolean)),
    values: () => rows.map((row) => row.value()),
  };
}
