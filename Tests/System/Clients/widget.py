"""The widget on a page of somebody else's, in Debian's Chromium. Prints what is wrong."""

import functools
import http.server
import json
import sys
import threading
import urllib.parse
import urllib.request
from playwright.sync_api import sync_playwright

scenario, base, merchant, agent, pictures = sys.argv[1:6]
faults = []


def check(holds, text):
    if not holds:
        faults.append(text)


def api(method, path, key, body=None):
    request = urllib.request.Request(
        base + "/api/v1" + path, method=method, data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


class Page(http.server.BaseHTTPRequestHandler):
    """A shop's own page, under a policy that allows our script and our server and nothing else."""

    key = ""
    # Where the page lets its scripts connect to.
    connects = f"{base} {base.replace('http', 'ws', 1)}"

    def do_GET(self):
        body = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
            <meta name="viewport" content="width=device-width, initial-scale=1"></head>
            <body><main><h1>Shop</h1></main>
            <script src="{base}/widget.js" data-key="{Page.key}" data-label="Ask the shop"></script></body></html>"""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", f"default-src 'none'; script-src {base}; connect-src {Page.connects}")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *arguments):
        pass


site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=site.serve_forever, daemon=True).start()
origin = f"http://127.0.0.1:{site.server_port}"


def widget_key(origins):
    return api("POST", "/keys", merchant, {"role": "widget", "name": "Shop page", "allowed_origins": origins})["key"]


class Chat:
    def __init__(self, page):
        self.page = page
        self.log = page.locator("cournot-chat .log")

    def open(self):
        self.page.get_by_role("button", name="Open the chat").click()
        self.log.locator(".message.agent").first.wait_for()

    def say(self, text):
        answers = self.log.locator(".message.agent:visible, .card")
        before = self.log.inner_text()
        box = self.page.get_by_role("textbox", name="Your message")
        box.fill(text)
        box.press("Enter")
        self.page.wait_for_function(
            "(before) => { const chat = document.querySelector('cournot-chat').shadowRoot;"
            " return chat.querySelector('.log').innerText.length > before + 5 && !chat.querySelector('.status').innerText; }",
            arg=len(before) + len(text))
        return answers.last.inner_text()


def sale(browser):
    Page.key = widget_key([origin])
    api("PUT", "/agent", merchant, {"name": "Ask the shop"})
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(origin)
    chat = Chat(page)
    chat.open()
    chat.say("How much is the green tea?")
    shopper = api("GET", "/conversations", merchant)["data"][0]["shopper"]
    check(shopper.startswith("anon"), f"the shopper is {shopper}")
    quote = api("POST", "/quotes", agent, {"shopper": shopper, "product": "tea.green"})
    price = quote["price"]["display"]
    check(price in chat.log.inner_text(), f"{price} is not what the chat told: {chat.log.inner_text()}")
    chat.say("I want to buy it")
    if not chat.log.get_by_role("button").count():
        chat.say("yes")
    pay = chat.log.get_by_role("button", name=f"Pay {price}")
    pay.wait_for()
    check("Test payment" in chat.log.inner_text(), "nothing says that it is a test payment")
    page.screenshot(path=f"{pictures}/widget-checkout.png")
    # A reload goes on with the same conversation.
    page.reload()
    chat.open()
    check(api("GET", "/conversations", merchant)["data"].__len__() == 1, "a reload began another conversation")
    check(price in chat.log.inner_text(), "a reload lost what was said")
    chat.log.get_by_role("button", name=f"Pay {price}").click()
    chat.log.get_by_text("Paid.").wait_for()
    orders = api("GET", "/orders", merchant)["data"]
    check(len(orders) == 1, f"{len(orders)} orders")
    check(orders and orders[0]["totals"]["total"]["amount"] == quote["price"]["amount"], f"another amount: {orders}")
    page.screenshot(path=f"{pictures}/widget-paid.png")
    check(not errors, f"the page complains: {errors}")


def once(browser):
    """What is changed or refused in the chat has no button any more; what is paid is what was agreed to last."""
    Page.key = widget_key([origin])
    page = browser.new_page()
    page.goto(origin)
    chat = Chat(page)
    chat.open()
    chat.say("How much is the green tea?")
    buttons = chat.log.get_by_role("button", name="Pay ")
    for text in ["I take 3", "yes"]:
        chat.say(text)
    buttons.wait_for()
    chat.say("actually make it 2")
    chat.log.get_by_text("This checkout was cancelled.").wait_for()
    check(buttons.count() == 0, "the button of what was changed can still be pressed")
    chat.say("yes")
    buttons.wait_for()
    chat.say("cancel")
    page.wait_for_function(
        "() => document.querySelector('cournot-chat').shadowRoot.querySelector('.log').innerText"
        ".split('This checkout was cancelled.').length === 3")
    check(buttons.count() == 0, "the button of what was refused can still be pressed")
    check(not api("GET", "/orders", merchant)["data"], "something was ordered")
    chat.say("I take 2")
    chat.say("yes")
    buttons.wait_for()
    # One that is cancelled elsewhere says so when it is pressed.
    conversation = api("GET", "/conversations", merchant)["data"][0]
    api("POST", f"/checkouts/{conversation['checkout']}/cancel", agent)
    buttons.click()
    page.wait_for_function(
        "() => document.querySelector('cournot-chat').shadowRoot.querySelector('.log').innerText"
        ".split('This checkout was cancelled.').length === 4")
    check(buttons.count() == 0, "the button of what was cancelled elsewhere can still be pressed")
    # A reload shows no button of before.
    page.reload()
    chat.open()
    chat.log.get_by_text("This checkout was cancelled.").nth(2).wait_for()
    check(buttons.count() == 0, "a reload brings a button of before back")
    chat.say("I take 2")
    chat.say("yes")
    buttons.click()
    chat.log.get_by_text("Paid.").wait_for()
    orders = api("GET", "/orders", merchant)["data"]
    check([order["lines"][0]["quantity"] for order in orders] == [2], f"bought: {orders}")


def sockets(browser):
    """What is said elsewhere is heard at once; a server that a page allows no WebSocket to is spoken with over HTTP."""
    for connects in (Page.connects, base):
        Page.key, Page.connects = widget_key([origin]), connects
        page = browser.new_page()
        frames = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda payload: frames.append(payload)))
        page.goto(origin)
        chat = Chat(page)
        chat.open()
        chat.say("How much is the green tea?")
        # "Said elsewhere" is another window of this shopper's.
        conversation = api("GET", "/conversations", merchant)["data"][0]["id"]
        count = chat.log.locator(".message").count()
        check(count == 3, f"{count} messages stand there")
        if connects == base:
            check(not frames, "a WebSocket was spoken over against the page's policy")
        else:
            check(len(frames) == 1, f"{len(frames)} frames were sent")
            api("POST", f"/conversations/{conversation}/messages", agent, {"text": "and one more thing"})
            chat.log.get_by_text("and one more thing").wait_for()
            page.wait_for_function(
                "() => document.querySelector('cournot-chat').shadowRoot.querySelectorAll('.message').length === 5")
        page.close()


class Till(http.server.BaseHTTPRequestHandler):
    """As much of Stripe as its hosted page needs: a session, and a page with a button that pays it."""

    sessions = {}

    def answer(self, body, status=200, kind="application/json", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        if self.path == "/v1/checkout/sessions":
            name = f"cs_test_{len(Till.sessions)}"
            item = "line_items[0][price_data]"
            Till.sessions[name] = {
                "id": name, "object": "checkout.session", "status": "open", "payment_status": "unpaid",
                "url": f"http://127.0.0.1:{self.server.server_port}/page/{name}", "currency": form[f"{item}[currency]"],
                "amount_total": int(form[f"{item}[unit_amount]"]) * int(form["line_items[0][quantity]"]),
                "payment_intent": None, "success_url": form["success_url"]}
            return self.answer(json.dumps(Till.sessions[name]))
        session = Till.sessions[self.path.rsplit("/", 1)[1]]
        session.update(status="complete", payment_status="paid", url=None, payment_intent={
            "id": "pi_test_1", "object": "payment_intent", "status": "succeeded"})
        self.answer("", 303, headers=[("Location", session["success_url"])])

    def do_GET(self):
        name = self.path.split("?")[0].rsplit("/", 1)[1]
        if self.path.startswith("/page/"):
            total = Till.sessions[name]["amount_total"]
            return self.answer(
                f'<form method="post" action="/pay/{name}"><button>Pay {total} cents</button></form>', kind="text/html")
        self.answer(json.dumps(Till.sessions[name]))

    def log_message(self, *arguments):
        pass


def elsewhere(browser):
    till = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[6])), Till)
    threading.Thread(target=till.serve_forever, daemon=True).start()
    Page.key = widget_key([origin])
    page = browser.new_page()
    page.goto(origin)
    chat = Chat(page)
    chat.open()
    chat.say("How much is the green tea?")
    chat.say("I want to buy it")
    if not chat.log.get_by_role("button").count():
        chat.say("yes")
    chat.log.get_by_role("button", name="Pay ").click()
    # The total stands in the chat; the link leads to the provider's page.
    chat.log.get_by_role("link", name="Pay").click()
    page.get_by_role("button", name="cents").click()
    page.wait_for_url(origin + "/?cournot_checkout=chk_*")
    check("cournot_canceled" not in page.url, f"who paid comes back as one who gave up: {page.url}")
    chat.open()
    chat.log.get_by_text("Paid.").wait_for()
    orders = api("GET", "/orders", merchant)["data"]
    check(len(orders) == 1, f"{len(orders)} orders")
    paid = [session["amount_total"] for session in Till.sessions.values() if session["status"] == "complete"]
    check(paid == [orders[0]["totals"]["total"]["amount"]], f"{paid} was paid for {orders}")


def doors(browser):
    Page.key = widget_key(["https://elsewhere.example"])
    page = browser.new_page()
    page.goto(origin)
    page.get_by_role("button", name="Open the chat").click()
    status = page.locator("cournot-chat .status")
    status.get_by_role("button", name="Try again").wait_for()
    check(page.locator("cournot-chat .message").count() == 0, "a page from elsewhere was greeted")
    check(not api("GET", "/conversations", merchant)["data"], "a page from elsewhere began a conversation")


def access(browser):
    Page.key = widget_key([origin])
    for scheme, width in [("light", 1200), ("dark", 1200), ("light", 360), ("dark", 360)]:
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 740})
        page = context.new_page()
        page.goto(origin)
        # With the keyboard alone: open, speak, close.
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.locator("cournot-chat .message.agent").first.wait_for()
        page.keyboard.type("hello")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "() => document.querySelector('cournot-chat').shadowRoot.querySelectorAll('.message.agent').length > 1")
        page.screenshot(path=f"{pictures}/widget-{scheme}-{width}.png")
        overflow = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        check(not overflow, f"{scheme} at {width} px scrolls sideways")
        snapshot = page.locator("cournot-chat").aria_snapshot()
        for wanted in ['dialog "Ask the shop"', 'log "Conversation"', 'textbox "Your message"', 'button "Send"']:
            check(wanted in snapshot, f"{wanted} has no place in {snapshot}")
        contrast = page.evaluate(CONTRAST)
        check(not contrast, f"{scheme} at {width} px: {contrast}")
        page.keyboard.press("Escape")
        focused = page.evaluate("document.querySelector('cournot-chat').shadowRoot.activeElement?.className")
        check(focused == "launcher", f"after closing the focus is at {focused}")
        context.close()


# WCAG 2.2, 1.4.3: each text against the nearest ground that is painted.
CONTRAST = """
() => {
  const root = document.querySelector("cournot-chat").shadowRoot;
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (color) => {
    const [r, g, b] = color.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faults = [];
  for (const element of root.querySelectorAll("h2, button, .message, .who, .card p, th, td, .status span")) {
    if (!element.checkVisibility() || !element.textContent.trim()) continue;
    let at = element, ground = [255, 255, 255, 255];
    for (; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) { ground = color; break; }
    }
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faults.push(`${element.className || element.tagName} ${ratio.toFixed(2)}`);
  }
  return faults;
}
"""

with sync_playwright() as playwright:
    chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    scenarios = {"sale": sale, "once": once, "sockets": sockets, "elsewhere": elsewhere, "doors": doors, "access": access}
    scenarios[scenario](chromium)
    chromium.close()
print("\n".join(faults), end="")
