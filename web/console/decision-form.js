// What is to be done, put on record with the figures that are seen here. It begins with the recommendation: whoever
// changes nothing takes it as it is, and is told so.

import { bind, confirm, endingWords, fill, form, options, said, say, sender, setText } from "./kit.js";
import { go } from "./router.js";

export function decisionForm(data, item) {
  const advice = data.recommendation;
  const send = sender(`/experiments/${item.id}/decision`);
  const others = item.variants.filter((variant) => variant.name !== data.control);
  const { root, parts, fields } = bind("decision-form", advice);
  const { action, variant, complete } = parts;
  const chosen = others.some((one) => one.name === advice.variant) ? advice.variant : others[0]?.name;
  fill(variant.control, options(others.map((one) => [one.name, `${one.name}, ${one.offered.display}`]), chosen));
  const whose = root.querySelector("[role=status]");
  const speaksOf = () => ["ship", "stop"].includes(action.text);
  const isAdvice = () => action.text === advice.action && (!speaksOf() || variant.text === advice.variant);
  const show = () => {
    variant.element.hidden = !speaksOf();
    complete.element.hidden = action.text === "continue" || !["running", "paused"].includes(item.status);
    setText(whose, isAdvice()
      ? "This is the recommendation; it is recorded as taken as it is."
      : "This is not the recommendation; it is recorded as your own judgement.");
  };
  show();
  return form({
    title: "Decide", root, fields, changed: show, buttons: ["Record the decision"],
    send: async () => {
      const body = said(fields, { complete: false, as_of: data.as_of });
      if (body.complete && !await confirm({
        title: `Complete “${item.name}”?`, text: endingWords,
        action: "Decide and complete", isDangerous: true,
      })) return;
      await send(isAdvice() ? { ...body, action: undefined, variant: undefined, policy: true } : body);
      await go("/console/decisions");
      say(body.complete ? "The decision is recorded, and the experiment is completed." : "The decision is recorded.");
    },
  });
}
