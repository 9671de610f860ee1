// The tenant's keys: made and shown once, removed at once.

import { ask, list, sender } from "../api.js";
import { confirm } from "../dialog.js";
import { action, button, div, el, field, fill, form, input, notice, say, select, table, time } from "../kit.js";

const roles = [
  ["analyst", "Analyst: reads experiments and reports"],
  ["agent", "Agent: quotes prices and tells of sales, from a server"],
  ["widget", "Widget: may be seen in a browser"],
  ["merchant", "Merchant: everything of this tenant"],
];

export async function keys() {
  const shown = div();
  const fresh = el("div", { "aria-live": "polite" });
  const update = async () => {
    const { items } = await list("/keys");
    fill(shown, table("Keys", ["Name", "Role", "Made", "Expires", "From", "Remove"], items.map((key) => [
      nameOf(key), key.role, time(key.created_at), key.expires_at ? time(key.expires_at) : "never",
      [...key.allowed_addresses, ...key.allowed_origins].join(", ") || "anywhere",
      action("Remove", () => remove(key), { class: "plain small", "aria-label": `Remove ${nameOf(key)}` }),
    ])));
  };
  const remove = async (key) => {
    const isSure = await confirm({
      title: `Remove “${nameOf(key)}”?`, action: "Remove the key", isDangerous: true,
      text: "Whoever uses it is refused from now on. This cannot be taken back.",
    });
    if (!isSure) return;
    await ask(`/keys/${key.id}`, { method: "DELETE" });
    say(`The key “${nameOf(key)}” is removed.`);
    await update();
  };
  await update();
  return { title: "Keys", body: [shown, el("h2", {}, "Make a key"), fresh, maker(fresh, update)] };
}

const nameOf = (key) => key.name || key.id;

function maker(fresh, update) {
  const name = field("Name", input({ maxlength: 200 }), "/name", "Who will use it, so that you know it again.");
  const role = field("Role", select(roles, "analyst"), "/role");
  const addresses = field("Only from these addresses", input(), "/allowed_addresses", "Addresses or ranges such as 10.0.0.0/8, with commas between; empty for anywhere.");
  const origins = field("Only on pages of", input({ placeholder: "https://shop.example" }), "/allowed_origins", "Origins with commas between. A browser may open shoppers’ sessions from their pages, and from no other.");
  const show = () => {
    origins.element.hidden = role.control.value !== "widget";
  };
  const make = sender("/keys");
  show();
  const element = form({
    name: "Make a key", fields: [name, role, addresses, origins], changed: show,
    body: [name, role, origins, addresses], buttons: [el("button", {}, "Make the key")],
    send: async () => {
      const body = { name: name.text, role: role.control.value };
      for (const [part, key] of [[addresses, "allowed_addresses"], [origins, "allowed_origins"]]) {
        const allowed = part.text.split(",").map((text) => text.trim()).filter(Boolean);
        if (allowed.length > 0 && !part.element.hidden) body[key] = allowed;
      }
      const key = await make(body);
      element.reset();
      show();
      fill(fresh, reveal(key));
      await update();
    },
  });
  return element;
}

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
  return notice("good", el("p", {}, el("strong", {}, "Copy the key now: it is shown only this once.")),
    text, div("buttons", button("Copy", copy, { class: undefined })));
}
