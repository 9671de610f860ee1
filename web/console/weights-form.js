// How new shoppers are split: changed under the tag of what was read, so that two people cannot undo each other unseen.

import { ask } from "./api.js";
import { el, fill } from "./dom.js";
import { percent } from "./format.js";
import { FaultSummary, field, handle, numeral, parseWhole } from "./form.js";
import { notice, say } from "./notice.js";

/**
 * @param etag of the experiment as it is shown here.
 * @param changed is called when it was changed, here or elsewhere.
 */
export function weightsForm(item, etag, path, changed) {
  const summary = new FaultSummary();
  const trouble = el("div", {});
  const fields = item.variants.map((variant, place) => field(variant.name, numeral({ value: String(variant.weight), inputmode: "numeric" }), {
    pointer: `/variants/${place}/weight`, unit: "\u00a0",
  }));
  const button = el("button", { type: "submit" }, "Change the weights");
  const showShares = () => {
    const weights = fields.map((one) => parseWhole(one.control.value) ?? NaN);
    const sum = weights.reduce((total, one) => total + one, 0);
    fields.forEach((one, place) => {
      one.element.querySelector(".unit").textContent = sum > 0 ? percent(weights[place] / sum) : "";
    });
  };
  const form = el("form", { class: "panel weights", novalidate: true, "aria-labelledby": "weights-title", input: showShares },
    el("h2", { id: "weights-title" }, "Split of new shoppers"),
    el("p", { class: "soft" }, "Shoppers who have a price keep it, whatever you write here."),
    summary.element, fields.map((one) => one.element), trouble, el("div", { class: "buttons" }, button));
  handle(form, { summary, fields, trouble, button }, async (_, refuse) => {
    const faults = fields.filter((one) => !Number.isInteger(parseWhole(one.control.value)))
      .map((one) => ({ pointer: one.pointer, detail: "A weight is a whole number, 0 or more." }));
    if (faults.length > 0) return refuse(faults);
    const variants = item.variants.map((variant, place) => ({ name: variant.name, weight: Number(fields[place].control.value) }));
    try {
      await ask(path, { method: "PATCH", body: { variants }, etag });
      await changed();
      say("The weights are changed, for new shoppers only.");
    } catch (error) {
      if (error.status !== 412) throw error;
      const again = el("button", { type: "button", class: "plain" }, "Show the newest");
      again.addEventListener("click", changed);
      fill(trouble, el("div", { role: "alert" }, notice("warn",
        el("p", {}, "Somebody else changed this experiment after you opened it. Nothing of yours was written."), again)));
    }
    return undefined;
  });
  showShares();
  return form;
}
