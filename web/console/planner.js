// What an experiment takes, computed by the API while one types: shoppers, days, and the smallest effect found.

import { ask, count, el, fill, percent, plural, section, small, terms } from "./kit.js";

/** A panel that follows a plan; `onAnswer` is given the size in shoppers, or null where there is none. */
export function planner(onAnswer) {
  const figures = el("dl.figures");
  const note = small();
  const spoken = el("p.unseen", { role: "status" });
  let timer = null;
  let turn = 0;

  const show = (size, days, detectable, sentence, more) => {
    fill(figures, terms([["Shoppers", size], ["Time", days], ["Smallest effect found", detectable], more]));
    note.textContent = sentence;
  };

  const compute = async (plan, mine) => {
    const { asked, effect, visitors, days: patience, parts, steps } = plan;
    try {
      const full = fullDays(steps, patience);
      const [size, reach, apart] = await Promise.all([
        power({ ...asked, minimum_effect: effect, ...(visitors > 0 && { daily_visitors: visitors }) }),
        visitors > 0 && full > 0 ? power({ ...asked, daily_visitors: visitors, days: full }) : null,
        parts > 0 ? power({ ...asked, minimum_effect: effect, alpha: asked.alpha / parts }) : null,
      ]);
      if (mine !== turn) return;
      const taken = size.days !== null && steps.length > 0 ? daysUntil(steps, size.total / visitors) : size.days;
      const days = taken === null ? "–" : taken === Infinity ? "never" : plural(taken, "day");
      show(`${count(size.total)} (${count(size.per_arm)} each)`, days,
        reach ? `±${percent(reach.detectable_effect)} in ${plural(patience, "day")}` : `±${percent(size.detectable_effect)}`,
        wording(plan), apart && ["For each group alone", `${count(apart.total * parts)} in ${plural(parts, "group")}`]);
      spoken.textContent = `${count(size.total)} shoppers${taken === null ? "" : `, ${days}`}`;
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

/** The parts of a ramp, in days: from when, until when, and which share takes part. Nobody does before the first step. */
const spans = (steps) => steps.map(({ hours, share }, place) => ({ from: hours / 24, to: (steps[place + 1]?.hours ?? Infinity) / 24, share }));

/** As many shoppers come in `days` of a ramp as in how many days with all of it. */
const fullDays = (steps, days) => (steps.length === 0 ? days
  : spans(steps).reduce((sum, { from, to, share }) => sum + share * Math.max(0, Math.min(to, days) - from), 0));

/** The day of a ramp on which as many have come as in `full` days with all of it. */
function daysUntil(steps, full) {
  let rest = full;
  for (const { from, to, share } of spans(steps)) {
    if (rest <= share * (to - from)) return Math.ceil(from + rest / share);
    rest -= share > 0 ? share * (to - from) : 0;
  }
  return Infinity;
}

const readings = {
  fixed: () => "looking once, at the end.",
  sequential: () => "whenever you look. It is the most it takes: as a rule it ends sooner.",
  group_sequential: ({ looks, target_sample_size: target }) =>
    `looking ${target ? `every ${count(Math.ceil(target / looks))} shoppers` : `at ${count(looks)} planned times`}. It is the most it takes: a large change ends it at an early look.`,
};

const wording = ({ asked, effect, isMoving, steps }) => [
  `To find a relative change of ${percent(effect)} in the share who buy, ${percent(asked.power, 0)} of the time, ${readings[asked.method](asked)}`,
  steps.length > 0 && "The time is with the steps of its beginning.",
  isMoving && "Moving weights leave fewer shoppers with what does worse: comparing with that takes longer.",
  "Profit and revenue vary more than purchases.",
].filter(Boolean).join(" ");

const power = async (body) => (await ask("/power", { method: "POST", body })).data;
