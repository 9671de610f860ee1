// Which products an experiment is about: checkboxes, with a search where there are many.

import { choice, count, div, el, fill, group, link, searchField } from "./kit.js";

const visible = 30;

export function productPicker(items, changed, known = []) {
  // What is no product any more is left out.
  const chosen = new Set(known.filter((sku) => items.some((item) => item.sku === sku)));
  const choices = div("choices");
  const rest = el("p.soft.small", { role: "status" });
  // In the order they were chosen: the first says the currency.
  const list = () => [...chosen].map((sku) => items.find((item) => item.sku === sku));
  const box = (item) => choice(
    [item.title, " ", el("span.soft", `${item.sku}, ${item.list_price.display}${item.experiments.length > 0 ? ", under test already" : ""}`)],
    { value: item.sku, checked: chosen.has(item.sku), change: (event) => {
      if (event.target.checked) chosen.add(item.sku);
      else chosen.delete(item.sku);
      changed(list());
    } });
  const draw = () => {
    const fitting = items.filter((item) => chosen.has(item.sku) || !search || search.fits(item.sku, item.title));
    // What is chosen is always to be seen.
    fitting.sort((a, b) => chosen.has(b.sku) - chosen.has(a.sku));
    fill(choices, fitting.slice(0, Math.max(visible, chosen.size)).map(box));
    rest.textContent = fitting.length > visible ? `${count(fitting.length - visible)} more: search for them.` : "";
  };
  const search = items.length > 8 ? searchField("Search products", "", draw) : null;
  draw();
  const frame = group("Products", [
    items.length === 0 && el("p", "There is no product yet. ", link("/console/products", "Import some first"), "."),
    search, choices, rest,
  ], "/products", "All of them are sold at the price of the shopper's variant.");
  return Object.assign(frame, { chosen: list });
}
