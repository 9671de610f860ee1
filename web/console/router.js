// Which page an address shows. Addresses are real paths, so that they can be kept and sent.

import { el, fill } from "./dom.js";
import { failure } from "./notice.js";

/** `[pattern, page]`, such as `["/console/experiments/:id", experimentPage]`. */
let routes = [];
let place = null;
let leaving = new AbortController();
let guard = () => null;
let shownPath = "";

/**
 * Starts showing pages.
 *
 * A page is `async (visit) => {title, body}`: `visit.parameters` are the names of its pattern, `visit.signal` is aborted
 * when it is left.
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

/** Goes to an address of the console; `state` is for the page that is shown there. */
export function go(path, { state = null, replaces = false } = {}) {
  history[replaces ? "replaceState" : "pushState"](state, "", path);
  return show();
}

/** Shows the page of the current address again. */
export const reload = () => show();

function find(path) {
  const segments = path.replace(/\/$/, "").split("/");
  for (const [pattern, page] of routes) {
    const names = pattern.split("/");
    if (names.length !== segments.length) continue;
    const parameters = {};
    const fits = names.every((name, index) => {
      if (!name.startsWith(":")) return name === segments[index];
      try {
        parameters[name.slice(1)] = decodeURIComponent(segments[index]);
      } catch {
        return false;
      }
      return segments[index] !== "";
    });
    if (fits) return { page, parameters };
  }
  return null;
}

async function show(movesFocus = true) {
  leaving.abort();
  const visit = (leaving = new AbortController());
  shownPath = location.pathname;
  const found = find(location.pathname) ?? { page: nothing, parameters: {} };
  const page = guard() ?? found.page;
  document.dispatchEvent(new CustomEvent("visit"));
  place.setAttribute("aria-busy", "true");
  // What was there stays until the new page is whole: nothing jumps.
  let shown;
  try {
    shown = await page({ parameters: found.parameters, signal: visit.signal, state: history.state });
  } catch (error) {
    if (visit.signal.aborted) return;
    shown = { title: "Not shown", body: [el("h1", {}, "This page cannot be shown"), failure(error, () => show())] };
  }
  if (visit.signal.aborted) return;
  fill(place, shown.body);
  place.removeAttribute("aria-busy");
  document.title = `${shown.title} · Cournot`;
  if (movesFocus) {
    scrollTo(0, 0);
    const heading = place.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    (heading ?? place).focus({ preventScroll: true });
  }
  shown.shown?.();
}

function nothing() {
  return {
    title: "Not found",
    body: [
      el("h1", {}, "There is no such page"),
      el("p", {}, el("a", { href: "/console" }, "Go to the experiments")),
    ],
  };
}
