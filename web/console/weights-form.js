// How new shoppers are split: changed under the tag of what was read, so that two people cannot undo each other unseen.

import { ask } from "./api.js";
import { button, el, fill, form, notice, percent, say, soft, unreadable, wholeField } from "./kit.js";

export function weightsForm(item, etag, path, changed) {
  const fields = item.variants.map((variant, place) =>
    wholeField(variant.name, variant.weight, `/variants/${place}/weight`, null, "\u00a0"));
  const showShares = () => {
    const weights = fields.map((one) => one.read() ?? NaN);
    const sum = weights.reduce((total, one) => total + one, 0);
    fields.forEach((one, place) => {
      one.unit = sum > 0 ? percent(weights[place] / sum) : "";
    });
  };
  showShares();
  return form({
    title: "Split of new shoppers", kind: "panel weights", fields, changed: showShares,
    body: [soft("Shoppers who have a price keep it, whatever you write here."), fields],
    buttons: [el("button", {}, "Change the weights")],
    send: async ({ refuse, trouble }) => {
      const faults = unreadable(fields, true);
      if (faults.length > 0) return refuse(faults);
      const variants = item.variants.map(({ name }, place) => ({ name, weight: fields[place].read() }));
      try {
        await ask(path, { method: "PATCH", body: { variants }, etag });
      } catch (error) {
        if (error.status !== 412) throw error;
        return fill(trouble, el("div", { role: "alert" }, notice("warn",
          el("p", {}, "Somebody else changed this experiment after you opened it. Nothing of yours was written."),
          button("Show the newest", changed))));
      }
      await changed();
      return say("The weights are changed, for new shoppers only.");
    },
  });
}
