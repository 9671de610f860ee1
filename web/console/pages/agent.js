// How the agent presents itself, and how a chat with it begins.

import { languages } from "../chat.js";
import { ask, bind, choice, div, el, fill, form, options, putter, said, say, section } from "../kit.js";

export default async function agent() {
  const { data, etag } = await ask("/agent");
  return { title: "The agent", back: ["/console/conversations", "Chats"], body: settingsForm(data, putter("/agent", etag)) };
}

function settingsForm(item, save) {
  const { root, parts, fields, put } = bind("agent-form", item);
  const boxes = Object.entries(languages).map(([value, name]) => choice(name, { value, checked: item.languages.includes(value) }));
  put("languages", div("", boxes));
  fill(parts.first.control, options(Object.entries(languages), item.languages[0]));
  const chosen = () => {
    const codes = boxes.filter(({ control }) => control.checked).map(({ control }) => control.value);
    const leading = parts.first.text;
    return codes.includes(leading) ? [leading, ...codes.filter((code) => code !== leading)] : codes;
  };
  // How a chat will begin, without asking anybody: a rehearsal would count as a shopper.
  const preview = div("turn agent");
  const show = () => fill(preview, el("p.who-says", parts.name.text || "…"), div("bubble",
    el("p", parts.greeting.text || "(the usual greeting, in the shopper’s language)"), el("p", parts.disclosure.text)));
  show();
  return div("columns", form({
    name: "The agent’s settings", root, fields, changed: show, buttons: ["Save"],
    send: async () => {
      await save(said(fields, { languages: chosen() }));
      say("The settings are saved: chats that begin now have them.");
    },
  }), section("How a chat begins", preview, "panel"));
}
