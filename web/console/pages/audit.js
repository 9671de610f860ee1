// Who did what, newest first. Each row seals the one before it.

import { get } from "../api.js";
import { el } from "../dom.js";
import { time } from "../format.js";
import { busy } from "../form.js";
import { say } from "../notice.js";
import { table } from "../table.js";

export async function audit({ signal }) {
  const first = await get("/audit?limit=50", { signal });
  const grid = table("What was done", ["When", "What", "To", "By", "Seal"], first.data.map(row));
  const body = grid.querySelector("tbody");
  let cursor = first.next_cursor;
  const more = el("button", { type: "button", class: "plain", hidden: !cursor }, "Show older");
  more.addEventListener("click", () => busy(more, async () => {
    try {
      const page = await get(`/audit?limit=50&cursor=${encodeURIComponent(cursor)}`, { signal });
      body.append(...table("", Array(5).fill(""), page.data.map(row)).querySelectorAll("tbody > tr"));
      cursor = page.next_cursor;
      more.hidden = !cursor;
      say(`${page.data.length} older rows are shown.`);
    } catch (error) {
      if (!signal.aborted) say(error.message, "bad");
    }
  }));
  return {
    title: "Audit",
    body: [
      el("h1", {}, "Audit"),
      el("p", { class: "soft" }, "Each row carries the seal of the one before, so that none can be changed or left out unnoticed."),
      first.data.length === 0 ? el("p", { class: "empty" }, "Nothing was done yet.") : grid, more,
    ],
  };
}

const row = (entry) => [
  time(entry.at), entry.action, el("span", { class: "mono" }, entry.target), el("span", { class: "mono" }, entry.actor),
  el("span", { class: "mono", title: entry.hash }, entry.hash.slice(0, 12)),
];
