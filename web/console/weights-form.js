// How new shoppers are split: changed under the tag of what was read, so that two people cannot undo each other unseen.

import { ask, bind, button, el, field, fill, form, input, notice, said, say, share, sum } from "./kit.js";

export function weightsForm(item, etag, path, changed) {
  const fields = item.variants.map((variant, place) => field(variant.name,
    input({ name: `/variants/${place}/weight`, "data-as": "whole", required: true, value: variant.weight }), null, "\u00a0"));
  const showShares = () => {
    const weights = fields.map((one) => one.read());
    fields.forEach((one, place) => {
      one.unit = share(weights[place], sum(weights));
    });
  };
  showShares();
  return form({
    title: "Split of new shoppers", kind: "panel weights", fields, changed: showShares,
    body: [bind("weights-note").root, fields],
    buttons: ["Change the weights"],
    send: async ({ trouble }) => {
      const body = said(fields, { variants: item.variants.map(({ name }) => ({ name })) });
      try {
        await ask(path, { method: "PATCH", body, etag });
      } catch (error) {
        if (error.status !== 412) throw error;
        return fill(trouble, el("div", { role: "alert" }, notice("warn",
          el("p", "Somebody else changed this experiment after you opened it. Nothing of yours was written."),
          button("Show the newest", changed))));
      }
      await changed();
      return say("The weights are changed, for new shoppers only.");
    },
  });
}
