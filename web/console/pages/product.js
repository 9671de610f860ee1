// One product: what it is, what it costs, and between which prices an experiment may go.

import { action, ask, bind, confirm, div, el, form, link, notice, said, say, sender } from "../kit.js";
import { go } from "../router.js";

const back = ["/console/products", "Products"];

export default async function product({ parameters }) {
  if (!parameters.sku) return { title: "New product", back, body: productForm(null, sender("/products"), "The product is made.") };
  const path = `/products/${parameters.sku}`;
  const { data: item, etag } = await ask(path);
  const tests = item.experiments.map((id, place) => [place > 0 && ", ", link(`/console/experiments/${id}`, `experiment ${place + 1}`)]);
  return {
    title: item.title,
    back,
    body: [
      tests.length > 0 && notice("warn", el("p", "It is under test: ", tests, ". What would change the prices under test is refused.")),
      productForm(item, (body) => ask(path, { method: "PATCH", body, etag }), "The product is changed."),
      tests.length === 0 && div("buttons", action("Remove the product", () => remove(item, path), {})),
    ],
  };
}

function productForm(item, send, done) {
  const { root, parts, fields } = bind("product-form", item);
  const { sku, currency, ...more } = parts;
  const money = Object.values(more).filter((one) => one.control.dataset.as === "money");
  const show = () => {
    for (const one of money) one.unit = one.currency = currency.text.toUpperCase();
  };
  sku.element.hidden = item !== null;
  show();
  return form({
    name: item ? "Change the product" : "New product", root, fields, changed: show,
    buttons: [item ? "Save the changes" : "Make the product"],
    send: async () => {
      // What is empty is taken away; what was never there is not spoken of.
      const gone = money.filter((one) => one.text === "" && item?.[one.key]).map((one) => [one.key, null]);
      await send(said(fields, { description: "", ...Object.fromEntries(gone) }));
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
