// Elements without markup: whatever comes from outside is text, never HTML.

const drawings = new Set(["svg", "g", "rect", "line", "path", "circle", "text", "title"]);

/**
 * Makes an element.
 *
 * @param attributes by name; `false`, `null` and `undefined` leave one out, functions listen to the event of their name.
 * @param children nodes or text; what is absent is passed over.
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

/** Puts children in the place of what an element had. */
export function fill(element, ...children) {
  element.replaceChildren(...present(children));
  return element;
}

/** Changes text only where it differs, so that nobody hears the same sentence read out again. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const present = (children) =>
  children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false);

let numbers = 0;
/** An id that no other element of the page has. */
export const freshId = (prefix) => `${prefix}-${(numbers += 1)}`;
