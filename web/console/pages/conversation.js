// One chat: what was said, followed as it goes on; a person answers, and gives it back.

import { get, post, sender } from "../api.js";
import { chatStates, languages, slots, turn } from "../chat.js";
import { action, area, button, div, el, field, fill, form, say, section, setText, soft, time, watched } from "../kit.js";
import { poll } from "../poll.js";

const secondsBetweenLooks = 2;

export async function conversation({ parameters, signal }) {
  const path = `/conversations/${parameters.id}`;
  const messages = [];
  const view = { item: await get(path) };
  const state = el("span", {});
  const log = el("ol", { class: "turns", role: "log", "aria-label": "What was said", tabindex: "0" });
  const desk = div();
  const reply = replyForm(path, () => look());

  const showItem = () => {
    const waits = view.item.state === "handed_off";
    state.className = `state ${waits ? "paused" : ""}`;
    setText(state, chatStates[view.item.state] ?? view.item.state);
    if (desk.dataset.waits === String(waits)) return;
    desk.dataset.waits = String(waits);
    fill(desk, waits ? reply : takeOver(path, look));
  };
  const read = async () => {
    for (;;) {
      const last = messages.at(-1);
      const page = await get(`${path}/messages?limit=200${last ? `&after=${last.id}` : ""}`);
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
  const { trouble, look } = watched(async () => {
    [view.item] = await Promise.all([get(path), read()]);
    showItem();
  });
  await read();
  showItem();
  const { item } = view;
  return {
    title: `Chat with ${item.shopper}`,
    back: ["/console/conversations", "Chats"], beside: state,
    body: [
      soft(`${languages[item.language] ?? item.language}, begun `, time(item.created_at)),
      trouble, div("columns", log, desk),
    ],
    shown: () => {
      log.scrollTop = log.scrollHeight;
      poll(look, secondsBetweenLooks, signal);
    },
  };
}

const takeOver = (path, look) => section("The agent answers", [
  soft("Take over to answer yourself; you can give the chat back."),
  div("buttons", action("Take over", async () => {
    await post(`${path}/handoff`);
    await look();
    say("The chat is yours: the agent is silent.");
  }, { class: undefined })),
], "panel");

function replyForm(path, answered) {
  const text = field("Your answer", area("", { rows: 4, maxlength: 2000 }), "/text", "Amounts are put in with the buttons below, so that a price is told only as it was quoted. Other numbers and promises are refused.");
  const offers = el("div", { class: "buttons slots", role: "group", "aria-label": "Put in an amount" });
  const last = el("button", { class: "plain" }, "Send, and give back to the agent");
  const back = el("button", { class: "plain" }, "Give back without a word");
  const reply = sender(`${path}/reply`);
  const element = form({
    title: "You answer", fields: [text], body: [text, offers], buttons: [el("button", {}, "Send"), last, back],
    send: async ({ pressed, refuse }) => {
      const speaks = pressed !== back;
      const resumes = pressed === back || pressed === last;
      if (speaks && text.text === "") return refuse([{ pointer: "/text", detail: "Write an answer." }]);
      await reply({ ...(speaks && { text: text.text }), ...(resumes && { resume: true }) });
      if (speaks) text.control.value = "";
      await answered();
      return say(resumes ? "The agent answers again." : "Your answer is sent.");
    },
  });
  return {
    element,
    offer(messages) {
      fill(offers, slots(messages).map(([slot, words]) => button(words, () => {
        const { control } = text;
        control.setRangeText(slot, control.selectionStart, control.selectionEnd, "end");
        control.focus();
      }, { class: "plain small" })));
    },
  };
}
