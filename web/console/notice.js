// What the console says, and what it does when a button is pressed: once at a time, and what goes wrong is said.

import { Refusal } from "./api.js";
import { bullets, button, div, el, fill, setText, small } from "./dom.js";

/** Says a sentence where everybody sees and hears it; it is gone with the next one. */
export function say(text, kind = "good") {
  const place = document.getElementById("said");
  place.className = `said ${text ? kind : ""}`;
  // The same words twice are two events.
  if (place.textContent === text) place.textContent = "";
  requestAnimationFrame(() => setText(place, text));
}

export const inWords = (error) => [error.message, ...(error.faults ?? []).map((fault) => fault.detail)].join(" ");

/** A failure in the API's own words, and a button to try again where that may help. */
export function failure(error, retry) {
  const isOurs = !(error instanceof Refusal);
  // A fault of the console's own: its words are for the browser's log.
  if (isOurs) console.error(error);
  const sentence = isOurs ? "Something in the console went wrong. The browser's console has the details." : error.message;
  return el("div.notice.bad", { role: "alert" },
    el("p", sentence),
    error.faults?.length > 0 && bullets(error.faults.map((fault) => fault.detail)),
    error.requestId && small(`Request ${error.requestId}`),
    retry && button("Try again", retry));
}

export const notice = (kind, ...children) => div(`notice ${kind}`, ...children);
/** What one should know before one believes figures; nothing where there is nothing. */
export const warnings = (texts) => texts.length > 0 && notice("warn", bullets(texts));

/** Runs a change once at a time: its button says that it is under way, and cannot be pressed again. */
export async function busy(pressed, work) {
  if (pressed.getAttribute("aria-disabled") === "true") return;
  pressed.setAttribute("aria-disabled", "true");
  try {
    await work();
  } finally {
    pressed.removeAttribute("aria-disabled");
  }
}

/** A button that does `work`; a failure is said, unless the page was left. */
export function action(text, work, attributes) {
  const pressed = button(text, () => busy(pressed, async () => {
    try {
      await work();
    } catch (error) {
      if (error.name !== "AbortError") say(inWords(error), "bad");
    }
  }), attributes);
  return pressed;
}

/** `{trouble, look}`: a failure of `work` is shown in that place, with a button to try again, until one succeeds. */
export function watched(work) {
  const trouble = div();
  const look = async (...given) => {
    try {
      await work(...given);
      fill(trouble);
    } catch (error) {
      if (error.name !== "AbortError" && !trouble.hasChildNodes()) fill(trouble, failure(error, () => look()));
    }
  };
  return { trouble, look };
}
