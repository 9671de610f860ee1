// One chat: what was said, followed as it goes on; a person answers, and gives it back.

import { chatStates, languages, slots, turn } from "../chat.js";
import {
  action, bind, button, div, el, fill, form, get, post, say, section, sender, setText, soft, submit, time, watched,
} from "../kit.js";
import { poll } from "../poll.js";

export default async function conversation({ parameters, signal }) {
  const path = `/conversations/${parameters.id}`;
  const messages = [];
  const view = { item: await get(path) };
  const state = el("span");
  const log = el("ol.turns", { role: "log", "aria-label": "What was said", tabindex: "0" });
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
      poll(look, signal);
    },
  };
}

const takeOver = (path, look) => section("The agent answers", [
  bind("handoff-note").root,
  div("buttons", action("Take over", async () => {
    await post(`${path}/handoff`);
    await look();
    say("The chat is yours: the agent is silent.");
  }, { class: undefined })),
], "panel");

function replyForm(path, answered) {
  const { root, parts, fields } = bind("reply-form");
  const { text } = parts;
  const offers = root.querySelector(".slots");
  const last = submit("Send, and give back to the agent", ".plain");
  const back = submit("Give back without a word", ".plain");
  const reply = sender(`${path}/reply`);
  const element = form({
    title: "You answer", root, fields, buttons: ["Send", last, back],
    send: async ({ pressed, refuse }) => {
      const speaks = pressed !== back;
      const resumes = pressed === back || pressed === last;
      if (speaks && text.text === "") return refuse([{ pointer: "/text", detail: "Write an answer." }]);
      await reply({ ...(speaks && { text: text.text }), ...(resumes && { resume: true }) });
      if (speaks) text.write("");
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
