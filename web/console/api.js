// The only place that talks to the API. Answers are JSON; whatever is not a success is thrown as a `Refusal`.

import { session } from "./session.js";

const base = "/api/v1";

export class Refusal extends Error {
  // The status is 0 where the server could not be reached; a problem is as RFC 9457 has it.
  constructor(status, problem = {}) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = problem.code ?? "";
    this.requestId = problem.request_id ?? "";
    this.faults = Array.isArray(problem.errors) ? problem.errors : [];
  }
}

const listeners = { signedOut: () => {}, waiting: () => {} };
export function listen(handlers) {
  Object.assign(listeners, handlers);
}

let visit;
/** What is read from now on is for a visit of a page, and ends with it. */
export function during(signal) {
  visit = signal;
}

/**
 * Asks the API. A request that is turned away for a while is made again, at most three times, as late as the answer says.
 *
 * @param options `method`, `body` (an object, sent as JSON), `text` and `type` (sent as it is), `etag` (If-Match),
 *   `known` (If-None-Match), `once` (Idempotency-Key), `key` (instead of the session's), `signal`.
 * @returns `{status, data, etag}`, without data where there is no content.
 */
export async function ask(path, options = {}) {
  for (let attempt = 1; ; attempt += 1) {
    const response = await send(path, options);
    if (response.ok || response.status === 304) {
      const { status, headers } = response;
      return { status, data: status === 204 || status === 304 ? undefined : await json(response), etag: headers.get("ETag") };
    }
    const wait = patience(response);
    if (wait !== null && attempt <= 3) {
      listeners.waiting(wait);
      await pause(wait, options.signal ?? (options.method ? undefined : visit));
      continue;
    }
    return refuse(response, options);
  }
}

export const get = async (path, options) => (await ask(path, options)).data;

/** A page of a list: `query` has a `limit`, and what else there is to say. */
export const part = (path, query, cursor) => get(`${path}?${new URLSearchParams({ ...query, ...(cursor && { cursor }) })}`);

/** All of a list, page by page, as far as `most` items: `{items, isWhole}`. */
export async function list(path, most = 1000) {
  const items = [];
  let cursor = null;
  do {
    const page = await part(path, { limit: 200 }, cursor);
    items.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor && items.length < most);
  return { items, isWhole: !cursor };
}

/** What is no JSON, as the browser has it: a file, or a stream of events after the one whose id is `last`. */
export async function raw(path, options = {}) {
  const response = await send(path, options);
  return response.ok ? response : refuse(response, options);
}

/** A name for a change that must happen once, however often it is sent. */
export function onceKey() {
  // `crypto.randomUUID` is missing where the page came over plain HTTP from another machine.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A change without a body, made once. */
export const post = (path) => ask(path, { method: "POST", once: onceKey() });

/** Sends bodies to a path. The same one, sent again after a lost answer, is the same change; another is another. */
export function sender(path) {
  let [once, sent] = [null, null];
  return async (body) => {
    const text = JSON.stringify(body);
    if (text !== sent) [once, sent] = [onceKey(), text];
    const { data } = await ask(path, { method: "POST", body, once });
    sent = null;
    return data;
  };
}

/** Puts bodies to a path, each under the tag of what was there before: nobody's change is lost unseen. */
export function putter(path, etag) {
  let known = etag;
  return async (body) => {
    const answer = await ask(path, { method: "PUT", body, etag: known });
    // Without a tag in the answer the next change is made under the newest there is.
    known = answer.etag ?? (await ask(path)).etag;
  };
}

async function send(path, { method = "GET", body, text, type, etag, known, once, key, last, signal = method === "GET" ? visit : undefined }) {
  const headers = { Accept: "application/json, */*;q=0.5" };
  const bearer = key ?? session()?.key;
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (type) headers["Content-Type"] = type;
  if (etag) headers["If-Match"] = etag;
  if (known) headers["If-None-Match"] = known;
  if (last) headers["Last-Event-ID"] = last;
  if (once) headers["Idempotency-Key"] = once;
  return fetch(base + path, {
    method, headers, signal, cache: "no-store", credentials: "omit", body: body === undefined ? text : JSON.stringify(body),
  }).catch(broken("The server cannot be reached. Nothing was changed that you do not see."));
}

/** Tells what a broken connection means; whoever left is told nothing. */
const broken = (detail) => (error) => {
  throw error.name === "AbortError" ? error : new Refusal(0, { detail });
};

async function refuse(response, { key }) {
  const refusal = new Refusal(response.status, await json(response).catch(() => ({})));
  if (response.status === 401 && !key) listeners.signedOut();
  throw refusal;
}

const json = (response) => response.json().catch(broken("The answer broke off before its end."));

/** Seconds to wait before the same request may be made again; null where waiting does not help. */
function patience(response) {
  if (response.status !== 429 && response.status !== 503) return null;
  const seconds = Number(response.headers.get("Retry-After") ?? NaN);
  return seconds >= 0 && seconds <= 60 ? Math.max(seconds, 1) : null;
}

const pause = (seconds, signal) => new Promise((resolve, reject) => {
  setTimeout(resolve, seconds * 1000);
  signal?.addEventListener("abort", () => reject(signal.reason));
});
