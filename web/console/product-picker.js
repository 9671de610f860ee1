// Which products an experiment is about: checkboxes, with a search where there are many.

import { el, fill, freshId } from "./dom.js";
import { count } from "./format.js";
import { field, group, input } from "./form.js";

const visible = 30;

/**
 * @param changed is given the chosen products.
 * @param known the SKUs chosen at first; one that is no product any more is left out.
 */
export function productPicker(items, changed, known = []) {
  const chosen = new Set(known.filter((sku) => items.some((item) => item.sku === sku)));
  const choices = el("div", { class: "choices" });
  const search = items.length > 8 ? field("Search products", input({ type: "search" })) : null;
  const rest = el("p", { class: "soft small", role: "status" });
  // In the order they were chosen: the first says the currency.
  const list = () => [...chosen].map((sku) => items.find((item) => item.sku === sku));
  const choice = (item) => {
    const id = freshId("product");
    const box = el("input", { type: "checkbox", id, value: item.sku, checked: chosen.has(item.sku) });
    box.addEventListener("change", () => {
      if (box.checked) chosen.add(item.sku);
      else chosen.delete(item.sku);
      changed(list());
    });
    return el("div", { class: "choice" }, box, el("label", { for: id }, item.title, " ",
      el("span", { class: "soft" }, `${item.sku}, ${item.list_price.display}${item.experiments.length > 0 ? ", under test already" : ""}`)));
  };
  const draw = () => {
    const words = (search?.control.value ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = items.filter((item) => chosen.has(item.sku)
      || words.every((word) => `${item.sku} ${item.title}`.toLowerCase().includes(word)));
    // What is chosen is always to be seen.
    fitting.sort((a, b) => chosen.has(b.sku) - chosen.has(a.sku));
    fill(choices, fitting.slice(0, Math.max(visible, chosen.size)).map(choice));
    rest.textContent = fitting.length > visible ? `${count(fitting.length - visible)} more: search for them.` : "";
  };
  search?.control.addEventListener("input", draw);
  draw();
  const frame = group("Products", [
    items.length === 0 && el("p", {}, "There is no product yet. ", el("a", { href: "/console/products" }, "Import some first"), "."),
    search?.element, choices, rest,
  ], { pointer: "/products", hint: "All of them are sold at the price of the shopper's variant." });
  return { ...frame, chosen: list };
}
