// Planning an experiment.

import { ask, list, onceKey } from "../api.js";
import { el } from "../dom.js";
import { say } from "../notice.js";
import { planForm } from "../plan-form.js";
import { go } from "../router.js";

export async function newExperiment({ signal }) {
  const { items } = await list("/products", { signal });
  const words = { title: "New experiment", save: "Save as draft", begin: "Save and start" };
  return {
    title: words.title,
    body: [
      el("p", { class: "crumb" }, el("a", { href: "/console" }, "Experiments")),
      el("h1", {}, words.title), planForm({ items, send: sender(), words, signal }),
    ],
  };
}

/** Creates the experiment, once however often it is sent unchanged, and starts it if asked to. */
function sender() {
  let [once, sent] = [null, ""];
  return async (body, starts) => {
    const text = JSON.stringify(body);
    if (text !== sent) [once, sent] = [onceKey(), text];
    const { data } = await ask("/experiments", { method: "POST", body, once });
    await shown(data, starts, "The experiment is saved as a draft.");
  };
}

/** Starts a draft if asked to, and goes to its page, which says what came of it. */
export async function shown(item, starts, otherwise) {
  let refusal = null;
  if (starts) {
    try {
      await ask(`/experiments/${item.id}/start`, { method: "POST", once: onceKey() });
    } catch (error) {
      refusal = [error.message, ...(error.faults ?? []).map((fault) => fault.detail)].join(" ");
    }
  }
  await go(`/console/experiments/${item.id}`);
  if (refusal) say(`It is saved as a draft, but could not start. ${refusal}`, "bad");
  else say(starts ? "The experiment is running." : otherwise);
}
