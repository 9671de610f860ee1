// What to do, first: the report's recommendation in a few words and its own sentence.

import { el, setText } from "./dom.js";
import { count } from "./format.js";

const headlines = {
  ship: (advice) => `Charge the price of “${advice.variant}”`,
  stop: (advice) => (advice.variant ? `Stop: “${advice.variant}” does harm` : "Stop the experiment"),
  continue: () => "Keep going",
  inconclusive: () => "No clear winner",
};
const kinds = { ship: "good", stop: "bad", continue: "", inconclusive: "" };

/** A box that can be told the newest recommendation; only what changed is read out. */
export function verdict() {
  const headline = el("p", { class: "headline" });
  const sentence = el("p", {});
  const cost = el("p", { class: "soft" });
  const box = el("div", { class: "verdict", role: "status", "aria-label": "Recommendation" }, headline, sentence, cost);
  const update = ({ recommendation }) => {
    const { action } = recommendation;
    box.className = `verdict ${kinds[action] ?? ""}`;
    setText(headline, headlines[action]?.(recommendation) ?? action);
    setText(sentence, recommendation.sentence);
    const risk = recommendation.cost_of_being_wrong;
    const more = recommendation.more_shoppers;
    // A number that moves with each shopper is shown, not read out.
    cost.setAttribute("aria-live", "off");
    setText(cost, [
      more ? `About ${count(more)} more shoppers would settle it.` : "",
      risk ? `If “${risk.choice}” is wrong, it is expected to cost ${risk.display} per ${count(risk.visitors)} visitors.` : "",
    ].filter(Boolean).join(" "));
  };
  return { element: box, update };
}
