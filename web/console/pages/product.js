// One product: what it is, what it costs, and between which prices an experiment may go.

import { ask, sender } from "../api.js";
import { confirm } from "../dialog.js";
import { action, area, div, el, field, form, input, link, notice, numeral, say } from "../kit.js";
import { example, parseMoney, plain } from "../money.js";
import { go } from "../router.js";

const back = ["/console/products", "Products"];
const amounts = [
  ["list_price", "List price", "Who is in no experiment pays this."],
  ["unit_cost", "Unit cost", "Empty where it is not known: profit is then given as bounds, never guessed."],
  ["floor", "Lowest price allowed", "No experiment goes below it. Empty for none."],
  ["ceiling", "Highest price allowed", "No experiment goes above it. Empty for none."],
];

export async function product({ parameters }) {
  const path = `/products/${parameters.sku}`;
  const { data: item, etag } = await ask(path);
  const tests = item.experiments.map((id, place) => [place > 0 && ", ", link(`/console/experiments/${id}`, `experiment ${place + 1}`)]);
  return {
    title: item.title,
    back,
    body: [
      tests.length > 0 && notice("warn", el("p", {}, "It is under test: ", tests, ". What would change the prices under test is refused.")),
      productForm(item, (body) => ask(path, { method: "PATCH", body, etag }), "The product is changed."),
      tests.length === 0 && div("buttons", action("Remove the product", () => remove(item, path), {})),
    ],
  };
}

export const newProduct = () => ({
  title: "New product", back, body: productForm(null, sender("/products"), "The product is made."),
});

function productForm(item, send, done) {
  const sku = item ? null : field("SKU", input({ maxlength: 256 }), "/sku", "Your own name for it. It cannot be changed later.");
  const title = field("Title", input({ maxlength: 500, value: item?.title ?? "" }), "/title");
  const description = field("Description", area(item?.description, { rows: 3 }), "/description", "Shoppers find it by these words, and the agent tells them.");
  const currency = field("Currency", input({ maxlength: 3, value: item?.list_price.currency ?? "USD" }), "/list_price/currency", "Three letters, such as USD.");
  const code = () => currency.text.toUpperCase();
  const money = amounts.map(([key, label, hint]) => Object.assign(
    field(label, numeral({ value: item?.[key] ? plain(item[key].amount, item[key].currency) : "" }), `/${key}`, hint, code()), { key }));
  return form({
    name: item ? "Change the product" : "New product",
    fields: [sku, title, description, currency, ...money].filter(Boolean),
    changed: () => money.forEach((part) => { part.unit = code(); }),
    body: [sku, title, description, div("pair", currency, money.slice(0, 2)), div("pair", money.slice(2))],
    buttons: [el("button", {}, item ? "Save the changes" : "Make the product")],
    send: async ({ refuse }) => {
      const faults = money.filter((part) => part.text !== "" && parseMoney(part.text, code()) === null)
        .map((part) => ({ pointer: part.pointer, detail: `“${part.text}” is not an amount in ${code()} such as ${example(code())}.` }));
      if (item && money[0].text === "") faults.push({ pointer: "/list_price", detail: "A product has a list price." });
      if (faults.length > 0) return refuse(faults);
      const body = { title: title.text, description: description.text, ...(sku && { sku: sku.text }) };
      // What is empty is taken away; what was never there is not spoken of.
      for (const { key, text } of money) {
        if (text !== "") body[key] = { amount: parseMoney(text, code()), currency: code() };
        else if (item?.[key]) body[key] = null;
      }
      await send(body);
      await go("/console/products");
      return say(done);
    },
  });
}

async function remove(item, path) {
  if (!await confirm({
    title: `Remove “${item.title}”?`, action: "Remove the product", isDangerous: true,
    text: "Nobody can ask for its price any more. What was sold stays in the reports.",
  })) return;
  await ask(path, { method: "DELETE" });
  await go("/console/products");
  say(`“${item.title}” is removed.`);
}
