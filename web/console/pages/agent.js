// How the agent presents itself, and how a chat with it begins.

import { ask } from "../api.js";
import { languages } from "../chat.js";
import { area, choice, div, el, field, fill, form, group, input, say, section, select, unreadable, wholeField } from "../kit.js";

export async function agent() {
  const { data, etag } = await ask("/agent");
  return { title: "The agent", back: ["/console/conversations", "Chats"], body: settingsForm(data, etag) };
}

function settingsForm(item, etag) {
  const view = { etag };
  const told = { maxlength: 500 };
  const parts = {
    name: field("Name", input({ maxlength: 60, value: item.name }), "/name"),
    greeting: field("Greeting", area(item.greeting, told), "/greeting", "Said as it stands, in every language. Empty for the usual one in the shopper’s language. No amounts: prices are told by quotes alone."),
    disclosure: field("Disclosure", area(item.disclosure, told), "/disclosure", "Told with the greeting, such as that a machine answers."),
    contact: field("Contact for a person", input({ maxlength: 200, value: item.operator_contact ?? "" }), "/operator_contact", "Told when a chat is handed to a person, such as an e-mail address."),
    tone: field("Tone", select([["friendly", "Friendly"], ["formal", "Formal"]], item.tone), "/tone", "Formal is the plainest wording."),
    rate: wholeField("Messages a minute", item.messages_per_minute, "/messages_per_minute", "Of one shopper, 1 to 600."),
  };
  const boxes = Object.entries(languages).map(([value, name]) => choice(name, { value, checked: item.languages.includes(value) }));
  const spoken = group("Languages", boxes, "/languages");
  const first = field("First language", select(Object.entries(languages), item.languages[0]), null, "Where a shopper’s is not known.");
  const chosen = () => {
    const codes = boxes.filter(({ control }) => control.checked).map(({ control }) => control.value);
    const leading = first.control.value;
    return codes.includes(leading) ? [leading, ...codes.filter((code) => code !== leading)] : codes;
  };
  // How a chat will begin, without asking anybody: a rehearsal would count as a shopper.
  const preview = div("turn agent");
  const show = () => fill(preview, el("p", { class: "who-says" }, parts.name.text || "…"), div("bubble",
    el("p", {}, parts.greeting.text || "(the usual greeting, in the shopper’s language)"), el("p", {}, parts.disclosure.text)));
  show();
  return div("columns", form({
    name: "The agent’s settings", fields: [...Object.values(parts), spoken], changed: show,
    body: [
      parts.name, parts.greeting, parts.disclosure, parts.contact, spoken,
      div("pair", first, parts.tone, parts.rate),
    ],
    buttons: [el("button", {}, "Save")],
    send: async ({ refuse }) => {
      const faults = unreadable([parts.rate], true);
      if (faults.length > 0) return refuse(faults);
      const answer = await ask("/agent", {
        method: "PUT", etag: view.etag,
        body: {
          name: parts.name.text, greeting: parts.greeting.text || null, disclosure: parts.disclosure.text || null,
          operator_contact: parts.contact.text || null, tone: parts.tone.control.value, languages: chosen(), messages_per_minute: parts.rate.read(),
        },
      });
      // Without a tag in the answer the next change is made under the newest there is.
      view.etag = answer.etag ?? (await ask("/agent")).etag;
      return say("The settings are saved: chats that begin now have them.");
    },
  }), section("How a chat begins", preview, "panel"));
}
