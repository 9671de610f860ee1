// Elements without markup, and what pages are made of: whatever comes from outside is text, never HTML.

const drawings = new Set(["svg", "g", "rect", "line", "path", "circle", "text", "title"]);

/**
 * @param tag with its classes, such as `p.soft.small`.
 * @param given attributes first, which may be left out: `false`, `null` and `undefined` leave one out, functions listen to the
 *   event of their name. Then nodes, text, or parts with an `element`; what is absent is passed over.
 */
export function el(tag, ...given) {
  const [name, ...kinds] = tag.split(".");
  const element = drawings.has(name) ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  const first = given[0];
  const hasAttributes = first && Object.getPrototypeOf(first) === Object.prototype && !first.element;
  for (const [key, value] of Object.entries({ class: kinds.join(" ") || null, ...(hasAttributes && given.shift()) })) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...present(given));
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

/** A button that sends its form. */
export const submit = (text, kind = "") => el(`button${kind}`, text);

export const div = (kind, ...children) => el("div", { class: kind }, children);
export const link = (href, ...children) => el("a", { href }, children);
export const crumb = (href, name) => el("p.crumb", link(href, name));

export const soft = (...children) => el("p.soft", children);
export const small = (...children) => el("p.soft.small", children);
export const pill = (kind, words) => el("span", { class: `state ${kind}` }, words);
export const mono = (text) => el("span.mono", text);
export const empty = (text) => el("p.empty", text);
export const bullets = (texts) => el("ul", texts.map((text) => el("li", text)));

export function section(title, children, kind) {
  const id = freshId("part");
  return el("section", { class: kind, "aria-labelledby": id }, el("h2", { id }, title), children);
}

export const details = (title, ...children) => el("details", el("summary", title), children);

/** @param rows `[name, value, …]`; what is absent is passed over. */
export const terms = (rows) => rows.filter(Boolean).map(([name, ...values]) =>
  el("div", el("dt", name), values.map((value) => el("dd", value))));
export const facts = (rows, kind = "facts") => el("dl", { class: kind }, terms(rows));
