// Chats: those that wait for a person first.

import { get } from "../api.js";
import { chatStates, languages } from "../chat.js";
import { el, fill } from "../dom.js";
import { count, time } from "../format.js";
import { field, select } from "../form.js";
import { failure } from "../notice.js";
import { poll } from "../poll.js";
import { numeric, table } from "../table.js";

const secondsBetweenLooks = 5;

export async function conversations({ signal }) {
  const state = field("State", select([["handed_off", chatStates.handed_off], ["", "All"],
    ...Object.entries(chatStates).filter(([name]) => name !== "handed_off")], "handed_off"));
  const shown = el("div", {});
  const more = el("div", { class: "buttons" });
  const trouble = el("div", {});
  let [items, next, text] = [[], null, ""];
  const draw = () => {
    // What is the same is left alone: nobody loses their place.
    const now = JSON.stringify([items, next, state.control.value]);
    if (now === text) return;
    text = now;
    fill(shown, items.length === 0
      ? el("p", { class: "empty" }, state.control.value === "handed_off" ? "Nobody waits for a person." : "There is no such chat.")
      : table("Chats", ["Shopper", "State", "Language", numeric("Messages"), "Last said"], items.map((item) => [
        el("a", { href: `/console/conversations/${item.id}` }, item.shopper),
        el("span", { class: `state ${item.state === "handed_off" ? "paused" : ""}` }, chatStates[item.state] ?? item.state),
        languages[item.language] ?? item.language, count(item.messages), time(item.changed_at),
      ]), { isQuiet: true }));
    fill(more, next && el("button", { type: "button", class: "plain", click: () => look(next) }, "Show older ones"));
  };
  const look = async (cursor = null) => {
    const wanted = state.control.value;
    const query = [wanted && `state=${wanted}`, cursor && `cursor=${encodeURIComponent(cursor)}`, "limit=50"].filter(Boolean).join("&");
    try {
      const page = await get(`/conversations?${query}`, { signal });
      if (wanted !== state.control.value) return;
      items = cursor ? [...items, ...page.data] : page.data;
      next = page.next_cursor;
      fill(trouble);
      draw();
    } catch (error) {
      if (!signal.aborted && !trouble.hasChildNodes()) fill(trouble, failure(error, () => look()));
    }
  };
  state.control.addEventListener("change", () => look());
  await look();
  return {
    title: "Chats",
    body: [
      el("div", { class: "heading" }, el("h1", {}, "Chats"), el("a", { class: "button plain", href: "/console/conversations/agent" }, "The agent’s settings")),
      el("div", { class: "filters one" }, state.element), trouble, shown, more,
    ],
    // Only the first page is followed: who reads older ones is not brought back.
    shown: () => poll(() => (items.length <= 50 ? look() : undefined), secondsBetweenLooks, signal),
  };
}
