// The chat for a shop's own page: one file, no dependencies, nothing leaks in or out of its shadow.
//
//   <script src="https://cournot.example/widget.js" data-key="ck_…" async></script>
//
// or, where a page places it itself, <cournot-chat key="ck_…"></cournot-chat>. Everything it shows comes from the server
// as text, and every price from a quote of this shopper: the widget computes none and formats none.

(() => {
  "use strict";

  const tag = "cournot-chat";
  if (customElements.get(tag)) return;
  const script = document.currentScript;

  const words = {
    en: {
      waiting: "A person will answer here.",
      title: "Ask us", open: "Open the chat", close: "Close the chat", message: "Your message", send: "Send",
      log: "Conversation", typing: "is writing…", you: "You", operator: "Our team", retry: "Try again",
      offline: "No connection. Trying again…", failed: "That did not work.", pay: "Pay", paying: "Paying…",
      paid: "Paid. Thank you!", order: "Order", total: "Total", tax: "Tax", taxIn: "Tax included", test: "Test payment: no money moves.",
      declined: "The payment was declined.", pending: "The payment is being checked…",
      canceled: "This checkout was cancelled.",
      expired: "This price has expired; ask for it again.", person: "Talk to a person", anew: "Start again",
    },
    de: {
      waiting: "Hier antwortet ein Mensch.",
      title: "Fragen Sie uns", open: "Chat öffnen", close: "Chat schließen", message: "Ihre Nachricht", send: "Senden",
      log: "Unterhaltung", typing: "schreibt…", you: "Sie", operator: "Unser Team", retry: "Noch einmal",
      offline: "Keine Verbindung. Neuer Versuch…", failed: "Das hat nicht geklappt.", pay: "Bezahlen",
      paying: "Wird bezahlt…", paid: "Bezahlt. Vielen Dank!", order: "Bestellung", total: "Summe", tax: "Steuer", taxIn: "Enthaltene Steuer",
      test: "Testzahlung: Es fließt kein Geld.", declined: "Die Zahlung wurde abgelehnt.",
      canceled: "Diese Kasse wurde abgebrochen.",
      pending: "Die Zahlung wird geprüft…", expired: "Dieser Preis ist abgelaufen; fragen Sie noch einmal danach.",
      person: "Mit einem Menschen sprechen", anew: "Neu beginnen",
    },
    es: {
      waiting: "Aquí responderá una persona.",
      title: "Pregúntenos", open: "Abrir el chat", close: "Cerrar el chat", message: "Su mensaje", send: "Enviar",
      log: "Conversación", typing: "está escribiendo…", you: "Usted", operator: "Nuestro equipo", retry: "Reintentar",
      offline: "Sin conexión. Reintentando…", failed: "No ha funcionado.", pay: "Pagar", paying: "Pagando…",
      paid: "Pagado. ¡Gracias!", order: "Pedido", total: "Total", tax: "Impuestos", taxIn: "Impuestos incluidos",
      test: "Pago de prueba: no se mueve dinero.", declined: "El pago fue rechazado.",
      canceled: "Esta compra se canceló.",
      pending: "Se está comprobando el pago…", expired: "Este precio ha caducado; pregúntelo de nuevo.",
      person: "Hablar con una persona", anew: "Empezar de nuevo",
    },
    fr: {
      waiting: "Une personne va répondre ici.",
      title: "Une question ?", open: "Ouvrir la discussion", close: "Fermer la discussion", message: "Votre message",
      send: "Envoyer", log: "Discussion", typing: "écrit…", you: "Vous", operator: "Notre équipe", retry: "Réessayer",
      offline: "Pas de connexion. Nouvel essai…", failed: "Cela n’a pas marché.", pay: "Payer", paying: "Paiement…",
      paid: "Payé. Merci !", order: "Commande", total: "Total", tax: "Taxes", taxIn: "Taxes comprises",
      test: "Paiement d’essai : aucun argent ne circule.", declined: "Le paiement a été refusé.",
      canceled: "Ce panier a été annulé.",
      pending: "Le paiement est en cours de vérification…", expired: "Ce prix a expiré ; demandez-le à nouveau.",
      person: "Parler à une personne", anew: "Recommencer",
    },
  };

  const look = `
    :host {
      --accent: var(--cournot-accent, #1b4965);
      --on-accent: var(--cournot-on-accent, #fff);
      --paper: var(--cournot-paper, #fff);
      --ink: var(--cournot-ink, #1d2430);
      --soft: var(--cournot-soft, #eef1f5);
      --line: var(--cournot-line, #c5ccd6);
      --faint: var(--cournot-faint, #5a6473);
      --bad: var(--cournot-bad, #a3201d);
      font: var(--cournot-font, 16px/1.45 system-ui, sans-serif);
      color: var(--ink);
    }
    @media (prefers-color-scheme: dark) {
      :host {
        --accent: var(--cournot-accent-dark, #7fb7d6);
        --on-accent: var(--cournot-on-accent-dark, #0c1a24);
        --paper: var(--cournot-paper-dark, #171c24);
        --ink: var(--cournot-ink-dark, #e8ecf2);
        --soft: var(--cournot-soft-dark, #262e3a);
        --line: var(--cournot-line-dark, #465162);
        --faint: var(--cournot-faint-dark, #a8b3c2);
        --bad: var(--cournot-bad-dark, #ff9c96);
      }
    }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    button { font: inherit; cursor: pointer; color: inherit; }
    button:focus-visible, textarea:focus-visible, a:focus-visible, .log:focus-visible {
      outline: 3px solid var(--accent); outline-offset: 2px;
    }
    .launcher {
      position: fixed; z-index: 2147483000; bottom: 1rem; inset-inline-end: 1rem; min-height: 3rem;
      padding: .6rem 1.2rem; border: 0; border-radius: 2rem; background: var(--accent); color: var(--on-accent);
      box-shadow: 0 2px 12px rgb(0 0 0 / .3);
    }
    :host([position="left"]) .launcher, :host([position="left"]) .panel {
      inset-inline-end: auto; inset-inline-start: 1rem;
    }
    .panel {
      position: fixed; z-index: 2147483000; bottom: 1rem; inset-inline-end: 1rem; width: 24rem; max-width: calc(100vw - 2rem);
      height: min(38rem, calc(100dvh - 2rem)); display: flex; flex-direction: column; background: var(--paper);
      border: 1px solid var(--line); border-radius: .8rem; overflow: hidden; box-shadow: 0 6px 30px rgb(0 0 0 / .3);
    }
    :host([inline]) .panel {
      position: static; width: 100%; max-width: none; height: 100%; min-height: 24rem; box-shadow: none;
    }
    @media (max-width: 480px) {
      :host(:not([inline])) .panel { inset: 0; width: auto; max-width: none; height: 100dvh; border: 0; border-radius: 0; }
    }
    header { display: flex; align-items: center; gap: .5rem; padding: .5rem .5rem .5rem 1rem; background: var(--accent); color: var(--on-accent); }
    h2 { flex: 1; margin: 0; font-size: 1.05rem; }
    header button { min-width: 2.75rem; min-height: 2.75rem; border: 0; background: none; font-size: 1.3rem; line-height: 1; }
    header button:focus-visible { outline-color: var(--on-accent); outline-offset: -4px; }
    .log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 1rem; display: flex; flex-direction: column; gap: .6rem; }
    .log > * { flex: none; }
    .message { max-width: 85%; padding: .55rem .8rem; border-radius: .8rem; background: var(--soft); white-space: pre-wrap; overflow-wrap: anywhere; }
    .message.shopper { align-self: flex-end; background: var(--accent); color: var(--on-accent); }
    .who { display: block; font-size: .8rem; color: var(--faint); }
    .card { border: 1px solid var(--line); border-radius: .8rem; padding: .7rem .8rem; }
    .card p { margin: 0; }
    .card .name { font-weight: 600; }
    .card .price { font-variant-numeric: tabular-nums; }
    .card .notice, .status { font-size: .85rem; color: var(--faint); }
    .bad { color: var(--bad); }
    table { width: 100%; border-collapse: collapse; margin-bottom: .5rem; }
    th { text-align: start; font-weight: 400; }
    td { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
    tr.total th, tr.total td { font-weight: 600; border-top: 1px solid var(--line); padding-top: .3rem; }
    .do { min-height: 2.75rem; padding: .4rem 1rem; border: 1px solid var(--accent); border-radius: .5rem; background: none; color: var(--accent); }
    .do.main { width: 100%; background: var(--accent); color: var(--on-accent); }
    .do[disabled] { opacity: .6; cursor: default; }
    .status { padding: 0 1rem .3rem; min-height: 1.6rem; display: flex; align-items: center; gap: .5rem; }
    form { display: flex; gap: .5rem; padding: .6rem; border-top: 1px solid var(--line); }
    textarea { flex: 1; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--faint); border-radius: .5rem; padding: .5rem; resize: none; height: 2.75rem; }
    @media (prefers-reduced-motion: no-preference) {
      .panel { animation: rise .15s ease-out; }
      @keyframes rise { from { transform: translateY(.6rem); opacity: 0; } }
    }
    @media (forced-colors: active) { .message, .card, .launcher { border: 1px solid; } }
  `;

  /** A problem as the server tells it. */
  class Refusal extends Error {
    constructor(status, problem) {
      super(problem?.detail ?? problem?.title ?? `HTTP ${status}`);
      this.status = status;
      this.code = problem?.code;
    }
  }

  function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  }

  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  class CournotChat extends HTMLElement {
    #root = this.attachShadow({ mode: "open" });
    #parts = null;
    #shown = new Map();
    #cards = new Map();
    // Draws a checkout's card as the checkout stands, by the checkout's id.
    #redraws = new Map();
    #last = null;
    #conversation = null;
    #session = null;
    #server = "";
    #words = words.en;
    #starting = null;
    #following = null;
    #busy = false;
    #socket = null;
    #asked = new Map();
    #aside = [];
    #hasLinked = false;
    #linksLater = 1000;
    #isWithPerson = false;

    connectedCallback() {
      if (this.#parts) return;
      this.#server = (this.getAttribute("server") ?? (script?.src ? new URL(script.src).origin : location.origin)).replace(/\/$/, "");
      const wanted = this.getAttribute("language") ?? document.documentElement.lang ?? navigator.language ?? "en";
      this.lang = wanted.slice(0, 2).toLowerCase() in words ? wanted.slice(0, 2).toLowerCase() : "en";
      this.#words = words[this.lang];
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(look);
      this.#root.adoptedStyleSheets = [sheet];
      this.#build();
      const isInline = this.hasAttribute("inline");
      if (isInline || this.hasAttribute("open")) this.open({ focuses: false });
    }

    disconnectedCallback() {
      this.#following?.abort();
      this.#following = null;
      this.#unlink();
    }

    // MARK: What a page may call

    /** Shows the chat and begins, or goes on with, the conversation. */
    open({ focuses = true } = {}) {
      this.#parts.panel.hidden = false;
      this.#parts.launcher.hidden = true;
      this.#parts.launcher.setAttribute("aria-expanded", "true");
      if (focuses) this.#parts.text.focus();
      this.#start();
    }

    /** Hides the chat; the conversation stays. */
    close() {
      this.#parts.panel.hidden = true;
      this.#parts.launcher.hidden = false;
      this.#parts.launcher.setAttribute("aria-expanded", "false");
      this.#parts.launcher.focus();
    }

    /** Whether the chat is shown. */
    get isOpen() { return this.#parts?.panel.hidden === false; }

    /** Says something in the shopper's name, as if typed. */
    async say(text) {
      if (!text.trim()) return;
      await this.#start();
      await this.#send(text.trim());
    }

    // MARK: The page's part

    #build() {
      const w = this.#words;
      const isInline = this.hasAttribute("inline");
      const title = this.getAttribute("label") ?? w.title;
      const text = make("textarea", { "aria-label": w.message, placeholder: w.message, maxlength: "2000", rows: "1", enterkeyhint: "send" });
      const form = make("form", {}, text, make("button", { class: "do", type: "submit" }, w.send));
      const log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": w.log, tabindex: "0" });
      const status = make("div", { class: "status", role: "status" });
      const shut = make("button", { type: "button", "aria-label": w.close }, "×");
      shut.hidden = isInline;
      const panel = make(
        "section", { class: "panel", part: "panel", role: isInline ? "region" : "dialog", "aria-label": title },
        make("header", {}, make("h2", {}, title), shut), log, status, form);
      panel.hidden = !isInline;
      const launcher = make("button", { class: "launcher", part: "launcher", type: "button", "aria-label": w.open, "aria-expanded": "false" }, title);
      launcher.hidden = isInline;
      this.#parts = { text, form, log, status, panel, launcher };
      this.#root.append(launcher, panel);

      launcher.addEventListener("click", () => this.open());
      shut.addEventListener("click", () => this.close());
      panel.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && !isInline) this.close();
      });
      text.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
          event.preventDefault();
          form.requestSubmit();
        }
      });
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const said = text.value.trim();
        if (!said || this.#busy) return;
        text.value = "";
        this.#send(said);
      });
    }

    #say(status, act = null) {
      this.#parts.status.replaceChildren();
      if (!status) return;
      this.#parts.status.append(make("span", { class: act ? "bad" : undefined }, status));
      if (act) {
        const again = make("button", { class: "do", type: "button" }, this.#words.retry);
        again.addEventListener("click", act);
        this.#parts.status.append(again);
      }
    }

    #toEnd() {
      this.#parts.log.scrollTop = this.#parts.log.scrollHeight;
    }

    // MARK: The server's part

    async #call(method, path, body, { key = this.#session, accept = "application/json", signal, once } = {}) {
      const headers = { Authorization: `Bearer ${key}`, Accept: accept };
      if (body !== undefined) headers["Content-Type"] = "application/json";
      if (once) headers["Idempotency-Key"] = once;
      const response = await fetch(this.#server + "/api/v1" + path, {
        method, headers, signal, cache: "no-store", body: body === undefined ? undefined : JSON.stringify(body),
      });
      if (!response.ok) throw new Refusal(response.status, await response.json().catch(() => null));
      return accept === "application/json" ? response.json() : response;
    }

    get #place() { return `cournot-chat:${this.#server}:${this.getAttribute("memory") ?? this.getAttribute("key") ?? ""}`; }

    #keep() {
      try {
        sessionStorage.setItem(this.#place, JSON.stringify({ session: this.#session, conversation: this.#conversation }));
      } catch { /* a page may forbid it; then a reload begins anew */ }
    }

    #recall() {
      try {
        const kept = JSON.parse(sessionStorage.getItem(this.#place) ?? "null");
        if (!kept?.session || !kept?.conversation) return;
        this.#session ??= kept.session;
        this.#conversation = kept.conversation;
      } catch { /* the same */ }
    }

    #start() {
      this.#starting ??= this.#begin().catch((error) => {
        this.#starting = null;
        this.#say(error instanceof Refusal ? error.message : this.#words.offline, () => this.#start());
        throw error;
      });
      return this.#starting.catch(() => {});
    }

    async #begin() {
      this.#say("");
      const given = this.getAttribute("session");
      if (given) this.#session = given;
      this.#recall();
      if (this.#conversation) {
        try {
          const told = await this.#call("GET", `/conversations/${this.#conversation}/messages?limit=200`);
          for (const message of told.data) this.#show(message);
          this.#link();
          return;
        } catch (error) {
          if (!(error instanceof Refusal) || ![401, 403, 404].includes(error.status)) throw error;
          this.#conversation = null;
          this.#session = given ?? null;
        }
      }
      await this.#openConversation();
    }

    async #openConversation() {
      this.#session ??= (await this.#call("POST", "/sessions", {}, { key: this.getAttribute("key") ?? "" })).session;
      const begun = await this.#call("POST", "/conversations", { language: this.lang });
      this.#conversation = begun.id;
      this.#keep();
      this.#show(begun.message);
      this.#link();
    }

    /** Speaks over a WebSocket where one is to be had; where not, and until it is there, over HTTP. */
    #link() {
      if (this.#socket || !this.#conversation || this.#hasLinked === null) return;
      const after = this.#last ? `?after=${encodeURIComponent(this.#last)}` : "";
      const address = `${this.#server.replace(/^http/, "ws")}/api/v1/conversations/${this.#conversation}/stream${after}`;
      let socket;
      try {
        socket = new WebSocket(address, ["cournot.chat.v1", `cournot.bearer.${this.#session}`]);
      } catch {
        this.#hasLinked = null;
        return;
      }
      this.#socket = socket;
      socket.onopen = () => {
        this.#hasLinked = true;
        this.#linksLater = 1000;
        this.#following?.abort();
      };
      socket.onmessage = (event) => { if (this.#socket === socket) this.#heard(JSON.parse(event.data)); };
      socket.onclose = (event) => {
        if (this.#socket !== socket) return;
        this.#unlink();
        if (this.#isWithPerson) this.#follow();
        // What the page, a proxy or the server does not allow is not asked for again.
        if (!this.#hasLinked) this.#hasLinked = null;
        if (!this.#hasLinked || event.code === 1008) return;
        setTimeout(() => this.#link(), this.#linksLater);
        this.#linksLater = Math.min(this.#linksLater * 2, 30000);
      };
    }

    #unlink() {
      const socket = this.#socket;
      this.#socket = null;
      socket?.close();
      for (const waiting of this.#asked.values()) waiting.reject(null);
      this.#asked.clear();
    }

    #heard({ type, to, text, message, problem }) {
      if (type === "delta") {
        this.#asked.get(to)?.show(text);
        return;
      }
      const waiting = this.#asked.get(to);
      this.#asked.delete(to);
      if (type === "error") waiting?.reject(new Refusal(problem.status, problem));
      else if (waiting) waiting.resolve(message);
      else if (this.#busy) this.#aside.push(message);
      else this.#show(message);
    }

    /** The answer over the WebSocket; null where it has to be asked for over HTTP. */
    async #askOverSocket(text, once, show) {
      if (this.#socket?.readyState !== WebSocket.OPEN) return null;
      try {
        return await new Promise((resolve, reject) => {
          this.#asked.set(once, { resolve, reject, show });
          this.#socket.send(JSON.stringify({ type: "message", id: once, text }));
        });
      } catch (error) {
        if (error) throw error;
        return null;
      }
    }

    /** What was heard beside an answer: one's own words, which stand there already, and others'. */
    #hearAside(text, own) {
      for (const message of this.#aside.splice(0)) {
        const isOwn = message.role === "shopper" && !own.isNoted && (message.text === text || /\[(card|IBAN)\]/.test(message.text));
        if (isOwn) {
          own.isNoted = true;
          this.#note(message, own);
        } else this.#show(message);
      }
    }

    /** @param once names what is said, so that it is said once however often it is sent. */
    async #send(text, once = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`) {
      await this.#start();
      if (!this.#conversation) return;
      this.#busy = true;
      const own = this.#bubble("shopper", text);
      const answer = this.#bubble("agent", "");
      answer.hidden = true;
      this.#say(`${this.getAttribute("label") ?? this.#words.title} ${this.#words.typing}`);
      try {
        const grow = (text) => {
          answer.hidden = false;
          answer.append(text);
        };
        const told = await this.#askOverSocket(text, once, grow);
        this.#hearAside(text, own);
        // Where a person answers, one's own words come back, and stand there already.
        const show = (message) => message.role === "shopper" ? this.#note(message, own) : this.#show(message);
        if (told) {
          answer.remove();
          show(told);
        } else {
          answer.replaceChildren();
          const response = await this.#call(
            "POST", `/conversations/${this.#conversation}/messages`, { text }, { accept: "text/event-stream", once });
          for await (const [event, data] of this.#events(response)) {
            if (event === "delta") grow(data.text);
            else if (event === "message") {
              answer.remove();
              show(data);
            } else if (event === "error") {
              throw new Refusal(data.status, data);
            }
          }
        }
        answer.remove();
        this.#say(this.#isWithPerson ? this.#words.waiting : "");
      } catch (error) {
        answer.remove();
        own.remove();
        const isOver = error instanceof Refusal && error.status === 401;
        if (isOver) {
          this.#unlink();
          this.#conversation = null;
          this.#session = null;
          this.#starting = null;
        }
        this.#say(
          error instanceof Refusal && !isOver ? error.message : this.#words.failed,
          () => isOver ? this.#send(text) : this.#send(text, once));
      } finally {
        this.#busy = false;
        for (const message of this.#aside.splice(0)) this.#show(message);
        this.#toEnd();
      }
    }

    /** The events of a stream, as they come. */
    async *#events(response) {
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        rest += value.replaceAll("\r\n", "\n");
        for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
          const lines = rest.slice(0, end).split("\n");
          rest = rest.slice(end + 2);
          const field = (name) => lines.filter((line) => line.startsWith(name + ":")).map((line) => line.slice(name.length + 1).trimStart()).join("\n");
          const data = field("data");
          if (data) yield [field("event") || "message", JSON.parse(data)];
        }
      }
    }

    /** Hears what others say here: a person of the shop's, or this shopper in another window. Connects again after a cut. */
    async #follow() {
      if (this.#following && !this.#following.signal.aborted) return;
      const stop = new AbortController();
      this.#following = stop;
      let wait = 1000;
      while (!stop.signal.aborted) {
        try {
          const after = this.#last ? `?after=${encodeURIComponent(this.#last)}` : "";
          const response = await this.#call(
            "GET", `/conversations/${this.#conversation}/stream${after}`, undefined,
            { accept: "text/event-stream", signal: stop.signal });
          wait = 1000;
          for await (const [event, data] of this.#events(response)) {
            if (event === "message" && !this.#busy) this.#show(data);
          }
        } catch (error) {
          if (stop.signal.aborted) return;
          if (error instanceof Refusal && [401, 403, 404].includes(error.status)) return;
        }
        await pause(wait);
        wait = Math.min(wait * 2, 30000);
      }
    }

    // MARK: What is shown

    /** Remembers a message as shown; a conversation that a person has is listened to until that person gives it back. */
    #note(message, bubble) {
      this.#shown.set(message.id, bubble);
      this.#last = message.id;
      this.#isWithPerson = message.state === "handed_off";
      if (this.#isWithPerson && !this.#socket) this.#follow();
      else this.#following?.abort();
      if (!this.#busy) this.#say(this.#isWithPerson ? this.#words.waiting : "");
    }

    #bubble(role, text) {
      const bubble = make("div", { class: `message ${role}` });
      if (role === "operator") bubble.append(make("span", { class: "who" }, this.#words.operator));
      bubble.append(text);
      this.#parts.log.append(bubble);
      this.#toEnd();
      return bubble;
    }

    #show(message) {
      if (!message || this.#shown.has(message.id)) return;
      this.#note(message, this.#bubble(message.role, message.text));
      for (const product of message.products ?? []) this.#showProduct(product);
      for (const action of message.actions ?? []) {
        if (action.type === "checkout") this.#showCheckout(action.checkout);
        else if (action.type === "checkout_closed") this.#redraws.get(action.checkout)?.();
      }
      this.dispatchEvent(new CustomEvent("cournot-message", { detail: message, bubbles: true, composed: true }));
      this.#toEnd();
    }

    #showProduct(product) {
      // A product stands there once, with what was said of it last.
      this.#cards.get(product.sku)?.remove();
      const card = make("div", { class: "card product" }, make("p", { class: "name" }, product.title));
      const quote = product.quote;
      if (quote?.price) card.append(make("p", { class: "price" }, quote.price.display));
      this.#cards.set(product.sku, card);
      if (quote?.disclosure) card.append(make("p", { class: "notice" }, quote.disclosure.text ?? String(quote.disclosure)));
      this.#parts.log.append(card);
    }

    #sold(checkout) {
      this.dispatchEvent(new CustomEvent("cournot-order", { detail: checkout, bubbles: true, composed: true }));
    }

    async #showCheckout(id) {
      const w = this.#words;
      // A checkout has one card, and one button.
      this.#cards.get(id)?.remove();
      const card = make("div", { class: "card checkout" });
      this.#cards.set(id, card);
      this.#parts.log.append(card);
      // What is paid elsewhere is looked after until it is decided, or the card is gone.
      const follow = async (seen) => {
        await pause(3000);
        if (!card.isConnected) return;
        let checkout = seen;
        try {
          checkout = await this.#call("GET", `/checkouts/${id}`);
        } catch { /* Asked again. */ }
        // What did not change is not drawn anew: the link may have the focus.
        if (checkout.status === seen.status && checkout.pay_url === seen.pay_url) return follow(seen);
        draw(checkout);
        if (checkout.status === "completed") this.#sold(checkout);
      };
      const row = (name, money, kind) => make("tr", { class: kind }, make("th", { scope: "row" }, name), make("td", {}, money.display));
      const draw = (checkout) => {
        const rows = checkout.lines.map((line) =>
          row(`${line.title ?? line.product} × ${line.quantity}`, line.subtotal ?? line.total));
        if (checkout.totals.tax?.amount) rows.push(row(checkout.totals.tax_included ? w.taxIn : w.tax, checkout.totals.tax));
        rows.push(row(w.total, checkout.totals.total, "total"));
        const notice = make("p", { class: "notice", role: "status" });
        // What has to stand beside a price stands beside it here too.
        const disclosures = new Set(checkout.lines.map((line) => line.disclosure?.text).filter(Boolean));
        card.replaceChildren(
          make("table", {}, make("tbody", {}, ...rows)),
          ...[...disclosures].map((text) => make("p", { class: "notice" }, text)), notice);
        if (checkout.status === "completed") {
          notice.textContent = w.paid + (checkout.order ? ` ${w.order} ${checkout.order.id ?? checkout.order}` : "");
          return;
        }
        if (checkout.status === "expired" || checkout.status === "canceled") {
          notice.textContent = checkout.status === "expired" ? w.expired : w.canceled;
          return;
        }
        if (checkout.provider === "test") notice.textContent = w.test;
        if (checkout.status === "paying") {
          notice.textContent = checkout.payment?.instructions ?? w.pending;
          if (checkout.pay_url) {
            card.append(make("a", { class: "do main", href: checkout.pay_url, target: "_top" }, w.pay));
          }
          follow(checkout);
          return;
        }
        if (checkout.last_decline) notice.textContent = w.declined;
        const pay = make("button", { class: "do main", type: "button" }, `${w.pay} ${checkout.totals.total.display}`);
        card.append(pay);
        // Sent again it is the same attempt, until the provider has declined it.
        let attempt = 0;
        pay.addEventListener("click", async () => {
          pay.disabled = true;
          notice.textContent = w.paying;
          try {
            // The totals that stand here are what is agreed to; other totals would be refused.
            const payment = checkout.provider === "test"
              ? { token: "tok_ok" } : isSecureContext ? { return_url: location.href } : undefined;
            const done = await this.#call(
            "POST", `/checkouts/${id}/complete`, { totals_hash: checkout.totals_hash, payment },
            { once: `${id}:${attempt}` });
            draw(done);
            // The button that had the focus is gone.
            (card.querySelector("a") ?? this.#parts.text).focus();
            if (done.status === "completed") this.#sold(done);
          } catch (error) {
            pay.disabled = false;
            if (error.status === 402) attempt += 1;
            // What ended elsewhere is shown as it stands.
            if (error.code === "wrong_state" || error.status === 410) return redraw();
            notice.classList.add("bad");
            notice.textContent = error.status === 402 ? w.declined : error.message ?? w.failed;
          }
        });
      };
      let drawn = 0;
      const redraw = async () => {
        const own = ++drawn;
        try {
          const checkout = await this.#call("GET", `/checkouts/${id}`);
          // What was asked for later is newer.
          if (own === drawn) draw(checkout);
        } catch (error) {
          card.append(make("p", { class: "bad" }, error instanceof Refusal ? error.message : w.failed));
        }
      };
      this.#redraws.set(id, redraw);
      await redraw();
      this.#toEnd();
    }
  }

  customElements.define(tag, CournotChat);

  // A script with a key puts the chat on its page by itself.
  if (script?.dataset.key || script?.dataset.session) {
    const place = () => {
      const chat = document.createElement(tag);
      for (const [name, value] of Object.entries(script.dataset)) chat.setAttribute(name, value);
      document.body.append(chat);
    };
    if (document.body) place();
    else addEventListener("DOMContentLoaded", place);
  }
})();
