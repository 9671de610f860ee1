// What to do, first: the report's recommendation in a few words and its own sentence.

import { el, setText } from "./dom.js";
import { count } from "./format.js";

const headlines = {
  ship: (advice, price) => (price ? `Charge ${price} (“${advice.variant}”)` : `Charge the price of “${advice.variant}”`),
  stop: (advice) => (advice.variant ? `Stop: “${advice.variant}” does harm` : "Stop the experiment"),
  continue: () => "Keep going",
  inconclusive: () => "No clear winner",
};
const kinds = { ship: "good", stop: "bad", continue: "", inconclusive: "" };

/** A box that can be told the newest recommendation; only what changed is read out. */
export function verdict() {
  // Numbers that move with each shopper are shown; read out is only what one should do now.
  const headline = el("p", { class: "headline", role: "status" });
  const sentence = el("p", {});
  const certainty = el("p", {});
  const next = el("p", { class: "next" });
  const cost = el("p", { class: "soft" });
  const box = el("div", { class: "verdict", role: "group", "aria-label": "Recommendation" }, headline, sentence, certainty, next, cost);
  /** @param variants of the experiment, for the price that is recommended. */
  const update = ({ recommendation }, variants) => {
    const { action } = recommendation;
    box.className = `verdict ${kinds[action] ?? ""}`;
    const price = variants.find((variant) => variant.name === recommendation.variant)?.offered.display;
    setText(headline, headlines[action]?.(recommendation, price) ?? action);
    setText(sentence, recommendation.sentence);
    setText(certainty, recommendation.certainty ?? "");
    setText(next, recommendation.next_step);
    const risk = recommendation.cost_of_being_wrong;
    setText(cost, risk
      ? `Expected loss of choosing “${risk.choice}”, averaged over all that may be true: ${risk.display} per ${count(risk.visitors)} visitors.` : "");
  };
  return { element: box, update };
}
