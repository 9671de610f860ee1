// One chat: what was said, followed as it goes on; a person answers, and gives it back.

import { ask, get, onceKey } from "../api.js";
import { chatStates, languages, slots, turn } from "../chat.js";
import { el, fill, setText } from "../dom.js";
import { time } from "../format.js";
import { busy, FaultSummary, field, handle } from "../form.js";
import { failure, say } from "../notice.js";
import { poll } from "../poll.js";

const secondsBetweenLooks = 2;

export async function conversation({ parameters, signal }) {
  const path = `/conversations/${encodeURIComponent(parameters.id)}`;
  const messages = [];
  const view = { item: await get(path, { signal }) };
  const state = el("span", {});
  const log = el("ol", { class: "turns", role: "log", "aria-label": "What was said", tabindex: "0" });
  const desk = el("div", {});
  const trouble = el("div", {});
  const reply = replyForm(path, () => look());

  const showItem = () => {
    const waits = view.item.state === "handed_off";
    state.className = `state ${waits ? "paused" : ""}`;
    setText(state, chatStates[view.item.state] ?? view.item.state);
    if (desk.dataset.waits === String(waits)) return;
    desk.dataset.waits = String(waits);
    fill(desk, waits ? reply.element : takeOver(path, look, signal));
  };
  const read = async () => {
    for (;;) {
      const last = messages.at(-1);
      const page = await get(`${path}/messages?limit=200${last ? `&after=${last.id}` : ""}`, { signal });
      const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
      // Two looks at once may bring the same.
      const fresh = page.data.filter((one) => !messages.some((known) => known.id === one.id));
      messages.push(...fresh);
      log.append(...fresh.map(turn));
      if (fresh.length > 0 && isAtEnd) log.scrollTop = log.scrollHeight;
      if (fresh.length > 0) reply.offer(messages);
      if (!page.next_after) return;
    }
  };
  const look = async () => {
    try {
      const [item] = await Promise.all([get(path, { signal }), read()]);
      view.item = item;
      showItem();
      fill(trouble);
    } catch (error) {
      if (!signal.aborted && !trouble.hasChildNodes()) fill(trouble, failure(error, look));
    }
  };
  await read();
  showItem();
  const { item } = view;
  return {
    title: `Chat with ${item.shopper}`,
    body: [
      el("p", { class: "crumb" }, el("a", { href: "/console/conversations" }, "Chats")),
      el("div", { class: "heading" }, el("h1", {}, `Chat with ${item.shopper}`), state),
      el("p", { class: "soft" }, `${languages[item.language] ?? item.language}, begun `, time(item.created_at)),
      trouble, el("div", { class: "columns" }, log, desk),
    ],
    shown: () => {
      log.scrollTop = log.scrollHeight;
      poll(look, secondsBetweenLooks, signal);
    },
  };
}

/** For a chat that the agent leads: a person may take it. */
function takeOver(path, look, signal) {
  const button = el("button", { type: "button", click: () => busy(button, async () => {
    try {
      await ask(`${path}/handoff`, { method: "POST", once: onceKey() });
      await look();
      say("The chat is yours: the agent is silent.");
    } catch (error) {
      if (!signal.aborted) say(error.message, "bad");
    }
  }) }, "Take over");
  return el("section", { class: "panel", "aria-labelledby": "desk" }, el("h2", { id: "desk" }, "The agent answers"),
    el("p", { class: "soft" }, "Take over to answer yourself; you can give the chat back."), el("div", { class: "buttons" }, button));
}

/** @param answered is called once something was sent. */
function replyForm(path, answered) {
  const summary = new FaultSummary();
  const trouble = el("div", {});
  const text = field("Your answer", el("textarea", { rows: 4, maxlength: 2000 }), {
    pointer: "/text", hint: "Amounts are put in with the buttons below, so that a price is told only as it was quoted. Other numbers and promises are refused.",
  });
  const offers = el("div", { class: "buttons slots", role: "group", "aria-label": "Put in an amount" });
  const send = el("button", { type: "submit", value: "stay" }, "Send");
  const last = el("button", { type: "submit", value: "resume", class: "plain" }, "Send, and give back to the agent");
  const back = el("button", { type: "submit", value: "only", class: "plain" }, "Give back without a word");
  const element = el("form", { class: "panel", novalidate: true, "aria-labelledby": "desk" },
    el("h2", { id: "desk" }, "You answer"), summary.element, text.element, offers, trouble,
    el("div", { class: "buttons" }, send, last, back));
  const once = { key: onceKey(), body: "" };
  handle(element, { summary, fields: [text], trouble, button: send }, async (button, refuse) => {
    const typed = text.control.value.trim();
    const body = { ...(button !== back && { text: typed }), ...(button !== send && { resume: true }) };
    if (button !== back && typed === "") return refuse([{ pointer: "/text", detail: "Write an answer." }]);
    if (JSON.stringify(body) !== once.body) [once.key, once.body] = [onceKey(), JSON.stringify(body)];
    await ask(`${path}/reply`, { method: "POST", body, once: once.key });
    [once.key, once.body] = [onceKey(), ""];
    if (button !== back) text.control.value = "";
    await answered();
    say(button === send ? "Your answer is sent." : "The agent answers again.");
    return undefined;
  });
  return {
    element,
    /** Offers the amounts that were told. */
    offer(messages) {
      fill(offers, slots(messages).map(([slot, words]) => el("button", { type: "button", class: "plain small", click: () => {
        const { control } = text;
        control.setRangeText(slot, control.selectionStart, control.selectionEnd, "end");
        control.focus();
      } }, words)));
    },
  };
}
