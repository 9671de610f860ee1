// The groups of shoppers that are compared apart, as rows of a form.

import { field, input } from "./form.js";
import { rowList } from "./rows.js";

export function groupRows(changed, known = []) {
  const make = (place, from) => {
    const attribute = field("Known of a shopper", input({ maxlength: 100, value: from?.attribute ?? "", placeholder: "device" }), "attribute");
    const values = field("Its groups, with commas between", input({ value: from?.values.join(", ") ?? "", placeholder: "phone, desktop" }), "values");
    return {
      fields: [attribute, values], name: (at) => attribute.text || `group ${at + 1}`,
      value: () => ({ attribute: attribute.text, values: values.text.split(",").map((one) => one.trim()).filter(Boolean) }),
    };
  };
  const { rows, ...list } = rowList({
    kind: "variants groups", pointer: "/analysis/segments", addText: "Add groups", most: 5, known, make, changed,
  });
  return { ...list, values: () => rows.map((row) => row.value()) };
}
