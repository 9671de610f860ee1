// What holds for all sales of a tenant: the tax they bear, and what shoppers are told of how a price was set.

import { ask, bind, form, putter, said, say, submit } from "../kit.js";
import { rowList } from "../rows.js";

export default async function settings() {
  const [taxes, disclosure] = await Promise.all([ask("/taxes"), ask("/disclosure")]);
  const rates = rowList({ noun: "rate", pointer: "/rates", addText: "Add a rate", most: 500, known: taxes.data.rates });
  return { title: "Settings", body: [
    settingsForm("Taxes", "/taxes", taxes, { rates }), settingsForm("Disclosure", "/disclosure", disclosure),
  ] };
}

function settingsForm(title, path, { data, etag }, lists = {}) {
  const { root, fields: own, put } = bind(`${path.slice(1)}-form`, data);
  for (const [name, list] of Object.entries(lists)) put(name, list);
  const fields = () => [...own, ...Object.values(lists).flatMap((list) => list.fields())];
  const save = putter(path, etag);
  return form({
    title, root, fields, buttons: [submit("Save")],
    send: async () => {
      await save(said(fields()));
      say(`${title}: the settings are saved.`);
    },
  });
}
