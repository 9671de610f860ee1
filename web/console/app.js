// Puts the console together: the addresses, the navigation, and who is signed in.

import { listen } from "./api.js";
import { el, fill } from "./dom.js";
import { plural } from "./format.js";
import { say } from "./notice.js";
import { go, start } from "./router.js";
import { close, mayChange, session } from "./session.js";
import { agent } from "./pages/agent.js";
import { audit } from "./pages/audit.js";
import { conversation } from "./pages/conversation.js";
import { conversations } from "./pages/conversations.js";
import { decisions } from "./pages/decisions.js";
import { editExperiment } from "./pages/edit-experiment.js";
import { experiment } from "./pages/experiment.js";
import { experiments } from "./pages/experiments.js";
import { keys } from "./pages/keys.js";
import { newExperiment } from "./pages/new-experiment.js";
import { newProduct, product } from "./pages/product.js";
import { products } from "./pages/products.js";
import { report } from "./pages/report.js";
import { signIn } from "./pages/sign-in.js";

const routes = [
  ["/console", experiments],
  ["/console/experiments", experiments],
  ["/console/experiments/new", newExperiment],
  ["/console/experiments/:id", experiment],
  ["/console/experiments/:id/edit", editExperiment],
  ["/console/experiments/:id/report", report],
  ["/console/decisions", decisions],
  ["/console/products", products],
  ["/console/products/:sku", product],
  ["/console/new-product", newProduct],
  ["/console/conversations", conversations],
  ["/console/conversations/agent", agent],
  ["/console/conversations/:id", conversation],
  ["/console/keys", keys],
  ["/console/audit", audit],
];

const sections = [
  ["/console", "Experiments", false],
  ["/console/decisions", "Decisions", false],
  ["/console/products", "Products", false],
  ["/console/conversations", "Chats", true],
  ["/console/keys", "Keys", true],
  ["/console/audit", "Audit", true],
];

/** Shows where one is, and what one's key opens. */
function showHead() {
  const who = session();
  const nav = document.getElementById("nav");
  nav.hidden = !who;
  if (!who) {
    fill(nav);
    fill(document.getElementById("who"));
    return;
  }
  const at = location.pathname.replace("/console/new-product", "/console/products");
  const here = sections.map(([path]) => path).find((path) => path !== "/console" && at.startsWith(path)) ?? "/console";
  fill(nav, el("ul", {}, sections.filter(([, , isForMerchants]) => !isForMerchants || mayChange()).map(([path, title]) =>
    el("li", {}, el("a", { href: path, "aria-current": path === here && "page" }, title)))));
  fill(document.getElementById("who"),
    el("span", { class: "tenant" }, who.tenant ? `${who.tenant}, ${who.role}` : who.role),
    el("button", { type: "button", class: "plain", click: signOut }, "Sign out"));
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
start(routes, document.getElementById("main"), () => (session() ? null : signIn));
