// Decisions in words.

/** What can be decided, as people call it. */
export const actionNames = {
  ship: "Ship a price", stop: "Stop a price that does harm", continue: "Keep going", inconclusive: "Leave it open",
};

const headlines = {
  ship: (name) => `Ship “${name}”`, stop: (name) => `Stop “${name}”`, continue: () => "Keep going", inconclusive: () => "Left open",
};

/** A decision in a few words. */
export const headline = (decision) => (headlines[decision.action]?.(decision.variant) ?? decision.action);
