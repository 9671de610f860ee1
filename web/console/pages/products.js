// The catalogue, and the file that fills it.

import {
  ask, bind, count, div, el, empty, fill, form, link, list, mayChange, mono, onceKey, plural, quiet, say, searchField, soft, table,
} from "../kit.js";

const pageSize = 100;
const largestFile = 8 * 1024 * 1024;

export default async function products() {
  const shown = div();
  const found = el("p.soft", { role: "status" });
  let [items, isWhole] = [[], true];
  const draw = () => {
    const fitting = items.filter((item) => search.fits(item.sku, item.title));
    found.textContent = items.length === 0 ? "" :
      `${count(fitting.length)} of ${plural(items.length, "product")}${isWhole ? "" : " (the first ones)"}`
      + (fitting.length > pageSize ? `, the first ${pageSize} shown` : "");
    fill(shown, items.length === 0 ? empty("There is no product yet. Import a file, or send products to the API.")
      : catalogue(fitting.slice(0, pageSize)));
  };
  const search = searchField("Search", "SKU or title", draw);
  const update = async () => {
    ({ items, isWhole } = await list("/products", 5000));
    draw();
  };
  await update();
  return {
    title: "Products",
    beside: mayChange() && el("a.button", { href: "/console/new-product" }, "New product"),
    body: [
      el("div.filters", { role: "search" }, search), found, shown,
      mayChange() && [el("h2", "Import"), importer(update)],
    ],
  };
}

const catalogue = (items) => quiet("Catalogue",
  ["Product", "SKU", ["List price", "Unit cost", "Allowed"], "Under test"],
  items.map((item) => [
    mayChange() ? link(`/console/products/${encodeURIComponent(item.sku)}`, item.title) : item.title,
    mono(item.sku), item.list_price.display, item.unit_cost?.display ?? "–",
    item.floor || item.ceiling ? `${item.floor?.display ?? "0"} – ${item.ceiling?.display ?? "any"}` : "any",
    item.experiments.length === 0 ? "no"
      : item.experiments.map((id) => link(`/console/experiments/${id}`, "yes", el("span.unseen", `, the experiment on ${item.title}`))),
  ]));

function importer(update) {
  const { root, parts, fields, put } = bind("import-form");
  const { file } = parts;
  const result = el("div", { "aria-live": "polite" });
  put("result", result);
  return form({
    name: "Import products", root, fields, buttons: ["Import"],
    send: async () => {
      const chosen = file.control.files[0];
      const objection = !chosen ? "Choose a file." : chosen.size > largestFile ? "A file has at most 8 MiB." : null;
      if (objection) {
        file.fail(objection);
        file.control.focus();
        return;
      }
      fill(result, el("p", "Importing…"));
      try {
        const { data } = await ask("/products/import", {
          method: "POST", text: await chosen.text(), type: typeOf(chosen.name), once: onceKey(),
        });
        fill(result, outcome(data));
      } catch (error) {
        fill(result);
        throw error;
      }
      await update();
    },
  });
}

function typeOf(name) {
  if (name.endsWith(".json")) return "application/json";
  return name.endsWith(".ndjson") || name.endsWith(".jsonl") ? "application/x-ndjson" : "text/csv";
}

/** What became of each line: those with faults first, as they ask for something. */
function outcome(data) {
  const lines = [...data.lines].sort((a, b) => (b.result === "rejected") - (a.result === "rejected") || a.line - b.line);
  const visible = lines.slice(0, 200);
  const names = { created: "new", updated: "updated", rejected: "refused" };
  say(`${plural(data.created, "product")} made, ${count(data.updated)} updated, ${plural(data.rejected, "line")} refused.`,
    data.rejected > 0 ? "warn" : "good");
  return [
    el("p", el("strong", `${count(data.created)} new, ${count(data.updated)} updated, ${count(data.rejected)} refused`)),
    table("Line by line", [["Line"], "SKU", "Result", "What is wrong"], visible.map((line) => [
      count(line.line), mono(line.sku ?? "–"),
      el("span", { class: line.result === "rejected" ? "bad" : "" }, names[line.result] ?? line.result),
      (line.errors ?? []).map((fault) => `${fault.pointer ? `${fault.pointer.slice(1)}: ` : ""}${fault.detail}`).join(" "),
    ])),
    lines.length > visible.length && soft(`${count(lines.length - visible.length)} more lines are not shown.`),
  ];
}
