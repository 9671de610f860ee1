// What was said in a chat, as words on a page.

import { el, small, time } from "./kit.js";

export const languages = { en: "English", de: "German", es: "Spanish", fr: "French" };

export const chatStates = {
  greeting: "Begun", asking: "Asking", offering: "Shown products", quoting: "Told a price", confirming: "Asked to confirm",
  paying: "At the checkout", done: "Bought", handed_off: "Waits for a person",
};

const speakers = { agent: "Agent", shopper: "Shopper", operator: "Person" };

/** The products shown beside a message that its words do not name. */
const cards = (message) => message.products.filter((one) => !message.text.includes(one.title));

export const turn = (message) => el("li", { class: `turn ${message.role}` },
  el("p.who-says", speakers[message.role] ?? message.role, " ", time(message.at, { isClock: true })),
  el("div.bubble",
    el("p", message.text),
    cards(message).length > 0 && el("ul", cards(message).map((one) => el("li", `${one.title}: ${one.quote.price.display}`))),
    message.actions.map((one) => small(one.type === "checkout" ? "A checkout was made." : "A checkout was closed."))));

/** The slots a person can tell amounts by: `[[slot, words]]`, the newest of each. */
export function slots(messages) {
  const found = new Map();
  for (const message of messages) {
    for (const one of message.products) found.set(`{{price:${one.quote.id}}}`, `Price of ${one.title} (${one.quote.price.display})`);
    for (const one of message.amounts) {
      const slot = one.checkout ? `{{total:${one.checkout}}}` : `{{price:${one.quote}}}`;
      if (!found.has(slot)) found.set(slot, `${one.checkout ? "Total" : "Price"} ${one.text}`);
    }
  }
  return [...found].slice(-6);
}
