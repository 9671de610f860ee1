// A question that must be answered before something is done.

/** Asks, in the document's dialog; true once it is confirmed. Escape and Cancel are no. Focus goes back where it was. */
export function confirm({ title, text, action, isDangerous = false }) {
  const dialog = document.getElementById("question");
  const [no, yes] = dialog.querySelectorAll("button");
  for (const [name, words] of [["h2", title], ["p", text]]) dialog.querySelector(name).textContent = words;
  yes.textContent = action;
  yes.className = isDangerous ? "danger" : "";
  const before = document.activeElement;
  return new Promise((resolve) => {
    dialog.onclose = () => {
      if (before?.isConnected) before.focus();
      resolve(dialog.returnValue === "yes");
    };
    dialog.returnValue = "no";
    dialog.showModal();
    (isDangerous ? no : yes).focus();
  });
}
