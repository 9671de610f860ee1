// The tenant's keys: made and shown once, removed at once.

import { ask, list, onceKey } from "../api.js";
import { confirm } from "../dialog.js";
import { el, fill } from "../dom.js";
import { time } from "../format.js";
import { FaultSummary, field, handle, input, select } from "../form.js";
import { say } from "../notice.js";
import { table } from "../table.js";

const roles = [
  ["analyst", "Analyst: reads experiments and reports"],
  ["agent", "Agent: quotes prices and tells of sales, from a server"],
  ["widget", "Widget: may be seen in a browser"],
  ["merchant", "Merchant: everything of this tenant"],
];

export async function keys({ signal }) {
  const shown = el("div", {});
  const fresh = el("div", { "aria-live": "polite" });
  const update = async () => {
    const { items } = await list("/keys", { signal });
    fill(shown, table("Keys", ["Name", "Role", "Made", "Expires", "From", "Remove"], items.map((key) => [
      key.name || key.id, key.role, time(key.created_at), key.expires_at ? time(key.expires_at) : "never",
      [...key.allowed_addresses, ...key.allowed_origins].join(", ") || "anywhere",
      el("button", { type: "button", class: "plain small", click: () => remove(key), "aria-label": `Remove ${key.name || key.id}` }, "Remove"),
    ])));
  };
  const remove = async (key) => {
    const name = key.name || key.id;
    const isSure = await confirm({
      title: `Remove “${name}”?`, action: "Remove the key", isDangerous: true,
      text: "Whoever uses it is refused from now on. This cannot be taken back.",
    });
    if (!isSure) return;
    try {
      await ask(`/keys/${encodeURIComponent(key.id)}`, { method: "DELETE" });
      say(`The key “${name}” is removed.`);
      await update();
    } catch (error) {
      if (!signal.aborted) say(error.message, "bad");
    }
  };
  await update();
  return {
    title: "Keys",
    body: [el("h1", {}, "Keys"), shown, el("h2", {}, "Make a key"), fresh, maker(fresh, update)],
  };
}

function maker(fresh, update) {
  const summary = new FaultSummary();
  const name = field("Name", input({ maxlength: 200 }), { pointer: "/name", hint: "Who will use it, so that you know it again." });
  const role = field("Role", select(roles, "analyst"), { pointer: "/role" });
  const addresses = field("Only from these addresses", input(), {
    pointer: "/allowed_addresses", hint: "Addresses or ranges such as 10.0.0.0/8, with commas between; empty for anywhere.",
  });
  const origins = field("Only on pages of", input({ placeholder: "https://shop.example" }), {
    pointer: "/allowed_origins", hint: "Origins with commas between. A browser may open shoppers’ sessions from their pages, and from no other.",
  });
  const showOrigins = () => {
    origins.element.hidden = role.control.value !== "widget";
  };
  role.control.addEventListener("change", showOrigins);
  showOrigins();
  const fields = [name, role, addresses, origins];
  const button = el("button", { type: "submit" }, "Make the key");
  const form = el("form", { class: "panel", novalidate: true, "aria-label": "Make a key" },
    summary.element, name.element, role.element, origins.element, addresses.element, el("div", { class: "buttons" }, button));
  // Sent again after a lost answer it is the same key; changed, it is another.
  const once = { key: "", body: "" };
  handle(form, { summary, fields, trouble: fresh, button }, async () => {
    const body = { name: name.control.value.trim(), role: role.control.value };
    for (const [part, key] of [[addresses, "allowed_addresses"], [origins, "allowed_origins"]]) {
      const allowed = part.control.value.split(",").map((text) => text.trim()).filter(Boolean);
      if (allowed.length > 0 && !part.element.hidden) body[key] = allowed;
    }
    if (JSON.stringify(body) !== once.body) [once.key, once.body] = [onceKey(), JSON.stringify(body)];
    const { data } = await ask("/keys", { method: "POST", body, once: once.key });
    once.body = "";
    form.reset();
    showOrigins();
    fill(fresh, reveal(data));
    await update();
  });
  return form;
}

/** The key itself, for this one time. */
function reveal(key) {
  const text = field("The key", input({ readonly: true, value: key.key, class: "mono" }));
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(key.key);
      say("The key is copied.");
    } catch {
      // Without TLS a browser has no clipboard for pages: it is selected, to be copied by hand.
      text.control.select();
      say("The key is selected: copy it with your keyboard.", "warn");
    }
  };
  return el("div", { class: "notice good" },
    el("p", {}, el("strong", {}, "Copy the key now: it is shown only this once.")),
    text.element, el("div", { class: "buttons" }, el("button", { type: "button", click: copy }, "Copy")));
}
