// Chats: those that wait for a person first.

import { chatStates, languages } from "../chat.js";
import { button, count, div, el, empty, field, fill, link, part, pill, quiet, select, time, watched } from "../kit.js";
import { poll } from "../poll.js";

export default async function conversations({ signal }) {
  const state = field("State", select([["handed_off", chatStates.handed_off], ["", "All"],
    ...Object.entries(chatStates).filter(([name]) => name !== "handed_off")], "handed_off"));
  const shown = div();
  const more = div("buttons");
  let [items, next, text] = [[], null, ""];
  const draw = () => {
    // What is the same is left alone: nobody loses their place.
    const now = JSON.stringify([items, next, state.control.value]);
    if (now === text) return;
    text = now;
    fill(shown, items.length === 0
      ? empty(state.control.value === "handed_off" ? "Nobody waits for a person." : "There is no such chat.")
      : quiet("Chats", ["Shopper", "State", "Language", ["Messages"], "Last said"], items.map((item) => [
        link(`/console/conversations/${item.id}`, item.shopper),
        pill(item.state === "handed_off" ? "paused" : "", chatStates[item.state] ?? item.state),
        languages[item.language] ?? item.language, count(item.messages), time(item.changed_at),
      ])));
    fill(more, next && button("Show older ones", () => look(next)));
  };
  const { trouble, look } = watched(async (cursor = null) => {
    const wanted = state.control.value;
    const page = await part("/conversations", { limit: 50, ...(wanted && { state: wanted }) }, cursor);
    if (wanted !== state.control.value) return;
    items = cursor ? [...items, ...page.data] : page.data;
    next = page.next_cursor;
    draw();
  });
  state.control.addEventListener("change", () => look());
  await look();
  return {
    title: "Chats",
    beside: el("a.button.plain", { href: "/console/conversations/agent" }, "The agent’s settings"),
    body: [div("filters one", state), trouble, shown, more],
    // Only the first page is followed: who reads older ones is not brought back.
    shown: () => poll(() => (items.length <= 50 ? look() : undefined), signal, 5),
  };
}
