// Who may take part, as rows of a form: conditions on what is known of a shopper, all of which must hold.

import { words } from "./form.js";
import { lists } from "./format.js";
import { rowList } from "./rows.js";

const isNumber = (text) => /^-?\d+([.,]\d+)?$/.test(text);

/** What can be read as a number or as truth stands for that too: shops tell either. */
const meant = (text) => (text === "true" || text === "false" ? [text, text === "true"]
  : String(Number(text)) === text ? [text, Number(text)] : [text]);

function condition({ attribute, operator, values }) {
  if (operator.startsWith("known")) return { [attribute]: { $exists: operator === "known" } };
  return { [attribute]: { [operator]: operator.endsWith("in") ? words(values).flatMap(meant) : Number(values.replace(",", ".")) } };
}

function together(conditions) {
  if (conditions.length === 0) return null;
  const isEachOnce = new Set(conditions.flatMap(Object.keys)).size === conditions.length;
  return isEachOnce ? Object.assign({}, ...conditions) : { $and: conditions };
}

function rowsOf(audience) {
  const conditions = audience.$and ?? Object.entries(audience).map(([name, test]) => ({ [name]: test }));
  return conditions.map((one) => {
    const [attribute, test] = Object.entries(one)[0];
    const [operator, operand] = Object.entries(test)[0];
    if (operator === "$exists") return { attribute, operator: operand ? "known" : "known-not" };
    return { attribute, operator, values: [...new Set([operand].flat().map(String))].join(", ") };
  });
}

const inOrder = (_, one) => (one?.constructor === Object ? Object.fromEntries(Object.entries(one).sort()) : one);

/** The rows of an audience; null where rows cannot say it. */
function shown(audience) {
  try {
    const rows = rowsOf(audience ?? {});
    return JSON.stringify(together(rows.map(condition)), inOrder) === JSON.stringify(audience ?? null, inOrder) ? rows : null;
  } catch {
    return null;
  }
}

/** An audience as one reads it; as the API has it where rows cannot say it. */
export const audienceWords = (audience) => shown(audience)?.map((one) =>
  [one.attribute, lists.operators[one.operator], one.values].filter(Boolean).join(" ")).join("; ") ?? JSON.stringify(audience);

export function audienceRows(audience, changed) {
  const known = shown(audience);
  if (!known) {
    return { element: "This draft’s audience is more than rows can say, and stays as it is.", fields: () => [], faults: () => [], isNarrow: () => true, value: () => audience };
  }
  const values = () => list.rows.map(({ fields }) => Object.fromEntries(fields.map((one) => [one.key, one.text])));
  const describe = (rows) => {
    const isEachOnce = new Set(rows.map(({ parts }) => parts.attribute.text)).size === rows.length;
    rows.forEach(({ parts: { attribute, operator, values: operand } }, place) => {
      operand.element.hidden = operator.text.startsWith("known");
      // Where the API will speak of it.
      const name = attribute.text.replaceAll("~", "~0").replaceAll("/", "~1");
      if (name) attribute.pointer = `/audience/${isEachOnce ? "" : `$and/${place}/`}${name}`;
    });
  };
  const list = rowList({
    noun: "condition", kind: "variants groups three", pointer: "/audience", addText: "Add a condition", known, describe, changed,
  });
  return {
    ...list, isNarrow: () => list.rows.length > 0, value: () => together(values().map(condition)),
    /** What no condition can be made of. */
    faults: () => list.rows.flatMap(({ parts: { attribute, operator, values: operand } }) => [
      attribute.text === "" && { pointer: attribute.pointer, detail: "An attribute's name has 1 to 100 characters." },
      operand.element.hidden || (operator.text.endsWith("in") ? words(operand.text).length > 0 : isNumber(operand.text))
        ? null : { pointer: operand.pointer, detail: operator.text.endsWith("in") ? "Say at least one value." : `“${operand.text}” is not a number such as 2.5.` },
    ].filter(Boolean)),
  };
}
