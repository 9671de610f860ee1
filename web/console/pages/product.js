// One product: what it is, what it costs, and between which prices an experiment may go.

import { ask, onceKey } from "../api.js";
import { confirm } from "../dialog.js";
import { el } from "../dom.js";
import { FaultSummary, field, handle, input, numeral } from "../form.js";
import { example, parseMoney, plain } from "../money.js";
import { notice, say } from "../notice.js";
import { go } from "../router.js";

const amounts = [
  ["list_price", "List price", "Who is in no experiment pays this."],
  ["unit_cost", "Unit cost", "Empty where it is not known: profit is then given as bounds, never guessed."],
  ["floor", "Lowest price allowed", "No experiment goes below it. Empty for none."],
  ["ceiling", "Highest price allowed", "No experiment goes above it. Empty for none."],
];

export async function product({ parameters, signal }) {
  const path = `/products/${encodeURIComponent(parameters.sku)}`;
  const { data: item, etag } = await ask(path, { signal });
  const remove = el("button", { type: "button", class: "plain", click: () => removal(item, path, signal) }, "Remove the product");
  return {
    title: item.title,
    body: [
      crumb(), el("h1", {}, item.title),
      item.experiments.length > 0 && notice("warn", el("p", {}, "It is under test: ",
        item.experiments.map((id, place) => [place > 0 && ", ", el("a", { href: `/console/experiments/${id}` }, `experiment ${place + 1}`)]),
        ". What would change the prices under test is refused.")),
      productForm(item, (body) => ask(path, { method: "PATCH", body, etag }), "The product is changed."),
      item.experiments.length === 0 && el("div", { class: "buttons" }, remove),
    ],
  };
}

export function newProduct() {
  const [once, sent] = [{ key: onceKey() }, { text: "" }];
  const send = (body) => {
    if (JSON.stringify(body) !== sent.text) [once.key, sent.text] = [onceKey(), JSON.stringify(body)];
    return ask("/products", { method: "POST", body, once: once.key });
  };
  return { title: "New product", body: [crumb(), el("h1", {}, "New product"), productForm(null, send, "The product is made.")] };
}

const crumb = () => el("p", { class: "crumb" }, el("a", { href: "/console/products" }, "Products"));

function productForm(item, send, done) {
  const summary = new FaultSummary();
  const trouble = el("div", {});
  const sku = item ? null : field("SKU", input({ maxlength: 256 }), { pointer: "/sku", hint: "Your own name for it. It cannot be changed later." });
  const title = field("Title", input({ maxlength: 500, value: item?.title ?? "" }), { pointer: "/title" });
  const description = field("Description", el("textarea", { rows: 3 }, item?.description), {
    pointer: "/description", hint: "Shoppers find it by these words, and the agent tells them.",
  });
  const currency = field("Currency", input({ maxlength: 3, value: item?.list_price.currency ?? "USD" }), {
    pointer: "/list_price/currency", hint: "Three letters, such as USD.",
  });
  const code = () => currency.control.value.trim().toUpperCase();
  const money = amounts.map(([key, label, hint]) => ({
    key, part: field(label, numeral({ value: item?.[key] ? plain(item[key].amount, item[key].currency) : "" }), { pointer: `/${key}`, hint, unit: code() }),
  }));
  const showCurrency = () => {
    for (const { part } of money) part.element.querySelector(".unit").textContent = code();
  };
  currency.control.addEventListener("input", showCurrency);
  const fields = [sku, title, description, currency, ...money.map(({ part }) => part)].filter(Boolean);
  const button = el("button", { type: "submit" }, item ? "Save the changes" : "Make the product");
  const form = el("form", { class: "panel", novalidate: true, "aria-label": item ? "Change the product" : "New product" },
    summary.element, sku?.element, title.element, description.element,
    el("div", { class: "pair" }, currency.element, money[0].part.element, money[1].part.element),
    el("div", { class: "pair" }, money[2].part.element, money[3].part.element),
    trouble, el("div", { class: "buttons" }, button));
  handle(form, { summary, fields, trouble, button }, async (_, refuse) => {
    const typed = money.map(({ key, part }) => ({ key, part, text: part.control.value.trim(), amount: parseMoney(part.control.value, code()) }));
    const faults = typed.filter(({ text, amount }) => text !== "" && amount === null)
      .map(({ part, text }) => ({ pointer: part.pointer, detail: `“${text}” is not an amount in ${code()} such as ${example(code())}.` }));
    if (item && typed[0].text === "") faults.push({ pointer: "/list_price", detail: "A product has a list price." });
    if (faults.length > 0) return refuse(faults);
    const body = { title: title.control.value.trim(), description: description.control.value.trim(), ...(sku && { sku: sku.control.value.trim() }) };
    // What is empty is taken away; what was never there is not spoken of.
    for (const { key, amount } of typed) {
      if (amount !== null) body[key] = { amount, currency: code() };
      else if (item?.[key]) body[key] = null;
    }
    await send(body);
    await go("/console/products");
    say(done);
    return undefined;
  });
  return form;
}

async function removal(item, path, signal) {
  const isSure = await confirm({
    title: `Remove “${item.title}”?`, action: "Remove the product", isDangerous: true,
    text: "Nobody can ask for its price any more. What was sold stays in the reports.",
  });
  if (!isSure) return;
  try {
    await ask(path, { method: "DELETE" });
    await go("/console/products");
    say(`“${item.title}” is removed.`);
  } catch (error) {
    if (!signal.aborted) say(error.message, "bad");
  }
}
