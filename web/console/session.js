// Who is signed in. The key stays in this tab's session storage, and nowhere else.

const place = "cournot.session";

/** `{key, role, tenant}`, or null. */
export function session() {
  try {
    return JSON.parse(sessionStorage.getItem(place));
  } catch {
    return null;
  }
}

export function open(who) {
  sessionStorage.setItem(place, JSON.stringify(who));
}

export function close() {
  sessionStorage.removeItem(place);
}

export const mayChange = () => session()?.role === "merchant";
