// What to do, first: the report's recommendation in a few words and its own sentence.

import { count, el, setText } from "./kit.js";

const headlines = {
  ship: (advice, price) => (price ? `Charge ${price} (“${advice.variant}”)` : `Charge the price of “${advice.variant}”`),
  stop: (advice) => (advice.variant ? `Stop: “${advice.variant}” does harm` : "Stop the experiment"),
  continue: (advice) => (advice.rule === "no_shoppers" ? "Nothing to read yet" : "Keep going"),
  inconclusive: () => "No clear winner",
};
const kinds = { ship: "good", stop: "bad" };

/** A recommendation in a few words; `variants` tell the price that is recommended. */
export function inBrief(advice, variants) {
  const price = variants.find((variant) => variant.name === advice.variant)?.offered.display;
  const words = headlines[advice.action]?.(advice, price) ?? advice.action;
  return el("strong", { class: kinds[advice.action] }, words);
}

/** A box that can be told the newest recommendation; only what changed is read out. */
export function verdict() {
  // Numbers that move with each shopper are shown; read out is only what one should do now.
  const headline = el("p.headline", { role: "status" });
  const [next, sentence, certainty, cost] = ["next", "", "", "soft"].map((kind) => el("p", { class: kind }));
  const box = el("div.verdict", { role: "group", "aria-label": "Recommendation" }, headline, next, sentence, certainty, cost);
  const update = ({ recommendation: advice, data_quality: quality }, variants) => {
    box.className = `verdict ${kinds[advice.action] ?? ""}`;
    setText(headline, inBrief(advice, variants).textContent);
    setText(next, advice.next_step);
    setText(sentence, advice.sentence);
    setText(certainty, advice.certainty ?? "");
    // Nothing is to be chosen by figures that cannot be trusted.
    const risk = !quality.sample_ratio.alarm && advice.cost_of_being_wrong;
    setText(cost, risk
      ? `Expected loss of choosing “${risk.choice}”, averaged over all that may be true: ${risk.display} per ${count(risk.visitors)} visitors.` : "");
  };
  return { element: box, update };
}
