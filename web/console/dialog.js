// A question that must be answered before something is done.

import { el, freshId } from "./dom.js";

/** Asks; true once it is confirmed. Escape and Cancel are no. Focus goes back where it was. */
export function confirm({ title, text, action, isDangerous = false }) {
  const [titleId, textId] = [freshId("dialog"), freshId("dialog")];
  const dialog = el("dialog", { "aria-labelledby": titleId, "aria-describedby": textId },
    el("form", { method: "dialog" },
      el("h2", { id: titleId }, title),
      el("p", { id: textId }, text),
      el("div", { class: "buttons" },
        el("button", { value: "no", class: "plain", autofocus: isDangerous }, "Cancel"),
        el("button", { value: "yes", class: isDangerous ? "danger" : undefined, autofocus: !isDangerous }, action))));
  document.body.append(dialog);
  const before = document.activeElement;
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus();
      resolve(dialog.returnValue === "yes");
    });
    dialog.returnValue = "no";
    dialog.showModal();
  });
}
