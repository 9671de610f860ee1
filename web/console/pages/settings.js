// What holds for all sales of a tenant: the tax they bear, and what shoppers are told of how a price was set.

import { ask, bind, count, form, putter, said, say, soft, time } from "../kit.js";
import { rowList } from "../rows.js";

export default async function settings() {
  const [taxes, disclosure, usage] = await Promise.all(["/taxes", "/disclosure", "/usage/current"].map((path) => ask(path)));
  const rates = rowList({ noun: "rate", pointer: "/rates", addText: "Add a rate", most: 500, known: taxes.data.rates });
  const { assignments, limit, resets_at: next } = usage.data;
  return { title: "Settings", body: [
    soft(`Shoppers assigned this month: ${count(assignments)}`, limit === null ? "" : [` of ${count(limit)}, until `, time(next)]),
    settingsForm("Taxes", "/taxes", taxes, { rates }), settingsForm("Disclosure", "/disclosure", disclosure),
  ] };
}

function settingsForm(title, path, { data, etag }, lists = {}) {
  const { root, fields: own, put } = bind(`${path.slice(1)}-form`, data);
  for (const [name, list] of Object.entries(lists)) put(name, list);
  const fields = () => [...own, ...Object.values(lists).flatMap((list) => list.fields())];
  const save = putter(path, etag);
  return form({
    title, root, fields, buttons: ["Save"],
    send: async () => {
      await save(said(fields()));
      say(`${title}: the settings are saved.`);
    },
  });
}
