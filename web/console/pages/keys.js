// The tenant's keys: made and shown once, removed at once.

import { action, ask, bind, button, confirm, div, el, field, fill, form, input, list, notice, said, say, sender, table, time } from "../kit.js";

export default async function keys() {
  const shown = div();
  const fresh = el("div", { "aria-live": "polite" });
  const update = async () => {
    const { items } = await list("/keys");
    fill(shown, table("Keys", ["Name", "Role", "Made", "Expires", "From", "Remove"], items.map((key) => [
      nameOf(key), key.role, time(key.created_at), key.expires_at ? time(key.expires_at) : "never",
      [...key.allowed_addresses, ...key.allowed_origins, key.role === "widget" && "pages this server allows"].filter(Boolean).join(", ") || "anywhere",
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
  return { title: "Keys", body: [shown, el("h2", "Make a key"), fresh, maker(fresh, update)] };
}

const nameOf = (key) => key.name || key.id;

function maker(fresh, update) {
  const { root, parts, fields } = bind("key-form");
  const show = () => {
    parts.allowed_origins.element.hidden = parts.role.text !== "widget";
  };
  const make = sender("/keys");
  show();
  const element = form({
    name: "Make a key", root, fields, changed: show, buttons: ["Make the key"],
    send: async () => {
      const key = await make(said(fields, { name: "" }));
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
  return notice("good", el("p", el("strong", "Copy the key now: it is shown only this once.")),
    text, div("buttons", button("Copy", copy, { class: undefined })));
}
