// What the console says: sentences for the screen reader, and failures with a way on.

import { Refusal } from "./api.js";
import { el, setText } from "./dom.js";

/** Says a sentence where everybody sees and hears it; it is gone with the next one. */
export function say(text, kind = "good") {
  const place = document.getElementById("said");
  place.className = `said ${text ? kind : ""}`;
  // The same words twice are two events.
  if (place.textContent === text) place.textContent = "";
  requestAnimationFrame(() => setText(place, text));
}

/** A failure in the API's own words, and a button to try again where that may help. */
export function failure(error, retry) {
  const isOurs = !(error instanceof Refusal);
  // A fault of the console's own: its words are for the browser's log.
  if (isOurs) console.error(error);
  const sentence = isOurs ? "Something in the console went wrong. The browser's console has the details." : error.message;
  return el("div", { class: "notice bad", role: "alert" },
    el("p", {}, sentence),
    error.faults?.length > 0 && el("ul", {}, error.faults.map((fault) => el("li", {}, fault.detail))),
    error.requestId && el("p", { class: "soft small" }, `Request ${error.requestId}`),
    retry && el("button", { type: "button", class: "plain", click: retry }, "Try again"));
}

/** Something to know that is no failure. */
export const notice = (kind, ...children) => el("div", { class: `notice ${kind}` }, ...children);
