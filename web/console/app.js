// Puts the console together: the addresses, the navigation, and who is signed in.

import { listen } from "./api.js";
import { button, el, fill, plural, say } from "./kit.js";
import { go, start } from "./router.js";
import { close, mayChange, session } from "./session.js";
import { agent } from "./pages/agent.js";
import { audit } from "./pages/audit.js";
import { conversation } from "./pages/conversation.js";
import { conversations } from "./pages/conversations.js";
import { decisions } from "./pages/decisions.js";
import { experiment } from "./pages/experiment.js";
import { experiments } from "./pages/experiments.js";
import { keys } from "./pages/keys.js";
import { editExperiment, newExperiment } from "./pages/plan-experiment.js";
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

// Analysts have the first three.
const sections = [
  ["/console", "Experiments"], ["/console/decisions", "Decisions"], ["/console/products", "Products"],
  ["/console/conversations", "Chats"], ["/console/keys", "Keys"], ["/console/audit", "Audit"],
];

function showHead() {
  const who = session();
  const nav = document.getElementById("nav");
  nav.hidden = !who;
  const at = location.pathname.replace("/console/new-product", "/console/products");
  const here = sections.findLast(([path]) => at.startsWith(path));
  fill(nav, who && el("ul", {}, sections.slice(0, mayChange() ? sections.length : 3).map((one) =>
    el("li", {}, el("a", { href: one[0], "aria-current": one === here && "page" }, one[1])))));
  fill(document.getElementById("who"), who && [
    el("span", { class: "tenant" }, who.tenant ? `${who.tenant}, ${who.role}` : who.role), button("Sign out", signOut),
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
start(routes, document.getElementById("main"), () => (session() ? null : signIn));
