// What is to be done, put on record with the figures that are seen here. It begins with the recommendation: whoever
// changes nothing takes it as it is, and is told so.

import { sender } from "./api.js";
import { confirm } from "./dialog.js";
import { actionNames, area, choice, div, el, endingWords, field, form, say, select, setText, soft } from "./kit.js";
import { go } from "./router.js";

export function decisionForm(data, item) {
  const advice = data.recommendation;
  const send = sender(`/experiments/${item.id}/decision`);
  const others = item.variants.filter((variant) => variant.name !== data.control);
  const action = field("Decision", select(Object.entries(actionNames), advice.action), "/action");
  const variant = field("Price", select(
    others.map((one) => [one.name, `${one.name}, ${one.offered.display}`]),
    others.some((one) => one.name === advice.variant) ? advice.variant : others[0]?.name), "/variant");
  const reason = field("Why", area("", { rows: 3, maxlength: 2000 }), "/reason", "For those who read this later. May be left empty.");
  const ending = choice("Complete the experiment too: everybody pays the list price again");
  const whose = el("p", { class: "soft small", role: "status" });
  const speaksOf = () => ["ship", "stop"].includes(action.control.value);
  const isAdvice = () => action.control.value === advice.action && (!speaksOf() || variant.control.value === advice.variant);
  const show = () => {
    variant.element.hidden = !speaksOf();
    ending.element.hidden = action.control.value === "continue" || !["running", "paused"].includes(item.status);
    setText(whose, isAdvice()
      ? "This is the recommendation; it is recorded as taken as it is."
      : "This is not the recommendation; it is recorded as your own judgement.");
  };
  show();
  return form({
    title: "Decide", fields: [action, variant, reason], changed: show,
    body: [
      soft("What you decide is kept with these figures, and compared with what later shoppers do. It changes no price by itself."),
      div("pair", action, variant), reason, ending, whose,
    ],
    buttons: [el("button", {}, "Record the decision")],
    send: async () => {
      const completes = !ending.element.hidden && ending.control.checked;
      if (completes && !await confirm({
        title: `Complete “${item.name}”?`, text: endingWords,
        action: "Decide and complete", isDangerous: true,
      })) return;
      const chosen = isAdvice() ? { policy: true }
        : { action: action.control.value, variant: speaksOf() ? variant.control.value : undefined };
      await send({ ...chosen, reason: reason.text, complete: completes, as_of: data.as_of });
      await go("/console/decisions");
      say(completes ? "The decision is recorded, and the experiment is completed." : "The decision is recorded.");
    },
  });
}
