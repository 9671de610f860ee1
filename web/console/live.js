// A report as it changes: a stream of the server's, and where that cannot be had, asking again and again.

import { raw } from "./api.js";
import { poll } from "./poll.js";

// The server says that it is alive every 15 seconds.
const silence = 40_000;
const pollingBeforeTryingAgain = 20_000;

/**
 * Calls `heard` with each report that the stream tells, not while the tab is hidden. While the stream is not to be had, calls
 * `look` at once and every two seconds, and tries the stream again after a while.
 */
export async function follow(path, { heard, look, signal }) {
  let last = null;
  while (!signal.aborted) {
    if (document.hidden) await change(signal);
    if (document.hidden || signal.aborted) continue;
    const stay = new AbortController();
    const isOver = AbortSignal.any([signal, stay.signal]);
    document.addEventListener("visibilitychange", () => document.hidden && stay.abort(), { signal: isOver });
    try {
      for await (const event of events((await raw(path, { last, signal: isOver })).body, isOver)) {
        last = event.id;
        await heard(JSON.parse(event.data));
      }
      // The server ended it: another one, or the same a little later, goes on.
      await first(isOver, AbortSignal.timeout(2000));
    } catch {
      // Whoever was away is told all anew.
      last = null;
      if (!isOver.aborted) {
        const whilePolling = AbortSignal.any([isOver, AbortSignal.timeout(pollingBeforeTryingAgain)]);
        poll(look, whilePolling);
        await first(whilePolling);
      }
    } finally {
      stay.abort();
    }
  }
}

/** Events as the server writes them: `id`, `event` and `data` of one line each; comments say nothing. */
async function* events(body, signal) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await Promise.race([reader.read(), quiet(signal)]);
      if (done) return;
      const told = (text + value).split("\n\n");
      text = told.pop();
      for (const one of told) {
        const lines = one.split("\n");
        const field = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        const data = field("data");
        if (data !== undefined) yield { id: field("id"), data };
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

const quiet = (signal) => first(signal, AbortSignal.timeout(silence)).then(() => {
  throw new Error("The stream is silent.");
});

function first(...signals) {
  const any = AbortSignal.any(signals);
  return new Promise((resolve) => {
    if (any.aborted) resolve();
    else any.addEventListener("abort", () => resolve(), { once: true });
  });
}

function change(signal) {
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true, signal });
    signal.addEventListener("abort", resolve, { once: true });
  });
}
