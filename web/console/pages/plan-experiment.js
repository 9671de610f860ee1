// Planning an experiment, and changing a draft in the same form: under the tag of what was read, so that nobody's change
// is lost unseen.

import { ask, el, inWords, link, list, notice, post, say, sender } from "../kit.js";
import { planForm } from "../plan-form.js";
import { go } from "../router.js";

export default ({ parameters }) => (parameters.id ? change(parameters.id) : plan());

async function plan() {
  const { items } = await list("/products");
  const words = { title: "New experiment", save: "Save as draft", begin: "Save and start" };
  const create = sender("/experiments");
  const send = async (body, starts) => shown(await create(body), starts, "The experiment is saved as a draft.");
  return { title: words.title, back: ["/console", "Experiments"], body: planForm({ items, send, words }) };
}

/** Starts a draft if asked to, and goes to its page, which says what came of it. */
async function shown(item, starts, otherwise) {
  let refusal = null;
  if (starts) {
    try {
      await post(`/experiments/${item.id}/start`);
    } catch (error) {
      refusal = inWords(error);
    }
  }
  await go(`/console/experiments/${item.id}`);
  if (refusal) say(`It is saved as a draft, but could not start. ${refusal}`, "bad");
  else say(starts ? "The experiment is running." : otherwise);
}

async function change(id) {
  const path = `/experiments/${id}`;
  const [{ items }, { data: item, etag }] = await Promise.all([list("/products"), ask(path)]);
  const page = `/console${path}`;
  const frame = { title: `Change: ${item.name}`, heading: "Change the draft", back: [page, item.name] };
  if (item.status !== "draft") {
    return { ...frame, body: notice("warn",
      el("p", "It has started: prices, products and the analysis are fixed. Weights are changed on ", link(page, "its page"), ".")) };
  }
  const send = async (body, starts) => {
    const { data } = await ask(path, { method: "PUT", body, etag });
    await shown(data, starts, "The draft is changed.");
  };
  const words = { title: "Change the draft", save: "Save the changes", begin: "Save and start" };
  return { ...frame, body: planForm({ items, item, send, words }) };
}
