// What is to be done, put on record with the figures that are seen here. It begins with the recommendation: whoever
// changes nothing takes it as it is, and is told so.

import { ask, onceKey } from "./api.js";
import { actionNames } from "./decisions.js";
import { confirm } from "./dialog.js";
import { el, setText } from "./dom.js";
import { FaultSummary, field, handle, select } from "./form.js";
import { say } from "./notice.js";
import { go } from "./router.js";

/** @param item the experiment of the report `data`. */
export function decisionForm(data, item) {
  const path = `/experiments/${encodeURIComponent(item.id)}/decision`;
  const advice = data.recommendation;
  const summary = new FaultSummary();
  const trouble = el("div", {});
  const others = item.variants.filter((variant) => variant.name !== data.control);
  const action = field("Decision", select(Object.entries(actionNames), advice.action), { pointer: "/action" });
  const variant = field("Price", select(
    others.map((one) => [one.name, `${one.name}, ${one.offered.display}`]),
    others.some((one) => one.name === advice.variant) ? advice.variant : others[0]?.name), { pointer: "/variant" });
  const reason = field("Why", el("textarea", { rows: "3", maxlength: "2000" }), {
    pointer: "/reason", hint: "For those who read this later. May be left empty.",
  });
  const ends = el("input", { type: "checkbox", id: "decision-complete" });
  const ending = el("div", { class: "choice" }, ends,
    el("label", { for: "decision-complete" }, "Complete the experiment too: everybody pays the list price again"));
  const whose = el("p", { class: "soft small", role: "status" });
  const button = el("button", { type: "submit" }, "Record the decision");
  const fields = [action, variant, reason];
  const speaksOf = () => ["ship", "stop"].includes(action.control.value);
  const isAdvice = () => action.control.value === advice.action && (!speaksOf() || variant.control.value === advice.variant);
  const show = () => {
    variant.element.hidden = !speaksOf();
    ending.hidden = action.control.value === "continue" || !["running", "paused"].includes(item.status);
    setText(whose, isAdvice()
      ? "This is the recommendation; it is recorded as taken as it is."
      : "This is not the recommendation; it is recorded as your own judgement.");
  };
  // Sent again after a lost answer it is the same decision; changed, it is another.
  let once = onceKey();
  const form = el("form", {
    class: "panel", novalidate: true, "aria-labelledby": "decide", input: () => {
      once = onceKey();
      show();
    },
  },
  el("h2", { id: "decide" }, "Decide"),
  el("p", { class: "soft" }, "What you decide is kept with these figures, and compared with what later shoppers do. It changes no price by itself."),
  summary.element, el("div", { class: "pair" }, action.element, variant.element), reason.element, ending, whose, trouble,
  el("div", { class: "buttons" }, button));
  handle(form, { summary, fields, trouble, button }, async () => {
    const completes = !ending.hidden && ends.checked;
    if (completes && !await confirm({
      title: `Complete “${item.name}”?`, text: "The experiment ends for good: everybody pays the list price again. Late sales still count.",
      action: "Decide and complete", isDangerous: true,
    })) return;
    const choice = isAdvice() ? { policy: true }
      : { action: action.control.value, variant: speaksOf() ? variant.control.value : undefined };
    await ask(path, {
      method: "POST", once,
      body: { ...choice, reason: reason.control.value.trim(), complete: completes, as_of: data.as_of },
    });
    await go("/console/decisions");
    say(completes ? "The decision is recorded, and the experiment is completed." : "The decision is recorded.");
  });
  show();
  return form;
}
