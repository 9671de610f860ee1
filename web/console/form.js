// Fields with a label, a hint and what is wrong with them; forms that show the API's faults where they belong.

import { el, fill, freshId } from "./dom.js";
import { failure } from "./notice.js";

/**
 * A labelled control.
 *
 * @param pointer where its value stands in the request, as a JSON pointer such as `/variants/0/price`.
 * @param unit shown after the control, and part of what it is described by.
 */
export function field(label, control, { hint, pointer, unit } = {}) {
  const [hintId, faultId] = [freshId("hint"), freshId("fault")];
  control.id ||= freshId("field");
  control.setAttribute("aria-describedby", [hint && hintId, unit && `${hintId}-unit`, faultId].filter(Boolean).join(" "));
  const fault = el("p", { class: "fault", id: faultId });
  const element = el("div", { class: "field" },
    el("label", { for: control.id }, label),
    hint && el("p", { class: "hint", id: hintId }, hint),
    unit ? el("div", { class: "united" }, control, el("span", { class: "unit", id: `${hintId}-unit` }, unit)) : control,
    fault);
  return { element, control, pointer, fail: (text) => complain(control, fault, text) };
}

/** A group of controls that share a question, such as a list of checkboxes. */
export function group(legend, children, { hint, pointer } = {}) {
  const [hintId, faultId] = [freshId("hint"), freshId("fault")];
  const fault = el("p", { class: "fault", id: faultId });
  const element = el("fieldset", {
    class: "group", id: freshId("group"), tabindex: "-1",
    "aria-describedby": [hint && hintId, faultId].filter(Boolean).join(" "),
  }, el("legend", {}, legend), hint && el("p", { class: "hint", id: hintId }, hint), fault, children);
  return { element, control: element, pointer, fail: (text) => complain(element, fault, text) };
}

function complain(control, fault, text) {
  if (control.tagName !== "FIELDSET") {
    if (text) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  if (fault.textContent !== (text ?? "")) fault.textContent = text ?? "";
}

export const input = (attributes = {}) => el("input", { type: "text", autocomplete: "off", ...attributes });
export const numeral = (attributes = {}) => input({ inputmode: "decimal", class: "numeral", ...attributes });

export function select(options, chosen, attributes = {}) {
  return el("select", attributes, options.map(([value, text]) =>
    el("option", { value, selected: value === chosen }, text)));
}

/**
 * A typed number with a point or a comma; null where there is none, NaN for what is no number. `1,000` is none: some
 * mean a thousand by it, others one.
 */
export function parseNumber(text) {
  const clean = text.trim();
  if (clean === "") return null;
  return /^-?\d+([.,]\d+)?$/.test(clean) && !/,\d{3}$/.test(clean) ? Number(clean.replace(",", ".")) : NaN;
}

/** A typed whole number: digits alone. */
export function parseWhole(text) {
  const clean = text.trim();
  if (clean === "") return null;
  return /^\d{1,15}$/.test(clean) ? Number(clean) : NaN;
}

/**
 * Where all faults of a form are said together, above it. A fault stands at the field of its pointer, or at the nearest
 * one above it.
 */
export class FaultSummary {
  constructor() {
    this.element = el("div", { class: "summary", role: "group", tabindex: "-1", "aria-label": "What has to be changed", hidden: true });
  }

  clear(fields) {
    for (const one of fields) one.fail(null);
    this.element.hidden = true;
  }

  /**
   * @param faults `[{pointer, detail}]`
   * @param fields all of the form's, those with a pointer may get faults.
   */
  show(sentence, faults, fields) {
    this.clear(fields);
    const byField = new Map();
    const items = faults.map((fault) => {
      const owner = nearest(fault.pointer, fields);
      if (!owner) return el("li", {}, fault.detail);
      byField.set(owner, [...(byField.get(owner) ?? []), fault.detail]);
      const jump = (event) => {
        event.preventDefault();
        owner.control.focus();
      };
      return el("li", {}, el("a", { href: `#${owner.control.id}`, click: jump }, fault.detail));
    });
    for (const [owner, details] of byField) owner.fail(details.join(" "));
    fill(this.element, el("p", {}, sentence), items.length > 0 && el("ul", {}, items));
    this.element.hidden = false;
    this.element.focus();
  }
}

function nearest(pointer, fields) {
  let best = null;
  for (const one of fields) {
    if (!one.pointer || !(pointer === one.pointer || pointer.startsWith(`${one.pointer}/`))) continue;
    if (!best || one.pointer.length > best.pointer.length) best = one;
  }
  return best;
}

/** Runs a change once at a time: its button says that it is under way, and cannot be pressed again. */
export async function busy(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return undefined;
  button.setAttribute("aria-disabled", "true");
  try {
    return await work();
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

/**
 * Does `work` when a form is sent, once at a time; faults that it throws stand at their fields, any other failure in
 * `trouble`.
 *
 * @param fields all of the form's, or what tells them.
 * @param work is given the button pressed, and `refuse(faults)` for what could not even be put into a request.
 */
export function handle(form, { summary, fields, trouble, button }, work) {
  const all = () => (typeof fields === "function" ? fields() : fields);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const pressed = event.submitter ?? button;
    busy(pressed, async () => {
      fill(trouble);
      summary.clear(all());
      try {
        await work(pressed, (faults) => summary.show("This cannot be sent yet.", faults, all()));
      } catch (error) {
        if (error.name === "AbortError") return;
        if (error.faults?.length > 0) summary.show(error.message, error.faults, all());
        else fill(trouble, failure(error));
      }
    });
  });
}
