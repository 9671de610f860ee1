// Fields with a label, a hint and what is wrong with them; forms that show the API's faults where they belong.

import { div, el, fill, freshId } from "./dom.js";
import { busy, failure } from "./notice.js";

/** A labelled control; `pointer` says where its value stands in the request, as a JSON pointer does. */
export function field(label, control, pointer, hint, unit) {
  const [hintId, faultId] = [freshId("hint"), freshId("fault")];
  control.id ||= freshId("field");
  control.setAttribute("aria-describedby", [hint && hintId, unit && `${hintId}-unit`, faultId].filter(Boolean).join(" "));
  const fault = el("p", { class: "fault", id: faultId });
  const unitText = unit && el("span", { class: "unit", id: `${hintId}-unit` }, unit);
  const element = el("div", { class: "field" },
    el("label", { for: control.id }, label),
    hint && el("p", { class: "hint", id: hintId }, hint),
    unit ? div("united", control, unitText) : control, fault);
  return {
    element, control, pointer, fail: (text) => complain(control, fault, text),
    get text() {
      return control.value.trim();
    },
    set unit(text) {
      unitText.textContent = text;
    },
  };
}

export function group(legend, children, pointer, hint) {
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
export const area = (value, attributes) => el("textarea", { rows: 2, ...attributes }, value);

export function select(options, chosen, attributes = {}) {
  return el("select", attributes, options.map(([value, text]) =>
    el("option", { value, selected: value === chosen }, text)));
}

export function choice(words, attributes) {
  const control = el("input", { type: "checkbox", id: freshId("choice"), ...attributes });
  return { control, element: div("choice", control, el("label", { for: control.id }, words)) };
}

/** A field to search with; `fits` tells whether texts have all the words typed. */
export function searchField(label, placeholder, changed) {
  const part = field(label, input({ type: "search", placeholder, input: changed }));
  const fits = (...texts) => part.text.toLowerCase().split(/\s+/).every((word) => texts.join(" ").toLowerCase().includes(word));
  return Object.assign(part, { fits });
}

/** A field whose text is read: `read()` is null where there is none, and NaN for what does not fit. */
const readable = (part, pattern, wanted, number) => Object.assign(part, {
  wanted, read: () => (part.text === "" ? null : pattern.test(part.text) ? number(part.text) : NaN),
});

export const wholeField = (label, value, ...more) => readable(
  field(label, numeral({ value: value ?? "", inputmode: "numeric" }), ...more), /^\d{1,15}$/, "a whole number such as 1000", Number);

/** A share, typed as a percentage, with a point or a comma. `1,000` is none: some mean a thousand by it, others one. */
export const shareField = (label, value, pointer, hint) => readable(
  // 0.07 is 7, whatever binary fractions make of it; dividing rounds to the nearest number there is.
  field(label, numeral({ value: typeof value === "number" ? Number((value * 100).toPrecision(12)) : "" }), pointer, hint, "%"),
  /^-?\d+(\.\d+|,(?!\d{3}$)\d+)?$/, "a number such as 2.5", (text) => Number(text.replace(",", ".")) / 100);

/** The faults of what cannot be read at all, or is needed and missing; whether a number is allowed is for the API to say. */
export const unreadable = (fields, isNeeded = false) => fields.filter((one) => one.read && Number.isNaN(one.read() ?? (isNeeded ? NaN : 0)))
  .map((one) => ({ pointer: one.pointer, detail: `“${one.control.value}” is not ${one.wanted}.` }));

/**
 * A form with a `name`, or a `title` that is seen. What `send` throws is shown: faults in a summary above and at their fields,
 * or the nearest above; any other failure in `trouble`.
 *
 * @param fields all of the form's, or what tells them.
 * @param body its content; a function is given `{summary, trouble, buttons}` and has to place them.
 * @param buttons the first sends it when Enter is pressed.
 * @param send is given the button pressed, `trouble`, and `refuse(faults)` for what could not even be put into a request.
 */
export function form({ name, title, kind = "panel", fields, body, buttons, send, changed }) {
  const id = freshId("form");
  const trouble = div();
  const summary = el("div", { class: "summary", role: "group", tabindex: "-1", "aria-label": "What has to be changed", hidden: true });
  const row = div("buttons", buttons);
  const all = () => (typeof fields === "function" ? fields() : fields);
  const clear = () => {
    for (const one of all()) one.fail(null);
    summary.hidden = true;
  };
  const show = (sentence, faults) => {
    clear();
    fill(summary, el("p", {}, sentence), el("ul", {}, faults.map((fault) => faultLine(fault, all(), faults))));
    summary.hidden = false;
    summary.focus();
  };
  const submit = (event) => {
    event.preventDefault();
    const pressed = event.submitter ?? buttons[0];
    busy(pressed, async () => {
      fill(trouble);
      clear();
      try {
        await send({ pressed, refuse: (faults) => show("This cannot be sent yet.", faults), trouble });
      } catch (error) {
        if (error.name === "AbortError") return;
        if (error.faults?.length > 0) show(error.message, error.faults);
        else fill(trouble, failure(error));
      }
    });
  };
  return el("form", {
    class: kind, novalidate: true, "aria-label": title ? undefined : name, "aria-labelledby": title && id, submit, input: changed,
  }, title && el("h2", { id }, title), typeof body === "function" ? body({ summary, trouble, buttons: row }) : [summary, body, trouble, row]);
}

/** A line of the summary that leads to its field; the field says all that is wrong with it. */
function faultLine(fault, fields, faults) {
  const owner = nearest(fault.pointer, fields);
  if (!owner) return el("li", {}, fault.detail);
  owner.fail(faults.filter((one) => nearest(one.pointer, fields) === owner).map((one) => one.detail).join(" "));
  // What is folded away cannot be changed.
  const fold = owner.control.closest("details");
  if (fold) fold.open = true;
  const jump = (event) => {
    event.preventDefault();
    owner.control.focus();
  };
  return el("li", {}, el("a", { href: `#${owner.control.id}`, click: jump }, fault.detail));
}

function nearest(pointer, fields) {
  const owners = fields.filter((one) => one.pointer && (pointer === one.pointer || pointer.startsWith(`${one.pointer}/`)));
  return owners.reduce((best, one) => (one.pointer.length > (best?.pointer.length ?? 0) ? one : best), null);
}
