// Which page an address shows. Addresses are real paths, so that they can be kept and sent.

import { during } from "./api.js";
import { crumb, div, el, failure, fill, link } from "./kit.js";

/** `[pattern, page]`, such as `["/console/experiments/:id", experimentPage]`. */
let routes = [];
let place = null;
let leaving = new AbortController();
let guard = () => null;
let shownPath = "";

/**
 * Starts showing pages, `async ({parameters, signal, state}) => {title, body}`: the signal is aborted when one is left. A page may
 * have a `heading` other than its title, something `beside` it, a way `back` (`[address, name]`), a `kind` of layout, and what is
 * done once it is `shown`.
 *
 * @param before is asked before each page; a page it returns is shown instead.
 */
export function start(table, element, before) {
  [routes, place, guard] = [table, element, before];
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target || link.download) return;
    const address = new URL(link.href);
    if (address.origin !== location.origin || address.hash || !find(address.pathname)) return;
    event.preventDefault();
    go(address.pathname);
  });
  addEventListener("popstate", () => {
    // Going to a part of the page is no visit.
    if (location.pathname !== shownPath) show();
  });
  return show(false);
}

export function go(path, { state = null, replaces = false } = {}) {
  history[replaces ? "replaceState" : "pushState"](state, "", path);
  return show();
}

export const reload = () => show();

function find(path) {
  const segments = path.replace(/\/$/, "").split("/");
  for (const [pattern, page] of routes) {
    const names = pattern.split("/");
    if (names.length !== segments.length) continue;
    const parameters = {};
    const fits = names.every((name, index) => {
      if (!name.startsWith(":")) return name === segments[index];
      // As the address has it, which is how the API's addresses have it too.
      parameters[name.slice(1)] = segments[index];
      return segments[index] !== "";
    });
    if (fits) return { page, parameters };
  }
  return null;
}

async function show(movesFocus = true) {
  leaving.abort();
  const visit = (leaving = new AbortController());
  during(visit.signal);
  shownPath = location.pathname;
  const found = find(location.pathname);
  const page = found ? guard() ?? found.page : nothing;
  document.dispatchEvent(new CustomEvent("visit"));
  place.setAttribute("aria-busy", "true");
  // What was there stays until the new page is whole: nothing jumps.
  let shown;
  try {
    shown = await page({ parameters: found?.parameters, signal: visit.signal, state: history.state });
  } catch (error) {
    if (visit.signal.aborted) return;
    shown = { title: "Not shown", heading: "This page cannot be shown", body: failure(error, () => show()) };
  }
  if (visit.signal.aborted) return;
  const heading = el("h1", { tabindex: -1 }, shown.heading ?? shown.title);
  place.className = shown.kind ?? "";
  fill(place, shown.back && crumb(...shown.back), div("heading", heading, shown.beside), shown.body);
  place.removeAttribute("aria-busy");
  document.title = `${shown.title} · Cournot`;
  if (movesFocus) {
    scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  }
  shown.shown?.();
}

const nothing = () => ({ title: "Not found", heading: "There is no such page", body: link("/console", "Go to the experiments") });
