// The catalogue, and the file that fills it.

import { ask, list, onceKey } from "../api.js";
import { el, fill } from "../dom.js";
import { count, plural } from "../format.js";
import { busy, field, input } from "../form.js";
import { failure, say } from "../notice.js";
import { mayChange } from "../session.js";
import { numeric, table } from "../table.js";

const pageSize = 100;
const largestFile = 8 * 1024 * 1024;

export async function products({ signal }) {
  const shown = el("div", {});
  const search = field("Search", input({ type: "search", placeholder: "SKU or title" }));
  const found = el("p", { class: "soft", role: "status" });
  let items = [];
  let isWhole = true;
  const draw = () => {
    const words = search.control.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = items.filter((item) => words.every((word) => `${item.sku} ${item.title}`.toLowerCase().includes(word)));
    found.textContent = items.length === 0 ? "" :
      `${count(fitting.length)} of ${plural(items.length, "product")}${isWhole ? "" : " (the first ones)"}`
      + (fitting.length > pageSize ? `, the first ${pageSize} shown` : "");
    fill(shown, items.length === 0
      ? el("p", { class: "empty" }, "There is no product yet. Import a file, or send products to the API.")
      : catalogue(fitting.slice(0, pageSize)));
  };
  const update = async () => {
    ({ items, isWhole } = await list("/products", { most: 5000, signal }));
    draw();
  };
  search.control.addEventListener("input", draw);
  await update();
  return {
    title: "Products",
    body: [
      el("div", { class: "heading" }, el("h1", {}, "Products"), mayChange() && el("a", { class: "button", href: "/console/new-product" }, "New product")), el("div", { class: "filters", role: "search" }, search.element), found, shown,
      mayChange() && [el("h2", {}, "Import"), importer(update, signal)],
    ],
  };
}

const catalogue = (items) => table("Catalogue",
  ["Product", "SKU", numeric("List price"), numeric("Unit cost"), numeric("Allowed"), "Under test"],
  items.map((item) => [
    mayChange() ? el("a", { href: `/console/products/${encodeURIComponent(item.sku)}` }, item.title) : item.title, el("span", { class: "mono" }, item.sku), item.list_price.display, item.unit_cost?.display ?? "–",
    item.floor || item.ceiling ? `${item.floor?.display ?? "0"} – ${item.ceiling?.display ?? "any"}` : "any",
    item.experiments.length === 0
      ? "no"
      : item.experiments.map((id) => el("a", { href: `/console/experiments/${id}` }, "yes", el("span", { class: "unseen" }, `, the experiment on ${item.title}`))),
  ]), { isQuiet: true });

function importer(update, signal) {
  const file = field("File", input({ type: "file", accept: ".csv,text/csv,.ndjson,.json" }), {
    hint: "CSV with the columns sku, title, list_price and currency; description, unit_cost, floor, ceiling and attributes.NAME as well. Prices as 19.99.",
  });
  const button = el("button", { type: "submit" }, "Import");
  const result = el("div", { "aria-live": "polite" });
  const form = el("form", { class: "panel", novalidate: true, "aria-label": "Import products" },
    file.element, el("div", { class: "buttons" }, button), result);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(button, async () => {
      const chosen = file.control.files[0];
      const objection = !chosen ? "Choose a file." : chosen.size > largestFile ? "A file has at most 8 MiB." : null;
      file.fail(objection);
      if (objection) return file.control.focus();
      try {
        fill(result, el("p", {}, "Importing…"));
        const { data } = await ask("/products/import", {
          method: "POST", text: await chosen.text(), type: typeOf(chosen.name), once: onceKey(), signal,
        });
        fill(result, outcome(data));
        await update();
      } catch (error) {
        if (!signal.aborted) fill(result, failure(error));
      }
      return undefined;
    });
  });
  return form;
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
    el("p", {}, el("strong", {}, `${count(data.created)} new, ${count(data.updated)} updated, ${count(data.rejected)} refused`)),
    table("Line by line", [numeric("Line"), "SKU", "Result", "What is wrong"], visible.map((line) => [
      count(line.line), el("span", { class: "mono" }, line.sku ?? "–"),
      el("span", { class: line.result === "rejected" ? "bad" : "" }, names[line.result] ?? line.result),
      (line.errors ?? []).map((fault) => `${fault.pointer ? `${fault.pointer.slice(1)}: ` : ""}${fault.detail}`).join(" "),
    ])),
    lines.length > visible.length && el("p", { class: "soft" }, `${count(lines.length - visible.length)} more lines are not shown.`),
  ];
}
