// Changing a draft, in the form that planned it: under the tag of what was read, so that nobody's change is lost unseen.

import { ask, list } from "../api.js";
import { el } from "../dom.js";
import { notice } from "../notice.js";
import { planForm } from "../plan-form.js";
import { shown } from "./new-experiment.js";

export async function editExperiment({ parameters, signal }) {
  const path = `/experiments/${encodeURIComponent(parameters.id)}`;
  const [{ items }, { data: item, etag }] = await Promise.all([list("/products", { signal }), ask(path, { signal })]);
  const page = `/console${path}`;
  const heading = [el("p", { class: "crumb" }, el("a", { href: page }, item.name)), el("h1", {}, "Change the draft")];
  if (item.status !== "draft") {
    return {
      title: "Change the draft",
      body: [...heading, notice("warn",
        el("p", {}, "It has started: prices, products and the analysis are fixed. Weights are changed on ", el("a", { href: page }, "its page"), "."))],
    };
  }
  const send = async (body, starts) => {
    const { data } = await ask(path, { method: "PUT", body, etag });
    await shown(data, starts, "The draft is changed.");
  };
  const words = { title: "Change the draft", save: "Save the changes", begin: "Save and start" };
  return { title: `Change: ${item.name}`, body: [...heading, planForm({ items, item, send, words, signal })] };
}
