// What an experiment takes, computed by the API while one types: shoppers, days, and the smallest effect found.

import { ask } from "./api.js";
import { count, el, fill, percent, plural, section, small, terms } from "./kit.js";

/** A panel that follows a plan; `onAnswer` is given the size in shoppers, or null where there is none. */
export function planner(onAnswer) {
  const figures = el("dl", { class: "figures" });
  const note = small();
  const spoken = el("p", { class: "unseen", role: "status" });
  let timer = null;
  let turn = 0;

  const show = (size, days, detectable, sentence, more) => {
    fill(figures, terms([["Shoppers", size], ["Time", days], ["Smallest effect found", detectable], more]));
    note.textContent = sentence;
  };

  const compute = async (plan, mine) => {
    const { asked, effect, days: patience, parts } = plan;
    const visitors = plan.visitors * plan.share;
    try {
      const [size, reach, apart] = await Promise.all([
        power({ ...asked, minimum_effect: effect, ...(visitors > 0 && { daily_visitors: visitors }) }),
        visitors > 0 && patience > 0 ? power({ ...asked, daily_visitors: visitors, days: patience }) : null,
        parts > 0 ? power({ ...asked, minimum_effect: effect, alpha: asked.alpha / parts }) : null,
      ]);
      if (mine !== turn) return;
      const days = size.days === null ? "–" : plural(size.days, "day");
      show(`${count(size.total)} (${count(size.per_arm)} each)`, days,
        reach ? `±${percent(reach.detectable_effect)} in ${plural(patience, "day")}` : `±${percent(size.detectable_effect)}`,
        wording(plan), apart && ["For each group alone", `${count(apart.total * parts)} in ${plural(parts, "group")}`]);
      spoken.textContent = `${count(size.total)} shoppers${size.days === null ? "" : `, ${days}`}`;
      onAnswer(size.total);
    } catch (error) {
      if (mine !== turn) return;
      show("–", "–", "–", error.faults?.map((fault) => fault.detail).join(" ") || error.message);
      spoken.textContent = "";
      onAnswer(null);
    }
  };

  show("…", "…", "…", "");
  return {
    element: section("What it takes", [figures, note, spoken], "panel planner"),
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

const readings = {
  fixed: () => "looking once, at the end.",
  sequential: () => "whenever you look. It is the most it takes: as a rule it ends sooner.",
  group_sequential: ({ looks, target_sample_size: target }) =>
    `looking ${target ? `every ${count(Math.ceil(target / looks))} shoppers` : `at ${count(looks)} planned times`}. It is the most it takes: a large change ends it at an early look.`,
};

const wording = ({ asked, effect, isMoving }) => [
  `To find a relative change of ${percent(effect)} in the share who buy, ${percent(asked.power, 0)} of the time, ${readings[asked.method](asked)}`,
  isMoving && "Moving weights leave fewer shoppers with what does worse: comparing with that takes longer.",
  "Profit and revenue vary more than purchases.",
].filter(Boolean).join(" ");

const power = async (body) => (await ask("/power", { method: "POST", body })).data;
