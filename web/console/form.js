// Fields with a label, a hint and what is wrong with them; forms that show the API's faults where they belong. What is the same
// for everybody stands in the document, as templates: a control's name is its place in the request, as a JSON pointer.

import { div, el, fill, freshId, submit } from "./dom.js";
import { lists } from "./format.js";
import { example, parseMoney, plain } from "./money.js";
import { busy, failure } from "./notice.js";

const numeral = (pattern, wanted, read, write = String) =>
  ({ wanted: () => wanted, read: (text) => (pattern.test(text) ? read(Number(text.replace(",", "."))) : NaN), write });

// With a point or a comma. `1,000` is none: some mean a thousand by it, others one. What is typed is `times` what is sent: 0.07 is
// 7, whatever binary fractions make of it, and dividing rounds to the nearest number there is.
const decimal = (times) => numeral(/^-?\d+(\.\d+|,(?!\d{3}$)\d+)?$/, "a number such as 2.5",
  (value) => value / times, (value) => Number((value * times).toPrecision(12)));

/** How what is typed is read, by a control's `data-as`: NaN is what cannot be. */
const readings = {
  whole: numeral(/^\d{1,15}$/, "a whole number such as 1000", Number),
  number: decimal(1),
  share: decimal(100),
  millionths: numeral(/^\d{1,9}([.,]\d{1,4})?$/, "a number such as 7.75, with at most four decimals",
    (value) => Math.round(value * 1e4), (value) => value / 1e4),
  money: {
    wanted: ({ currency }) => `an amount in ${currency} such as ${example(currency)}`,
    read: (text, { currency }) => {
      const amount = parseMoney(text, currency);
      return amount === null ? NaN : { amount, currency };
    },
    write: ({ amount, currency }) => plain(amount, currency),
  },
  list: { read: words, write: (texts) => texts.join(", ") },
  truth: { read: (text) => text === "true", write: String },
};

export function words(text) {
  return text.split(",").map((one) => one.trim()).filter(Boolean);
}

/** Ties a `.field`, `.choice` or `fieldset` together: label, hint and unit to its control, and a place for what is wrong. */
function wire(element) {
  const isGroup = element.tagName === "FIELDSET";
  const control = isGroup ? element : element.querySelector("input, select, textarea");
  const label = element.querySelector("label");
  const hint = element.querySelector(":scope > .hint");
  const unit = element.querySelector(".unit");
  const fault = el("p.fault");
  const reading = readings[control.dataset.as];
  control.id ||= freshId("field");
  if (isGroup) {
    element.tabIndex = -1;
    (hint ?? element.firstElementChild).after(fault);
  } else {
    label.htmlFor = control.id;
    element.append(fault);
    control.autocomplete ||= "off";
    if (reading?.wanted) control.inputMode = "decimal";
    if (control.dataset.list) fill(control, options(Object.entries(lists[control.dataset.list])));
  }
  control.setAttribute("aria-describedby", [hint, unit, fault].filter(Boolean).map((one) => (one.id ||= freshId("told"))).join(" "));
  const name = control.getAttribute("name") ?? "";
  return {
    element, control, key: name.split("/").pop(), pointer: name.startsWith("/") ? name : null, currency: null,
    get text() {
      return control.value?.trim() ?? "";
    },
    set unit(text) {
      unit.textContent = text;
    },
    /** What is said: null for nothing, NaN for what cannot be read, or is a number that is needed and missing. */
    read() {
      if (control.type === "checkbox") return control.checked;
      if (this.text === "") return reading?.wanted && control.required ? NaN : null;
      return reading ? reading.read(this.text, this) : this.text;
    },
    write(value) {
      if (control.type === "checkbox") control.checked = value;
      else control.value = reading ? reading.write(value) : value;
    },
    get fault() {
      return { pointer: this.pointer, detail: `“${control.value}” is not ${reading?.wanted(this)}.` };
    },
    fail(text) {
      if (!isGroup && text) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
      if (fault.textContent !== (text ?? "")) fault.textContent = text ?? "";
    },
  };
}

/**
 * A form, or a row of one, as the document has it, filled from an object of the API: `root`, its fields by the last part of their
 * names as `parts`, all of them as `fields`, and `put`, which puts something in a slot's place.
 */
export function bind(id, item) {
  const root = document.getElementById(id).content.cloneNode(true);
  const fields = [...root.querySelectorAll(".field, .choice, fieldset")].map(wire);
  for (const one of fields) {
    const value = (one.pointer ?? `/${one.key}`).slice(1).split("/").reduce((place, name) => place?.[name], item);
    if (value !== undefined && value !== null && one.element !== one.control) one.write(value);
  }
  return {
    root, fields, parts: Object.fromEntries(fields.map((one) => [one.key, one])),
    put: (name, content) => root.querySelector(`slot[name=${name}]`).replaceWith(content.element ?? content),
  };
}

/** What fields say, each at its place in the request. What is empty or hidden is left out, unless it is required. */
export function said(fields, body = {}) {
  for (const one of fields) {
    const value = isAsked(one) ? one.read() ?? (one.control.required ? "" : null) : null;
    if (value === null) continue;
    const path = one.pointer.slice(1).split("/");
    const key = path.pop();
    path.reduce((place, name, at) => (place[name] ??= /^\d/.test(path[at + 1] ?? key) ? [] : {}), body)[key] = value;
  }
  return body;
}

const isAsked = ({ pointer, control, element }) => pointer && control !== element && !element.closest("[hidden]");

/** A labelled control that no template has. */
export const field = (label, control, hint, unit) => wire(el("div.field", el("label", label), hint && el("p.hint", hint),
  unit ? div("united", control, el("span.unit", unit)) : control));

export function group(legend, children, pointer, hint) {
  return wire(el("fieldset.group", { name: pointer }, el("legend", legend), hint && el("p.hint", hint), children));
}

export const input = (attributes) => el("input", { type: "text", ...attributes });
export const options = (entries, chosen) => entries.map(([value, text]) => el("option", { value, selected: value === chosen }, text));
export const select = (entries, chosen, attributes = {}) => el("select", attributes, options(entries, chosen));

export function choice(text, attributes) {
  const control = el("input", { type: "checkbox", id: freshId("choice"), ...attributes });
  return { control, element: div("choice", control, el("label", { for: control.id }, text)) };
}

/** A field to search with; `fits` tells whether texts have all the words typed. */
export function searchField(label, placeholder, changed) {
  const part = field(label, input({ type: "search", placeholder, input: changed }));
  const fits = (...texts) => part.text.toLowerCase().split(/\s+/).every((word) => texts.join(" ").toLowerCase().includes(word));
  return Object.assign(part, { fits });
}

/**
 * A form with a `name`, or a `title` that is seen. Sent is only what can be read; whether it is allowed is for the API to say. What
 * `send` throws is shown: faults in a summary above and at their fields, or the nearest above; any other failure in `trouble`.
 *
 * @param root as `bind` makes it; slots named `summary`, `trouble` and `buttons` say where those are.
 * @param fields all of the form's, or what tells them.
 * @param buttons or their words; the first sends it when Enter is pressed.
 * @param send is given the button pressed, `trouble`, and `refuse(faults)` for what could not even be put into a request.
 */
export function form({ name, title, kind = "panel", root, fields, body = root, buttons, send, changed }) {
  const id = freshId("form");
  const trouble = div();
  const summary = el("div.summary", { role: "group", tabindex: "-1", "aria-label": "What has to be changed", hidden: true });
  const row = div("buttons", buttons.map((one) => (one.tagName ? one : submit(one))));
  const all = () => (typeof fields === "function" ? fields() : fields);
  const clear = () => {
    for (const one of all()) one.fail(null);
    summary.hidden = true;
  };
  const show = (sentence, faults) => {
    clear();
    fill(summary, el("p", sentence), el("ul", faults.map((fault) => faultLine(fault, all(), faults))));
    summary.hidden = false;
    summary.focus();
  };
  const sent = (event) => {
    event.preventDefault();
    const pressed = event.submitter ?? row.firstChild;
    busy(pressed, async () => {
      fill(trouble);
      clear();
      const refuse = (faults) => show("This cannot be sent yet.", faults);
      const faults = all().filter((one) => isAsked(one) && Number.isNaN(one.read())).map((one) => one.fault);
      if (faults.length > 0) return refuse(faults);
      try {
        await send({ pressed, refuse, trouble });
      } catch (error) {
        if (error.name === "AbortError") return;
        if (error.faults?.length > 0) show(error.message, error.faults);
        else fill(trouble, failure(error));
      }
    });
  };
  const place = (one, name) => {
    const slot = root?.querySelector(`slot[name=${name}]`);
    slot?.replaceWith(one);
    return slot ? null : one;
  };
  return el("form", {
    class: kind, novalidate: true, "aria-label": title ? undefined : name, "aria-labelledby": title && id, submit: sent, input: changed,
  }, title && el("h2", { id }, title), place(summary, "summary"), body, place(trouble, "trouble"), place(row, "buttons"));
}

/** A line of the summary that leads to its field; the field says all that is wrong with it. */
function faultLine(fault, fields, faults) {
  const owner = nearest(fault.pointer, fields);
  if (!owner) return el("li", fault.detail);
  owner.fail(faults.filter((one) => nearest(one.pointer, fields) === owner).map((one) => one.detail).join(" "));
  // What is folded away cannot be changed.
  const fold = owner.control.closest("details");
  if (fold) fold.open = true;
  const jump = (event) => {
    event.preventDefault();
    owner.control.focus();
  };
  return el("li", el("a", { href: `#${owner.control.id}`, click: jump }, fault.detail));
}

function nearest(pointer, fields) {
  const owners = fields.filter((one) => one.pointer && (pointer === one.pointer || pointer.startsWith(`${one.pointer}/`)));
  return owners.reduce((best, one) => (one.pointer.length > (best?.pointer.length ?? 0) ? one : best), null);
}
