// Puts the console together: the addresses, the navigation, and who is signed in.

import { button, el, fill, listen, plural, Refusal, say } from "./kit.js";
import { go, start } from "./router.js";
import { close, mayChange, session } from "./session.js";

/** A page is loaded when it is first visited: a module's default is what shows it. */
const page = (name) => async (visit) => {
  const { default: show } = await import(`./pages/${name}.js`).catch(() => {
    throw new Refusal(0, { detail: "The server cannot be reached." });
  });
  return show(visit);
};

/** By what follows `/console`. */
const pages = {
  "": "experiments",
  "/experiments": "experiments",
  "/experiments/new": "plan-experiment",
  "/experiments/:id": "experiment",
  "/experiments/:id/edit": "plan-experiment",
  "/experiments/:id/report": "report",
  "/experiments/:id/report/:segment": "report",
  "/decisions": "decisions",
  "/products": "products",
  "/products/:sku": "product",
  "/new-product": "product",
  "/conversations": "conversations",
  "/conversations/agent": "agent",
  "/conversations/:id": "conversation",
  "/keys": "keys",
  "/settings": "settings",
  "/audit": "audit",
};

const nav = document.getElementById("nav");

function showHead() {
  const who = session();
  nav.hidden = !who;
  const at = location.pathname.replace("/console/new-product", "/console/products");
  const links = [...nav.querySelectorAll("a")];
  const here = links.findLast((one) => at.startsWith(one.pathname));
  for (const one of links) {
    one.parentElement.hidden = one.parentElement.dataset.role === "merchant" && !mayChange();
    if (one === here) one.setAttribute("aria-current", "page");
    else one.removeAttribute("aria-current");
  }
  fill(document.getElementById("who"), who && [
    el("span.tenant", who.tenant ? `${who.tenant}, ${who.role}` : who.role), button("Sign out", signOut),
  ]);
}

function signOut() {
  close();
  go("/console");
  say("You are signed out. The key is forgotten in this tab.");
}

listen({
  signedOut: () => {
    if (!session()) return;
    close();
    go(location.pathname, { replaces: true, state: { reason: "Your key does not work any more. Sign in again." } });
  },
  waiting: (seconds) => say(`The API asks for patience: trying again in ${plural(Math.ceil(seconds), "second")}.`, "warn"),
});

document.addEventListener("visit", () => {
  showHead();
  say("");
});
const routes = Object.entries(pages).map(([pattern, name]) => [`/console${pattern}`, page(name)]);
start(routes, document.getElementById("main"), () => (session() ? null : page("sign-in")));
