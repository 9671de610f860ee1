// The only place that talks to the API. Answers are JSON; whatever is not a success is thrown as a `Refusal`.

import { session } from "./session.js";

const base = "/api/v1";

/** Why there is no answer to use. */
export class Refusal extends Error {
  /**
   * @param status of HTTP; 0 when the server could not be reached.
   * @param problem the body, as RFC 9457 has it.
   */
  constructor(status, problem = {}) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = problem.code ?? "";
    this.requestId = problem.request_id ?? "";
    /** `[{pointer, detail}]`: all that is wrong with what was sent. */
    this.faults = Array.isArray(problem.errors) ? problem.errors : [];
  }

  /** Whether the same request may succeed later. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const listeners = { signedOut: () => {}, waiting: () => {} };
/** Who is told that a key stopped working, and that the API asked for patience. */
export function listen(handlers) {
  Object.assign(listeners, handlers);
}

/**
 * Asks the API.
 *
 * A request that is turned away for its rate, or as the store is out of reach, waits as long as the answer says and is
 * made again, at most three times.
 *
 * @param options `method`, `body` (an object, sent as JSON), `text` and `type` (sent as it is), `etag` (If-Match),
 *   `known` (If-None-Match), `once` (Idempotency-Key), `key` (instead of the session's), `signal`.
 * @returns `{status, data, etag}`; data is undefined where the answer has no content, and for 304.
 */
export async function ask(path, options = {}) {
  for (let attempt = 1; ; attempt += 1) {
    const response = await send(path, options);
    if (response.ok || response.status === 304) {
      const isEmpty = response.status === 204 || response.status === 304;
      return {
        status: response.status,
        data: isEmpty ? undefined : await json(response),
        etag: response.headers.get("ETag"),
      };
    }
    const wait = patience(response);
    if (wait !== null && attempt <= 3) {
      listeners.waiting(wait);
      await pause(wait, options.signal);
      continue;
    }
    const refusal = new Refusal(response.status, await json(response).catch(() => ({})));
    if (response.status === 401 && !options.key) listeners.signedOut();
    throw refusal;
  }
}

/** The body of a GET. */
export const get = async (path, options) => (await ask(path, options)).data;

/** All of a list, page by page, as far as `most` items: `{items, isWhole}`. */
export async function list(path, { most = 1000, signal } = {}) {
  const items = [];
  let cursor = null;
  do {
    const page = await get(`${path}?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`, { signal });
    items.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor && items.length < most);
  return { items, isWhole: !cursor };
}

/** A file that the API makes, such as a report as CSV. */
export async function file(path) {
  const response = await send(path, {});
  if (response.ok) return response.blob();
  if (response.status === 401) listeners.signedOut();
  throw new Refusal(response.status, await json(response).catch(() => ({})));
}

/** What the API sends as it comes: a stream of bytes. `last` is the id of the last event that was seen. */
export async function stream(path, { last, signal }) {
  const response = await send(path, { signal, last });
  if (response.ok) return response.body;
  if (response.status === 401) listeners.signedOut();
  throw new Refusal(response.status, await json(response).catch(() => ({})));
}

/** A name for a change that must happen once, however often it is sent. */
export function onceKey() {
  // `crypto.randomUUID` is missing where the page came over plain HTTP from another machine.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send(path, { method = "GET", body, text, type, etag, known, once, key, last, signal }) {
  const headers = { Accept: "application/json, */*;q=0.5" };
  const bearer = key ?? session()?.key;
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (type) headers["Content-Type"] = type;
  if (etag) headers["If-Match"] = etag;
  if (known) headers["If-None-Match"] = known;
  if (last) headers["Last-Event-ID"] = last;
  if (once) headers["Idempotency-Key"] = once;
  try {
    return await fetch(base + path, {
      method, headers, signal, cache: "no-store", credentials: "omit",
      body: body === undefined ? text : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, { detail: "The server cannot be reached. Nothing was changed that you do not see." });
  }
}

async function json(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, { detail: "The answer broke off before its end." });
  }
}

/** Seconds to wait before the same request may be made again; null where waiting does not help. */
function patience(response) {
  if (response.status !== 429 && response.status !== 503) return null;
  const seconds = Number(response.headers.get("Retry-After") ?? NaN);
  return seconds >= 0 && seconds <= 60 ? Math.max(seconds, 1) : null;
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
