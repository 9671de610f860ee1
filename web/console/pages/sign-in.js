// Signing in: a key is tried against the API, and kept in this tab if it opens the console.

import { ask, bind, el, form, Refusal, say } from "../kit.js";
import { reload } from "../router.js";
import { open } from "../session.js";

export default function signIn({ state }) {
  const { root, parts, fields } = bind("sign-in-form");
  const { key } = parts;
  const send = async () => {
    const objection = key.text === "" ? "Enter a key." : await enter(key.text);
    if (objection) {
      key.fail(objection);
      key.control.focus();
      return;
    }
    await reload();
    say("You are signed in.");
  };
  return {
    title: "Sign in", heading: "Sign in to the console", kind: "narrow",
    body: [
      state?.reason && el("p.notice.warn", { role: "alert" }, state.reason),
      form({ name: "Sign in", kind: "", root, fields, buttons: ["Sign in"], send }),
    ],
  };
}

async function enter(key) {
  // What cannot stand in a header is no key.
  if (!/^[\x21-\x7e]+$/.test(key)) return "This is not a key: it has spaces or other signs in it.";
  try {
    await ask("/experiments?limit=1", { key });
    try {
      const { data } = await ask("/tenant", { key });
      open({ key, role: "merchant", tenant: data.name });
    } catch (error) {
      if (error.status !== 403) throw error;
      open({ key, role: "analyst", tenant: "" });
    }
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 401) return "This key is not known here, or it has expired.";
    if (error.status === 403) return "This key is for programs. The console takes merchant and analyst keys.";
    return error.message;
  }
}
