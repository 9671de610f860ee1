// Who did what, newest first. Each row seals the one before it.

import { el, empty, mono, pagedTable, soft, time } from "../kit.js";

export default async function audit() {
  const rows = await pagedTable("/audit", "What was done", ["When", "What", "To", "By", "Seal"], (entry) => [
    time(entry.at), entry.action, mono(entry.target), mono(entry.actor),
    el("span.mono", { title: entry.hash }, entry.hash.slice(0, 12)),
  ]);
  return {
    title: "Audit",
    body: [
      soft("Each row carries the seal of the one before, so that none can be changed or left out unnoticed."),
      rows ?? empty("Nothing was done yet."),
    ],
  };
}
