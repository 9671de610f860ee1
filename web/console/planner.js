// What an experiment takes, computed by the API while one types: shoppers, days, and the smallest effect found.

import { ask } from "./api.js";
import { el, fill } from "./dom.js";
import { count, percent, plural } from "./format.js";

/**
 * A panel that follows a plan.
 *
 * @param onAnswer is given the size in shoppers, or null where there is none.
 */
export function planner(signal, onAnswer) {
  const figures = el("dl", { class: "figures" });
  const note = el("p", { class: "soft small" });
  const spoken = el("p", { class: "unseen", role: "status" });
  const element = el("section", { class: "panel planner", "aria-labelledby": "planner-title" },
    el("h2", { id: "planner-title" }, "What it takes"), figures, note, spoken);
  let timer = null;
  let turn = 0;

  const show = (size, days, detectable, sentence) => {
    fill(figures, [
      ["Shoppers", size], ["Time", days], ["Smallest effect found", detectable],
    ].map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
    note.textContent = sentence;
  };

  const compute = async (plan, mine) => {
    const common = { baseline_rate: plan.baseline, variants: plan.variants, alpha: plan.alpha, power: plan.power };
    const visitors = plan.visitors * plan.share;
    try {
      const [size, reach] = await Promise.all([
        power({ ...common, minimum_effect: plan.effect, ...(visitors > 0 && { daily_visitors: visitors }) }, signal),
        visitors > 0 && plan.days > 0 ? power({ ...common, daily_visitors: visitors, days: plan.days }, signal) : null,
      ]);
      if (mine !== turn) return;
      const days = size.days === null ? "–" : plural(size.days, "day");
      show(`${count(size.total)} (${count(size.per_arm)} each)`, days,
        reach ? `±${percent(reach.detectable_effect)} in ${plural(plan.days, "day")}` : `±${percent(size.detectable_effect)}`,
        `To find a relative change of ${percent(plan.effect)} in the share who buy, ${percent(plan.power, 0)} of the time, `
        + `looking once at the end. Looking at any time takes more; profit and revenue vary more than purchases.`);
      spoken.textContent = `${count(size.total)} shoppers${size.days === null ? "" : `, ${days}`}`;
      onAnswer(size.total);
    } catch (error) {
      if (signal.aborted || mine !== turn) return;
      show("–", "–", "–", error.faults?.map((fault) => fault.detail).join(" ") || error.message);
      spoken.textContent = "";
      onAnswer(null);
    }
  };

  show("…", "…", "…", "");
  return {
    element,
    /** Takes a plan, or a sentence that says what is missing in one; asks when nobody typed for a while. */
    follow(plan) {
      clearTimeout(timer);
      turn += 1;
      const mine = turn;
      if (typeof plan === "string") {
        show("–", "–", "–", plan);
        onAnswer(null);
        return;
      }
      timer = setTimeout(() => compute(plan, mine), 300);
    },
  };
}

const power = async (body, signal) => (await ask("/power", { method: "POST", body, signal })).data;
