// How the agent presents itself, and how a chat with it begins.

import { ask } from "../api.js";
import { el, freshId, setText } from "../dom.js";
import { FaultSummary, field, group, handle, input, numeral, parseWhole, select } from "../form.js";
import { say } from "../notice.js";
import { languages } from "../chat.js";

export async function agent({ signal }) {
  const { data, etag } = await ask("/agent", { signal });
  return {
    title: "The agent",
    body: [
      el("p", { class: "crumb" }, el("a", { href: "/console/conversations" }, "Chats")),
      el("h1", {}, "The agent"), settingsForm(data, etag),
    ],
  };
}

function settingsForm(item, etag) {
  const view = { etag };
  const summary = new FaultSummary();
  const trouble = el("div", {});
  const area = (value, rows = 2) => el("textarea", { rows, maxlength: 500 }, value);
  const parts = {
    name: field("Name", input({ maxlength: 60, value: item.name }), { pointer: "/name" }),
    greeting: field("Greeting", area(item.greeting), {
      pointer: "/greeting", hint: "Said as it stands, in every language. Empty for the usual one in the shopper’s language. No amounts: prices are told by quotes alone.",
    }),
    disclosure: field("Disclosure", area(item.disclosure), {
      pointer: "/disclosure", hint: "Told with the greeting, such as that a machine answers.",
    }),
    contact: field("Contact for a person", input({ maxlength: 200, value: item.operator_contact ?? "" }), {
      pointer: "/operator_contact", hint: "Told when a chat is handed to a person, such as an e-mail address.",
    }),
    tone: field("Tone", select([["friendly", "Friendly"], ["formal", "Formal"]], item.tone), { pointer: "/tone", hint: "Formal is the plainest wording." }),
    rate: field("Messages a minute", numeral({ value: String(item.messages_per_minute), inputmode: "numeric" }), {
      pointer: "/messages_per_minute", hint: "Of one shopper, 1 to 600.",
    }),
  };
  const boxes = Object.entries(languages).map(([code, name]) => {
    const id = freshId("language");
    const box = el("input", { type: "checkbox", id, value: code, checked: item.languages.includes(code) });
    return { code, box, element: el("div", { class: "choice" }, box, el("label", { for: id }, name)) };
  });
  const spoken = group("Languages", boxes.map((one) => one.element), { pointer: "/languages" });
  const first = field("First language", select(Object.entries(languages), item.languages[0]), { hint: "Where a shopper’s is not known." });
  const fields = [...Object.values(parts), spoken];
  const chosen = () => {
    const codes = boxes.filter((one) => one.box.checked).map((one) => one.code);
    const leading = first.control.value;
    return codes.includes(leading) ? [leading, ...codes.filter((code) => code !== leading)] : codes;
  };
  const preview = opening();
  const show = () => preview.update({
    name: parts.name.control.value.trim(), greeting: parts.greeting.control.value.trim(), disclosure: parts.disclosure.control.value.trim(),
  });
  const button = el("button", { type: "submit" }, "Save");
  const form = el("form", { class: "panel", novalidate: true, "aria-label": "The agent’s settings", input: show },
    summary.element, parts.name.element, parts.greeting.element, parts.disclosure.element, parts.contact.element,
    spoken.element, el("div", { class: "pair" }, first.element, parts.tone.element, parts.rate.element),
    trouble, el("div", { class: "buttons" }, button));
  const text = (part) => part.control.value.trim() || null;
  handle(form, { summary, fields, trouble, button }, async (_, refuse) => {
    const rate = parseWhole(parts.rate.control.value);
    if (!Number.isInteger(rate)) return refuse([{ pointer: "/messages_per_minute", detail: "A whole number from 1 to 600." }]);
    const answer = await ask("/agent", {
      method: "PUT", etag: view.etag,
      body: {
        name: parts.name.control.value.trim(), greeting: text(parts.greeting), disclosure: text(parts.disclosure),
        operator_contact: text(parts.contact), tone: parts.tone.control.value, languages: chosen(), messages_per_minute: rate,
      },
    });
    // Without a tag in the answer the next change is made under the newest there is.
    view.etag = answer.etag ?? (await ask("/agent")).etag;
    say("The settings are saved: chats that begin now have them.");
    return undefined;
  });
  show();
  return el("div", { class: "columns" }, form, preview.element);
}

/** The first message of a chat as it will look, without asking anybody: a rehearsal would count as a shopper. */
function opening() {
  const [who, greeting, disclosure] = [el("p", { class: "who-says" }), el("p", {}), el("p", {})];
  return {
    element: el("section", { class: "panel", "aria-labelledby": "opening" }, el("h2", { id: "opening" }, "How a chat begins"),
      el("div", { class: "turn agent" }, who, el("div", { class: "bubble" }, greeting, disclosure))),
    update(now) {
      setText(who, now.name || "…");
      setText(greeting, now.greeting || "(the usual greeting, in the shopper’s language)");
      greeting.className = now.greeting ? "" : "soft";
      setText(disclosure, now.disclosure);
      disclosure.hidden = now.disclosure === "";
    },
  };
}
