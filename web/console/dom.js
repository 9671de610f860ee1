// Elements without markup, and what pages are made of: whatever comes from outside is text, never HTML.

const drawings = new Set(["svg", "g", "rect", "line", "path", "circle", "text", "title"]);

/**
 * @param attributes by name; `false`, `null` and `undefined` leave one out, functions listen to the event of their name.
 * @param children nodes, text, or parts with an `element`; what is absent is passed over.
 */
export function el(tag, attributes = {}, ...children) {
  const element = drawings.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined && value !== null && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...present(children));
  return element;
}

export function fill(element, ...children) {
  element.replaceChildren(...present(children));
  return element;
}

/** Changes text only where it differs, so that nobody hears the same sentence read out again. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const present = (children) =>
  children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false)
    .map((child) => child.element ?? child);

let numbers = 0;
export const freshId = (prefix) => `${prefix}-${(numbers += 1)}`;

export const button = (text, click, attributes) => el("button", { type: "button", class: "plain", click, ...attributes }, text);

export const div = (kind, ...children) => el("div", { class: kind }, children);
export const link = (href, ...children) => el("a", { href }, children);
export const crumb = (href, name) => el("p", { class: "crumb" }, link(href, name));

export const soft = (...children) => el("p", { class: "soft" }, children);
export const small = (...children) => el("p", { class: "soft small" }, children);
export const pill = (kind, words) => el("span", { class: `state ${kind}` }, words);
export const mono = (text) => el("span", { class: "mono" }, text);
export const empty = (text) => el("p", { class: "empty" }, text);
export const bullets = (texts) => el("ul", {}, texts.map((text) => el("li", {}, text)));

export function section(title, children, kind) {
  const id = freshId("part");
  return el("section", { class: kind, "aria-labelledby": id }, el("h2", { id }, title), children);
}

export const details = (title, ...children) => el("details", {}, el("summary", {}, title), children);

/** @param rows `[name, value, …]`; what is absent is passed over. */
export const terms = (rows) => rows.filter(Boolean).map(([name, ...values]) =>
  el("div", {}, el("dt", {}, name), values.map((value) => el("dd", {}, value))));
export const facts = (rows, kind = "facts") => el("dl", { class: kind }, terms(rows));
