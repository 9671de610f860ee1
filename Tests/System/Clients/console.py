"""Uses the console in Chromium as people do.

usage: console.py SCENARIO BASE_URL MERCHANT_KEY AGENT_KEY ANALYST_KEY FOLDER
Ends well if everything was as it should be; pictures go to FOLDER.
"""
import datetime
import json
import os
import re
import sys
import urllib.error
import urllib.request

from playwright.sync_api import expect, sync_playwright

from console_checks import faults

scenario, base, merchant, agent, analyst, folder = sys.argv[1:7]
# A busy machine is slow, not wrong.
PATIENCE = 90_000
expect.set_options(timeout=PATIENCE)


def call(method, path, body=None, key=merchant, headers={}):
    request = urllib.request.Request(
        base + "/api/v1" + path, method=method, data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + key, "Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=90) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def usd(amount):
    return {"amount": amount, "currency": "USD"}


def product(sku, title="Tea", price=1000):
    call("POST", "/products", {"sku": sku, "title": title, "list_price": usd(price), "unit_cost": usd(price // 2)})


def experiment(sku, name="Two prices", prices=(1000, 1200), starts=True, analysis=None, **more):
    made = call("POST", "/experiments", {
        "name": name, "products": [sku], "currency": "USD", "analysis": analysis, **more,
        "variants": [{"name": n, "price": usd(p), "weight": 1} for n, p in zip(["control", "higher", "highest"], prices)]})
    if starts:
        call("POST", f"/experiments/{made['id']}/start")
    return made["id"]


def known(number):
    """What a shop knows of a shopper: their device, and how often they came before."""
    return {"device": ["phone", "desktop"][number % 2], "visits": number % 7}


def shoppers(sku, numbers, buys, attributes=lambda number: {}):
    """Lets shoppers ask for their price, and some of them buy."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    asked = [{"shopper": f"s-{number}", "product": sku, "attributes": attributes(number)} for number in numbers]
    quotes = call("POST", "/quotes/batch", {"quotes": asked}, key=agent)["data"]
    events = [
        {"id": f"sale-{sku}-{number}", "type": "conversion", "shopper": f"s-{number}", "quote": quote["quote"]["id"],
         "order": f"order-{sku}-{number}", "timestamp": now}
        for number, quote in zip(numbers, quotes) if buys(number)]
    assert call("POST", "/events", events, key=agent)["rejected"] == []


# What moved without anybody's doing, as browsers measure it (Cumulative Layout Shift).
WATCH_SHIFTS = """
globalThis.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


class Desk:
    """A browser with one tab, in which nothing may go wrong unnoticed."""

    def __init__(self, browser, **options):
        options = {"locale": "en-US", "timezone_id": "Asia/Tokyo", "viewport": {"width": 1280, "height": 900}, **options}
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self.heard)

    def heard(self, message):
        # The browser itself writes a line for each answer that is no success.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def sign_in(self, key=merchant, path="/console"):
        self.page.goto(base + path)
        self.page.get_by_label("Key", exact=True).fill(key)
        self.page.get_by_role("button", name="Sign in").click()

    def open(self, path, heading):
        self.page.goto(base + path)
        self.settled(heading)

    def settled(self, heading):
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        expect(self.page.locator("main")).not_to_have_attribute("aria-busy", "true")

    def said(self, text):
        expect(self.page.locator("#said")).to_contain_text(text)

    def close(self):
        self.context.close()
        assert self.errors == [], self.errors


def journey(browser):
    product("tea", "Green <b>tea</b>")
    desk = Desk(browser)
    page = desk.page
    desk.sign_in()
    desk.settled("Experiments")
    expect(page.get_by_text("There is no experiment yet.")).to_be_visible()
    page.get_by_role("link", name="New experiment").click()
    desk.settled("New experiment")
    expect(page.get_by_role("heading", level=1)).to_be_focused()

    page.get_by_label("Name").first.fill("Tea at 10 or 12")
    page.get_by_role("checkbox", name="Green <b>tea</b>").check()
    # Today's price is the first proposal.
    expect(page.get_by_label("Price").first).to_have_value("10.00")
    page.get_by_label("Price").nth(1).fill("12")
    takes = page.get_by_role("region", name="What it takes")
    page.get_by_label("Share who buy").fill("10")
    page.get_by_label("Smallest change worth finding").fill("20")
    plan = call("POST", "/power", {"baseline_rate": 0.1, "minimum_effect": 0.2, "daily_visitors": 1000, "method": "sequential"})
    expect(takes).to_contain_text(f"{plan['total']:,} ({plan['per_arm']:,} each)")
    expect(takes).to_contain_text(f"{plan['days']} days")
    page.get_by_label("Share of shoppers who take part").fill("50")
    expect(takes).to_contain_text(f"{-(-plan['total'] // 500)} days")
    page.get_by_role("button", name="Use the size computed").click()
    expect(page.get_by_label("Read after this many shoppers")).to_have_value(str(plan["total"]))
    page.get_by_label("Share of shoppers who take part").fill("100")
    page.get_by_role("button", name="Save as draft").click()
    desk.settled("Tea at 10 or 12")
    desk.said("saved as a draft")

    page.get_by_role("button", name="Start").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.locator("main .state").first).to_have_text("Draft")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("dialog").get_by_role("button", name="Start").click()
    expect(page.locator("main .state").first).to_have_text("Running")

    # Watching: what shoppers do is seen without doing anything.
    live = page.get_by_role("region", name="Now")
    shoppers("tea", range(0, 400), lambda number: number % 4 == 0)
    expect(live.locator(".figures")).to_contain_text("400")
    expect(live.locator(".figures")).to_contain_text("25.0%")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    shoppers("tea", range(400, 500), lambda number: True)
    expect(live.locator(".figures")).to_contain_text("500")
    assert not [url for url in asked if "/report" in url], f"the stream tells it, nobody asks: {asked}"
    expect(live.locator("svg.intervals circle")).to_have_count(2)

    page.get_by_role("button", name="Pause").click()
    page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    expect(page.locator("main .state").first).to_have_text("Paused")
    desk.said("is paused")
    identity = page.url.rsplit("/", 1)[1]
    assert call("GET", f"/experiments/{identity}")["status"] == "paused"
    assert call("GET", f"/experiments/{identity}")["target_sample_size"] == plan["total"]

    page.get_by_role("link", name="Read the report").click()
    desk.settled("Report")
    told = call("GET", f"/experiments/{identity}/report")
    expect(page.get_by_role("group", name="Recommendation")).to_contain_text(told["recommendation"]["sentence"])
    expect(page.get_by_role("group", name="Recommendation")).to_contain_text(told["recommendation"]["next_step"])
    rate = next(metric for metric in told["metrics"] if metric["name"] == "conversion_rate")["comparisons"][0]
    expect(page.get_by_role("region", name="Conversion rate, differences")).to_contain_text(f"{rate['difference'] * 100:.2f} pp")
    for section in ["Demand", "From told a price to bought", "Who was given which price"]:
        expect(page.get_by_role("region", name=section, exact=True).locator("canvas")).to_be_visible()
    funnel = page.get_by_role("region", name="Shoppers from told a price to bought")
    for variant in told["funnel"]["variants"]:
        row = funnel.get_by_role("row").filter(has_text=variant["name"])
        for key in ["told", "bought", "orders", "items"]:
            expect(row).to_contain_text(f"{variant[key]:,}")
    expect(page.get_by_role("region", name="By the weights in force")).to_contain_text("planned 50.0%")
    with page.expect_download() as saved:
        page.get_by_role("button", name="As JSON").click()
    with open(saved.value.path()) as file:
        assert json.load(file)["metrics"] == told["metrics"]
    time = page.locator("main time").first
    assert time.get_attribute("title") == time.get_attribute("datetime") + " (UTC)"
    # The browser is in Tokyo.
    hours = datetime.datetime.fromisoformat(time.get_attribute("datetime").replace("Z", "+00:00")) + datetime.timedelta(hours=9)
    assert hours.strftime("%-I:%M") in time.text_content(), time.text_content()

    # Deciding: the form begins with the recommendation; another choice is one's own, and says so.
    form = page.get_by_role("form", name="Decide")
    expect(form.get_by_label("Decision")).to_have_value(told["recommendation"]["action"])
    expect(form).to_contain_text("taken as it is")
    form.get_by_role("button", name="Record the decision").click()
    desk.settled("Decisions")
    desk.said("The decision is recorded.")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Recommendation")
    kept = call("GET", f"/experiments/{identity}/decisions")["data"]
    assert [(one["origin"], one["evidence"]["input_hash"]) for one in kept] == [("policy", told["input_hash"])], kept
    page.go_back()
    desk.settled("Report")
    form.get_by_label("Decision").select_option("stop")
    expect(form).to_contain_text("your own judgement")
    expect(form.get_by_label("Price", exact=True)).to_have_value("higher")
    form.get_by_label("Why").fill("<b>Regulars</b> complain")
    form.get_by_label("Complete the experiment too").check()
    form.get_by_role("button", name="Record the decision").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert len(call("GET", f"/experiments/{identity}/decisions")["data"]) == 1
    form.get_by_role("button", name="Record the decision").click()
    page.get_by_role("dialog").get_by_role("button", name="Decide and complete").click()
    desk.settled("Decisions")
    desk.said("the experiment is completed")
    newest = page.locator("tbody tr").first
    expect(newest).to_contain_text("Stop “higher”")
    expect(newest).to_contain_text("<b>Regulars</b> complain")
    expect(newest).to_contain_text("Own judgement")
    expect(newest).to_contain_text("Open")
    expect(page.get_by_role("region", name="How often they were right")).to_contain_text("none can be judged yet")

    # As it looks on a later day.
    def judged(route):
        answer = route.fetch()
        body = answer.json()
        for place, one in enumerate(body.get("data", [])):
            one["score"].update(
                {"verdict": ["right", "wrong"][place], "reason": None, "basis": "later_shoppers", "n": 800,
                 "difference": -12.5, "sign_held": True, "within_interval": place == 0})
        for group in ["all", "person"] if "all" in body else []:
            body[group] = {"scored": 10, "right": 8, "share": 0.8, "interval": {"lower": 0.49, "upper": 0.943, "level": 0.95}}
        route.fulfill(response=answer, json=body)

    page.route("**/api/v1/decisions**", judged)
    page.reload()
    desk.settled("Decisions")
    expect(newest).to_contain_text("Right")
    expect(newest).to_contain_text("-$0.125")
    expect(newest).to_contain_text("800 shoppers; within the interval")
    expect(page.locator("tbody tr").nth(1)).to_contain_text("Wrong")
    expect(page.get_by_role("region", name="How often they were right")).to_contain_text("8 of 10; 95% interval 49% to 94%")
    assert faults(page) == [], faults(page)
    page.screenshot(path=os.path.join(folder, "decisions-judged.png"), full_page=True)
    newest.get_by_role("link", name="Tea at 10 or 12").click()
    desk.settled("Tea at 10 or 12")
    expect(page.locator("main .state").first).to_have_text("Completed")
    page.get_by_role("link", name="Experiments").first.click()
    desk.settled("Experiments")
    expect(page.locator(".card")).to_contain_text("500 shoppers")
    page.get_by_label("State").select_option("draft")
    expect(page.get_by_text("No experiment is like this.")).to_be_visible()
    desk.close()


def doors(browser):
    desk = Desk(browser)
    page = desk.page
    for key, reason in [("ck_wrong", "not known here"), (agent, "for programs"), ("clé é", "not a key"), ("", "Enter a key")]:
        desk.sign_in(key)
        expect(page.get_by_text(reason)).to_be_visible()
        expect(page.get_by_label("Key", exact=True)).to_be_focused()
        expect(page.get_by_label("Key", exact=True)).to_have_attribute("aria-invalid", "true")
    assert page.evaluate("sessionStorage.length") == 0

    # A key that stops working leads back here, and then on to where one was.
    made = call("POST", "/keys", {"role": "merchant", "name": "for a moment"})
    desk.sign_in(made["key"], "/console/products")
    desk.settled("Products")
    assert page.evaluate("localStorage.length + document.cookie.length") == 0
    call("DELETE", f"/keys/{made['id']}")
    page.get_by_role("link", name="Audit").click()
    expect(page.get_by_role("alert")).to_contain_text("does not work any more")
    page.get_by_label("Key", exact=True).fill(merchant)
    page.get_by_role("button", name="Sign in").click()
    desk.settled("Audit")
    expect(page.get_by_role("row").filter(has_text="key.remove")).to_have_count(1)
    page.get_by_role("button", name="Sign out").click()
    desk.settled("Sign in to the console")
    assert page.evaluate("sessionStorage.length") == 0

    # An analyst reads, and is offered nothing else.
    product("tea")
    identity = experiment("tea")
    desk.sign_in(analyst)
    desk.settled("Experiments")
    expect(page.get_by_role("link", name="New experiment")).to_have_count(0)
    expect(page.get_by_role("navigation").get_by_role("link")).to_have_count(3)
    page.get_by_role("link", name="Two prices").click()
    desk.settled("Two prices")
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    expect(page.get_by_role("button", name="Change the weights")).to_have_count(0)
    desk.open(f"/console/experiments/{identity}/report", "Report")
    page.goto(base + "/console/experiments/exp_00000000000000000000000000000000")
    expect(page.get_by_role("alert")).to_contain_text("no such thing")
    desk.open("/console/nonsense", "There is no such page")
    page.get_by_role("link", name="Go to the experiments").click()
    desk.settled("Experiments")
    desk.close()
    # Nobody has to sign in to be told so.
    desk = Desk(browser)
    desk.open("/console/keys/nonsense", "There is no such page")
    desk.close()


def refusals(browser):
    product("tea")
    experiment("tea")
    desk = Desk(browser)
    page = desk.page
    desk.sign_in(path="/console/experiments/new")
    desk.settled("New experiment")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" and request.url.endswith("/experiments") else None)

    # What an empty form lacks is said of fields that are there.
    page.get_by_role("button", name="Save as draft").click()
    empty = page.get_by_role("group", name="What has to be changed")
    expect(empty).to_contain_text("Choose a product")
    expect(empty).not_to_contain_text("currency")
    sent.clear()

    # What cannot be put into a request is said at once.
    page.get_by_label("Price").nth(1).fill("12,345")
    # A thousand to some, one to others.
    page.get_by_label("Read after this many shoppers").fill("1,000")
    page.get_by_label("Smallest change worth finding").fill("2,500")
    page.get_by_role("button", name="Save as draft").click()
    summary = page.get_by_role("group", name="What has to be changed")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("“12,345” is not an amount in USD")
    expect(summary).to_contain_text("“1,000” is not a whole number")
    expect(summary).to_contain_text("“2,500” is not a number")
    assert sent == []
    page.get_by_label("Read after this many shoppers").fill("")
    page.get_by_label("Smallest change worth finding").fill("2,5")
    expect(page.get_by_label("Price").nth(1)).to_have_attribute("aria-invalid", "true")

    # What the API refuses stands at its field, in the API's words.
    page.get_by_label("Price").nth(1).fill("12")
    page.get_by_label("A sale counts for").fill("91")
    page.get_by_label("Chance to find a true change").fill("20")
    page.get_by_role("button", name="Save as draft").click()
    for text in ["A name has 1 to 200 characters.", "Choose a product", "1 to 90 days"]:
        expect(summary).to_contain_text(text)
    name = page.get_by_label("Name").first
    described = name.get_attribute("aria-describedby").split()[-1]
    expect(page.locator(f"#{described}")).to_have_text("A name has 1 to 200 characters.")
    expect(page.get_by_label("A sale counts for")).to_have_attribute("aria-invalid", "true")
    summary.get_by_role("link", name="A name has 1 to 200 characters.").click()
    expect(name).to_be_focused()
    assert faults(page) == [], faults(page)

    # What is wrong with the plan is said while one types.
    page.get_by_label("Share who buy").fill("150")
    expect(page.get_by_role("region", name="What it takes")).to_contain_text("between 0 and 1")

    # Starting is refused: another experiment has the product.
    name.fill("Second")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("A sale counts for").fill("14")
    page.get_by_label("Chance to find a true change").fill("80")
    page.get_by_role("button", name="Save and start").click()
    desk.settled("Second")
    desk.said("saved as a draft, but could not start")
    expect(page.locator("main .state").first).to_have_text("Draft")
    desk.close()


def weights(browser):
    product("tea")
    identity = experiment("tea")
    desk = Desk(browser)
    page = desk.page
    desk.sign_in(path=f"/console/experiments/{identity}")
    desk.settled("Two prices")
    form = page.get_by_role("form", name="Split of new shoppers")
    form.get_by_label("higher").fill("3")
    expect(form).to_contain_text("75.0%")
    # Somebody else is quicker, and this page even hears of it while one types.
    call("PATCH", f"/experiments/{identity}", {"variants": [{"name": "control", "weight": 9}]})
    expect(page.get_by_role("region", name="Prices")).to_contain_text("90.0%")
    form.get_by_role("button", name="Change the weights").click()
    expect(form.get_by_role("alert")).to_contain_text("Somebody else changed this experiment")
    assert [v["weight"] for v in call("GET", f"/experiments/{identity}")["variants"]] == [9, 1]
    form.get_by_role("button", name="Show the newest").click()
    expect(form.get_by_label("control")).to_have_value("9")
    form.get_by_label("higher").fill("3")
    form.get_by_role("button", name="Change the weights").click()
    desk.said("The weights are changed")
    assert [v["weight"] for v in call("GET", f"/experiments/{identity}")["variants"]] == [9, 3]
    form.get_by_label("higher").fill("0")
    form.get_by_label("control").fill("0")
    form.get_by_role("button", name="Change the weights").click()
    expect(form).to_contain_text("At least one weight is positive.")
    desk.close()


def imports(browser):
    desk = Desk(browser)
    page = desk.page
    desk.sign_in(path="/console/products")
    desk.settled("Products")
    expect(page.get_by_text("There is no product yet.")).to_be_visible()
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("Choose a file.")).to_be_visible()
    text = ("sku,title,list_price,currency,unit_cost\n"
            "tea,<img src=x onerror=alert(1)>,10.00,USD,4.00\n"
            "yen,Matcha,1200,JPY,\n"
            "bad,Mug,12.345,USD,\n"
            "dinar,Dates,1.250,BHD,\n")
    page.get_by_label("File").set_input_files({"name": "shop.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.get_by_role("button", name="Import").click()
    lines = page.get_by_role("region", name="Line by line")
    expect(lines.locator("tbody tr")).to_have_count(4)
    expect(lines.locator("tbody tr").first).to_contain_text("list_price: Not an amount in USD")
    desk.said("3 products made, 0 updated, 1 line refused.")
    catalogue = page.get_by_role("region", name="Catalogue")
    expect(catalogue.get_by_role("rowheader", name="<img src=x onerror=alert(1)>")).to_be_visible()
    assert page.locator("img").count() == 0
    page.get_by_label("Search").fill("matcha")
    expect(catalogue.locator("tbody tr")).to_have_count(1)

    # As spreadsheets write it where numbers have a decimal comma.
    text = "sku;title;list_price;currency\nmug;Mug, large;19,99;EUR\npot;Pot;1.250;EUR\n"
    page.get_by_label("File").set_input_files({"name": "shop.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.get_by_role("button", name="Import").click()
    desk.said("1 product made, 0 updated, 1 line refused.")
    expect(lines).to_contain_text("“1.250” is a thousand to some and a fraction to others")
    assert call("GET", "/products/mug")["list_price"]["amount"] == 1999

    # Amounts are read exactly, in each currency's minor unit.
    desk.open("/console/experiments/new", "New experiment")
    page.get_by_label("Name").first.fill("Dates")
    page.get_by_role("checkbox", name="Dates").check()
    expect(page.get_by_label("Price").first).to_have_value("1.250")
    page.get_by_label("Price").nth(1).fill("1.3")
    page.get_by_role("button", name="Save as draft").click()
    desk.settled("Dates")
    made = call("GET", "/experiments/" + page.url.rsplit("/", 1)[1])
    assert [v["price"]["amount"] for v in made["variants"]] == [1250, 1300], made

    # A key is shown once.
    desk.open("/console/keys", "Keys")
    keys = page.get_by_role("region", name="Keys").locator("tbody tr")
    for row in keys.all():
        widget = "widget" in row.inner_text()
        expect(row).to_contain_text("pages this server allows" if widget else "anywhere")
    assert any("widget" in row.inner_text() for row in keys.all())
    page.get_by_label("Name").fill("Till")
    page.get_by_label("Role").select_option("agent")
    page.get_by_label("Only from these addresses").fill("10.0.0.0/8, nowhere")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_label("Only from these addresses")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Only from these addresses").fill("127.0.0.1")
    page.get_by_role("button", name="Make the key").click()
    key = page.get_by_label("The key", exact=True)
    expect(key).to_have_value(re.compile("^ck_"))
    call("GET", "/prices/tea?shopper=ada", key=key.input_value())
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    desk.said("is copied")
    assert page.evaluate("navigator.clipboard.readText()") == key.input_value()
    secret = key.input_value()
    page.reload()
    desk.settled("Keys")
    assert secret not in page.content()
    page.get_by_role("button", name="Remove Till").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Cancel")).to_be_focused()
    page.get_by_role("dialog").get_by_role("button", name="Remove the key").click()
    desk.said("is removed")
    try:
        call("GET", "/prices/tea?shopper=ada", key=secret)
        raise AssertionError("a removed key still opens the door")
    except urllib.error.HTTPError as error:
        assert error.code == 401
    desk.close()


def drafts(browser):
    for sku, title in [("tea", "Tea"), ("cup", "Cup")]:
        product(sku, title)
    made = call("POST", "/experiments", {
        "name": "As planned", "hypothesis": "Dearer <i>sells</i> less", "products": ["tea"], "currency": "USD",
        "coverage": 0.07, "holdout": 0.1, "attribution_days": 21, "target_sample_size": 5000,
        "guardrails": [{"metric": "conversion_rate", "max_drop": 0.1}], "analysis": {"method": "fixed", "alpha": 0.1},
        "variants": [{"name": n, "price": usd(p), "weight": w, "metadata": {"why": n}}
                     for n, p, w in [("control", 1000, 2), ("higher", 1250, 1), ("highest", 1500, 1)]]})
    identity = made["id"]
    desk = Desk(browser)
    page = desk.page
    desk.sign_in(path=f"/console/experiments/{identity}")
    desk.settled("As planned")
    page.get_by_role("link", name="Change the draft").click()
    desk.settled("Change the draft")
    # All is there as it was said; a share is typed as a percentage, without what binary fractions make of it.
    expect(page.get_by_label("Name").first).to_have_value("As planned")
    expect(page.get_by_label("Hypothesis")).to_have_value("Dearer <i>sells</i> less")
    expect(page.get_by_label("Share of shoppers who take part")).to_have_value("7")
    expect(page.get_by_label("Looking")).to_have_value("fixed")
    expect(page.get_by_label("Read after this many shoppers")).to_have_value("5000")
    expect(page.get_by_label("Price", exact=True).nth(2)).to_have_value("15.00")
    expect(page.get_by_role("checkbox", name="Tea")).to_be_checked()
    assert faults(page) == [], faults(page)
    # Saved as it is, nothing changes but the version.
    page.get_by_role("button", name="Save the changes").click()
    desk.settled("As planned")
    desk.said("The draft is changed.")
    same = call("GET", f"/experiments/{identity}")
    assert {**same, "version": 0} == {**made, "version": 0}, (made, same)

    page.get_by_role("link", name="Change the draft").click()
    desk.settled("Change the draft")
    page.get_by_label("Name").first.fill("As it shall be")
    page.get_by_role("checkbox", name="Cup").check()
    page.get_by_role("button", name="Remove higher", exact=True).click()
    page.get_by_label("Price", exact=True).nth(1).fill("14.5")
    page.get_by_label("Read after this many shoppers").fill("")
    # What the API refuses is refused, at its field.
    page.get_by_label("A sale counts for").fill("0")
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_label("A sale counts for")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("A sale counts for").fill("7")
    page.get_by_role("button", name="Save the changes").click()
    desk.settled("As it shall be")
    now = call("GET", f"/experiments/{identity}")
    assert [(v["name"], v["price"]["amount"], v["weight"], v["metadata"]) for v in now["variants"]] == [
        ("control", 1000, 2, {"why": "control"}), ("highest", 1450, 1, {"why": "highest"})], now
    assert now["products"] == ["tea", "cup"] and now["attribution_days"] == 7 and now.get("target_sample_size") is None, now
    for key in ("holdout", "guardrails", "coverage", "hypothesis", "analysis"):
        assert now[key] == made[key], key

    # Somebody else is quicker: nothing is overwritten.
    page.get_by_role("link", name="Change the draft").click()
    desk.settled("Change the draft")
    call("PATCH", f"/experiments/{identity}", {"name": "Theirs"})
    page.get_by_label("Name").first.fill("Ours")
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert call("GET", f"/experiments/{identity}")["name"] == "Theirs"
    page.reload()
    desk.settled("Change the draft")
    page.get_by_role("button", name="Save and start").click()
    desk.settled("Theirs")
    expect(page.locator("main .state").first).to_have_text("Running")
    expect(page.get_by_role("link", name="Change the draft")).to_have_count(0)
    desk.open(f"/console/experiments/{identity}/edit", "Change the draft")
    expect(page.get_by_text("It has started")).to_be_visible()
    desk.close()


def catalogue(browser):
    desk = Desk(browser)
    page = desk.page
    desk.sign_in(path="/console/products")
    desk.settled("Products")
    page.get_by_role("link", name="New product").click()
    desk.settled("New product")
    page.get_by_role("button", name="Make the product").click()
    expect(page.get_by_role("group", name="What has to be changed")).to_be_focused()
    page.get_by_label("SKU").fill("tea/green 1")
    page.get_by_label("Title").fill("Tea")
    page.get_by_label("Currency").fill("jpy")
    page.get_by_label("List price").fill("12.5")
    page.get_by_role("button", name="Make the product").click()
    expect(page.get_by_label("List price")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Currency").fill("USD")
    page.get_by_label("Lowest price allowed").fill("20")
    page.get_by_label("Highest price allowed").fill("15")
    page.get_by_role("button", name="Make the product").click()
    # The API's own rule, in its words.
    expect(page.get_by_role("group", name="What has to be changed").get_by_role("listitem")).not_to_have_count(0)
    page.get_by_label("Lowest price allowed").fill("9")
    page.get_by_label("Highest price allowed").fill("")
    page.get_by_role("button", name="Make the product").click()
    desk.settled("Products")
    desk.said("The product is made.")
    assert call("GET", "/products/tea%2Fgreen%201")["floor"]["amount"] == 900
    page.get_by_role("link", name="Tea", exact=True).click()
    desk.settled("Tea")
    expect(page.get_by_label("List price")).to_have_value("12.50")
    page.get_by_label("Unit cost").fill("4")
    page.get_by_label("Lowest price allowed").fill("")
    page.get_by_label("Highest price allowed").fill("15")
    assert faults(page) == [], faults(page)
    page.get_by_role("button", name="Save the changes").click()
    desk.settled("Products")
    now = call("GET", "/products/tea%2Fgreen%201")
    assert (now["unit_cost"]["amount"], now["floor"], now["ceiling"]["amount"]) == (400, None, 1500), now
    # Limits hold for experiments.
    try:
        experiment("tea/green 1", prices=(1250, 1600))
        raise AssertionError("a price above the highest allowed is taken")
    except urllib.error.HTTPError as error:
        assert error.code == 422, error.code
    page.get_by_role("link", name="Tea", exact=True).click()
    desk.settled("Tea")
    page.get_by_role("button", name="Remove the product").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove the product").click()
    desk.said("is removed")
    expect(page.get_by_text("There is no product yet.")).to_be_visible()

    # A widget's key is bound to pages.
    desk.open("/console/keys", "Keys")
    expect(page.get_by_label("Only on pages of")).to_be_hidden()
    page.get_by_label("Name").fill("Shop page")
    page.get_by_label("Role").select_option("widget")
    page.get_by_label("Only on pages of").fill("https://shop.example, shop")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_label("Only on pages of")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Only on pages of").fill("https://shop.example, https://www.shop.example")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_label("The key", exact=True)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Shop page")).to_contain_text("https://shop.example, https://www.shop.example")
    desk.close()


def chats(browser):
    product("tea", "Green tea", 1000)
    begun = call("POST", "/conversations", {"shopper": "ada", "language": "en"}, key=agent)["id"]
    call("POST", f"/conversations/{begun}/messages", {"text": "How much is the green tea?"}, key=agent)
    desk = Desk(browser)
    page = desk.page
    desk.sign_in(path="/console/conversations")
    desk.settled("Chats")
    expect(page.get_by_text("Nobody waits for a person.")).to_be_visible()
    page.get_by_label("State").select_option("")
    page.get_by_role("link", name="ada").click()
    desk.settled("Chat with ada")
    log = page.get_by_role("log")
    expect(log).to_contain_text("How much is the green tea?")
    expect(log).to_contain_text("$10.00")
    page.get_by_role("button", name="Take over").click()
    desk.said("The chat is yours")
    form = page.get_by_role("form", name="You answer")
    # What the shopper says now is seen without doing anything.
    call("POST", f"/conversations/{begun}/messages", {"text": "Is <b>anybody</b> there?"}, key=agent)
    expect(log).to_contain_text("Is <b>anybody</b> there?")
    form.get_by_role("button", name="Send", exact=True).click()
    expect(form).to_contain_text("Write an answer.")
    # A number that was not quoted is refused in the API's words; an amount goes in by its slot.
    answer = form.get_by_label("Your answer")
    answer.fill("For you it is $8.")
    form.get_by_role("button", name="Send", exact=True).click()
    expect(form.locator(".fault, [role=alert]").filter(has_text=re.compile("."))).not_to_have_count(0)
    answer.fill("Yes, I am. It costs ")
    form.get_by_role("button", name=re.compile(r"Price of|Price \$10")).first.click()
    expect(answer).to_be_focused()
    answer.press_sequentially(".")
    assert faults(page) == [], faults(page)
    form.get_by_role("button", name="Send", exact=True).click()
    desk.said("Your answer is sent.")
    expect(log.locator(".operator").last).to_contain_text("Yes, I am. It costs $10.00.")
    expect(answer).to_have_value("")
    said = [(one["role"], one["text"]) for one in call("GET", f"/conversations/{begun}/messages?limit=100")["data"]]
    assert said[-1] == ("operator", "Yes, I am. It costs $10.00."), said
    page.get_by_role("link", name="Chats").first.click()
    desk.settled("Chats")
    expect(page.get_by_role("row").filter(has_text="ada")).to_contain_text("Waits for a person")
    page.get_by_role("link", name="ada").click()
    desk.settled("Chat with ada")
    form.get_by_role("button", name="Give back without a word").click()
    desk.said("The agent answers again.")
    expect(page.get_by_role("button", name="Take over")).to_be_visible()
    assert call("GET", f"/conversations/{begun}")["state"] != "handed_off"

    # How the agent presents itself.
    desk.open("/console/conversations", "Chats")
    page.get_by_role("link", name="The agent’s settings").click()
    desk.settled("The agent")
    opening = page.get_by_role("region", name="How a chat begins")
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Greeting").fill("Welcome <b>in</b>!")
    expect(opening).to_contain_text("Welcome <b>in</b>!")
    page.get_by_label("Greeting").fill("Welcome in!")
    page.get_by_label("Disclosure").fill("A machine answers, and everything costs $5.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Disclosure")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Disclosure").fill("A machine answers.")
    fold = page.get_by_text("What the shop says of")
    fold.click()
    returns = page.get_by_role("group", name="Returns").get_by_label("In German")
    returns.fill("Das kostet 5 €.")
    page.get_by_role("group", name="Shipping").get_by_label("In English").fill("We send it within two days.")
    fold.click()
    page.get_by_role("button", name="Save").click()
    expect(returns).to_have_attribute("aria-invalid", "true")
    expect(returns).to_be_visible()
    returns.fill("Zwei Wochen lang.")
    page.get_by_role("checkbox", name="French").uncheck()
    page.get_by_label("First language").select_option("de")
    page.get_by_label("Messages a minute").fill("20")
    assert faults(page) == [], faults(page)
    page.get_by_role("button", name="Save").click()
    desk.said("The settings are saved")
    now = call("GET", "/agent")
    assert (now["name"], now["greeting"], now["languages"], now["messages_per_minute"]) == (
        "Ada", "Welcome in!", ["de", "en", "es"], 20), now
    assert now["policies"] == {"shipping": {"en": "We send it within two days."}, "returns": {"de": "Zwei Wochen lang."}}, now
    # Saved again at once, under the tag that the first left.
    page.get_by_label("Tone").select_option("formal")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".summary:visible, [role=alert]")).to_have_count(0)
    page.wait_for_function("() => document.querySelector('#said').textContent.includes('saved')")
    for _ in range(100):
        if call("GET", "/agent")["tone"] == "formal":
            break
    else:
        raise AssertionError("the second change is lost")
    desk.close()


def designs(browser):
    """Each way to learn more is planned in the form, refused by the API where it cannot be, and seen in the report."""
    for sku in ("tea", "cup"):
        product(sku, sku)
    desk = Desk(browser)
    page = desk.page
    desk.sign_in(path="/console/experiments/new")
    desk.settled("New experiment")
    takes = page.get_by_role("region", name="What it takes")
    page.get_by_label("Name").first.fill("Tea, looked at thrice")
    page.get_by_role("checkbox", name="tea").check()
    page.get_by_label("Price").nth(1).fill("12")
    page.get_by_label("Share who buy").fill("10")
    page.get_by_label("Smallest change worth finding").fill("20")

    def needs(**more):
        asked = {"baseline_rate": 0.1, "minimum_effect": 0.2, "daily_visitors": 1000, **more}
        told = call("POST", "/power", asked)
        expect(takes).to_contain_text(f"{told['total']:,} ({told['per_arm']:,} each)")
        reach = call("POST", "/power", {**asked, "minimum_effect": None, "days": 30})
        expect(takes).to_contain_text(f"±{reach['detectable_effect']:.1%} in 30 days")
        return told

    # The figures follow each choice while one types.
    any_time = needs(method="sequential")
    expect(page.get_by_label("Number of looks")).to_be_hidden()
    page.get_by_label("Looking").select_option("group_sequential")
    page.get_by_label("Number of looks").fill("3")
    planned = needs(method="group_sequential", looks=3)
    page.get_by_label("An early look ends it").select_option("pocock")
    pocock = needs(method="group_sequential", looks=3, spending="pocock")
    assert planned["total"] < pocock["total"] < any_time["total"], (planned, pocock, any_time)
    page.get_by_text("More: less noise").click()
    page.get_by_label("Take out what was there before").fill("visits")
    page.get_by_label("Noise that the past explains").fill("50")
    needs(method="group_sequential", looks=3, spending="pocock", variance_explained=0.5)
    page.get_by_role("button", name="Add groups").click()
    expect(page.get_by_label("Known of a shopper")).to_be_focused()
    page.get_by_label("Known of a shopper").fill("gender")
    page.get_by_label("Its groups").fill("phone, desktop")
    apart = call("POST", "/power", {
        "baseline_rate": 0.1, "minimum_effect": 0.2, "method": "group_sequential", "looks": 3, "spending": "pocock",
        "variance_explained": 0.5, "alpha": 0.025})
    expect(takes).to_contain_text(f"{2 * apart['total']:,} in 2 groups")
    page.get_by_label("Move new shoppers").check()
    expect(takes).to_contain_text("Moving weights")
    page.get_by_label("Least share of a price").fill("60")
    page.get_by_label("Weights stand for").fill("2")

    # What the API refuses stands at its field, in its words, though it was folded away.
    page.get_by_text("More: less noise").click()
    page.get_by_role("button", name="Save as draft").click()
    summary = page.get_by_role("group", name="What has to be changed")
    for label, words in [
        ("Known of a shopper", "Prices are not compared by gender"),
        ("Read after this many shoppers", "Planned looks are at parts of a target sample size"),
        ("Looking", "read at any time"), ("Least share of a price", "one over the number of variants"),
        ("Weights stand for", "24 to 8,760 hours"),
    ]:
        expect(summary).to_contain_text(words)
        expect(page.get_by_label(label)).to_have_attribute("aria-invalid", "true")
    summary.get_by_role("link", name=re.compile("Prices are not compared")).click()
    expect(page.get_by_label("Known of a shopper")).to_be_focused()
    assert faults(page) == [], faults(page)
    page.get_by_label("Known of a shopper").fill("device")
    page.get_by_label("Move new shoppers").uncheck()
    expect(page.get_by_label("Weights stand for")).to_be_hidden()
    page.get_by_label("Read after this many shoppers").fill("600")
    page.get_by_role("button", name="Save and start").click()
    desk.settled("Tea, looked at thrice")
    desk.said("is running")
    identity = page.url.rsplit("/", 1)[1]
    plan = call("GET", f"/experiments/{identity}")["analysis"]
    assert (plan["covariate"], plan["looks"], plan["spending"], plan["bandit"], plan["segments"]) == (
        "visits", 3, "pocock", None, [{"attribute": "device", "values": ["phone", "desktop"]}]), plan
    expect(page.get_by_role("main")).to_contain_text("device: phone, desktop")
    expect(page.get_by_role("main")).to_contain_text("3 planned looks")

    # A draft is not told what to do with shoppers it cannot have, whatever its stream tells.
    draft = experiment("cup", name="Not begun", starts=False)
    with page.expect_response(lambda response: response.url.endswith("/live")):
        desk.open(f"/console/experiments/{draft}", "Not begun")
    page.wait_for_timeout(1500)
    expect(page.get_by_role("region", name="Now", exact=True)).to_have_count(0)
    desk.open(f"/console/experiments/{draft}/report", "Report")
    expect(page.get_by_role("group", name="Recommendation")).to_contain_text("Nothing to read yet")

    # Weights change between two halves of the shoppers: each half is compared with its own.
    shoppers("tea", range(0, 300), lambda number: number % 7 > 3, known)
    call("PATCH", f"/experiments/{identity}", {"variants": [{"name": "control", "weight": 2}]})
    shoppers("tea", range(300, 600), lambda number: number % 7 > 3, known)
    desk.open(f"/console/experiments/{identity}/report", "Report")
    told = call("GET", f"/experiments/{identity}/report")
    metric = told["metrics"][0]
    parts = page.get_by_role("region", name="By device, differences")
    expect(page.get_by_role("region", name="By device", exact=True).locator("svg.intervals circle")).to_have_count(2)
    for value in told["segments"][0]["values"][:2]:
        row = parts.get_by_role("row").filter(has_text=value["name"])
        variants = {one["name"]: one["n"] for one in value["variants"]}
        assert len(set(variants.values())) == 2, variants
        expect(row.get_by_role("cell").nth(1)).to_have_text(f"{variants['higher']:,}")
        expect(row.get_by_role("cell").nth(2)).to_have_text(f"{variants['control']:,}")
        expect(row).to_contain_text(f"{abs(value['comparisons'][0]['estimate']['difference']) / 100:.3f}")
    # The first day is an interval, not a line of no length.
    expect(page.get_by_role("region", name="Day by day").locator("svg.intervals circle")).to_have_count(1)
    looks = page.get_by_role("region", name="The looks")
    expect(looks.locator("tbody tr")).to_have_count(3)
    expect(looks).to_contain_text("waits for late sales")
    otherwise = page.get_by_role("region", name="Profit per visitor, the same difference read otherwise")
    adjusted = metric["comparisons"][0]["adjusted"]
    assert adjusted["covariate"] == "visits" and adjusted["variance_reduction"] > 0.3, adjusted
    expect(otherwise.get_by_role("row").filter(has_text="Less noise")).to_contain_text(f"{abs(adjusted['difference']) / 100:.3f}")
    expect(otherwise.get_by_role("row").filter(has_text="As counted")).to_contain_text(
        f"{abs(metric['comparisons'][0]['difference']) / 100:.3f}")
    expect(page.get_by_role("main")).to_contain_text(f"explains {adjusted['variance_reduction']:.0%} of the variance")
    page.get_by_text("each phase compared apart").click()
    expect(page.get_by_role("region", name="Profit per visitor in each phase").locator("tbody tr")).to_have_count(4)
    page.get_by_text("What is believed of the difference").first.click()
    believed = page.get_by_role("region", name="What is believed of the difference in profit per visitor")
    expect(believed).to_contain_text("Practically the same")
    expect(page.locator("details[open] canvas")).to_be_visible()
    assert faults(page) == [], faults(page)

    # One group's shoppers alone: an address of its own, figures of their own, and nothing to decide by them.
    page.get_by_label("Shoppers", exact=True).select_option(label="device: phone")
    page.wait_for_url("**/report/device%3Aphone")
    expect(page.get_by_text("Only the 300 of 600 shoppers")).to_be_visible()
    alone = call("GET", f"/experiments/{identity}/report?segment=device:phone")
    phones = alone["metrics"][0]
    assert sum(one["n"] for one in phones["variants"]) == 300, phones
    expect(page.get_by_role("region", name="Profit per visitor, differences")).to_contain_text(
        f"{abs(phones['comparisons'][0]['difference']) / 100:.3f}")
    expect(page.get_by_role("form", name="Decide")).to_have_count(0)
    expect(page.get_by_role("region", name="By device", exact=True)).to_have_count(0)
    assert faults(page) == [], faults(page)
    page.screenshot(path=os.path.join(folder, "report-segment.png"), full_page=True)
    with page.expect_download() as saved:
        page.get_by_role("button", name="As JSON").click()
    with open(saved.value.path()) as file:
        assert json.load(file)["segment"] == {"attribute": "device", "value": "phone"}
    page.reload()
    desk.settled("Report")
    expect(page.get_by_label("Shoppers", exact=True)).to_have_value("/device%3Aphone")
    page.go_back()
    expect(page.get_by_role("form", name="Decide")).to_be_visible()

    # Weights that follow what is learned.
    desk.open("/console/experiments/new", "New experiment")
    page.get_by_label("Name").first.fill("Cup")
    page.get_by_role("checkbox", name="cup").check()
    page.get_by_label("Price").nth(1).fill("12")
    page.get_by_text("More: less noise").click()
    page.get_by_label("Move new shoppers").check()
    page.get_by_label("Least share of a price").fill("20")
    page.get_by_role("button", name="Save and start").click()
    desk.settled("Cup")
    identity = page.url.rsplit("/", 1)[1]
    assert call("GET", f"/experiments/{identity}")["analysis"]["bandit"] == {"rule": "top_two", "floor": 0.2, "every_hours": 24}
    expect(page.get_by_role("main")).to_contain_text("at least 20% each")
    shoppers("cup", range(0, 100), lambda number: number % 3 == 0)
    desk.open(f"/console/experiments/{identity}/report", "Report")
    expect(page.get_by_role("region", name="Who was given which price")).to_contain_text("no price falls below 20%")
    desk.close()


def one_look(browser):
    """A plan of one look is read by what that look gives, and what must not fall stands in the report."""
    product("tea")
    identity = experiment("tea", analysis={"method": "fixed"}, target_sample_size=600, guardrails=[
        {"metric": "conversion_rate", "max_drop": 0.5}, {"metric": "units_per_visitor", "max_drop": 0.01}])
    shoppers("tea", range(600), lambda number: number % 3 == 0)
    told = call("GET", f"/experiments/{identity}/report")
    rate = next(one for one in told["metrics"] if one["name"] == "conversion_rate")["comparisons"][0]
    fixed, any_time = rate["fixed_horizon"], rate["confidence_sequence"]
    assert any_time["lower"] < fixed["interval"]["lower"], rate
    desk = Desk(browser, viewport={"width": 360, "height": 900})
    page = desk.page
    desk.sign_in()
    desk.settled("Experiments")
    desk.open(f"/console/experiments/{identity}/report", "Report")
    table = page.get_by_role("region", name="Conversion rate, differences")
    for one in (fixed["interval"]["lower"], fixed["interval"]["upper"]):
        expect(table).to_contain_text(f"{one * 100:+.2f} pp")
    for one in (fixed["relative_interval"]["lower"], fixed["relative_interval"]["upper"]):
        expect(table).to_contain_text(f"{one:+.1%}")
    expect(table).to_contain_text(f"{fixed['adjusted_p_value']:.2g}")
    expect(table).not_to_contain_text(f"{any_time['lower'] * 100:+.2f} pp")
    guards = page.get_by_role("region", name="Guardrails").locator("tbody tr")
    # An end that is not zero is not said as zero, in any unit.
    said = page.evaluate("""async () => {
      const { change, difference, ends } = await import("/console/format.js");
      const ratio = { unit: "ratio" }, usd = { unit: "money", currency: "USD" }, number = { unit: "count" };
      return [ends({ lower: -0.2713, upper: -0.0000042 }, difference, ratio), ends({ lower: 0.004, upper: 3 }, difference, usd),
        ends({ lower: -27.13, upper: -0.0004282 }, difference, number), ends({ lower: -0.2, upper: 0.00004 }, change),
        ends({ lower: 0, upper: 0 }, difference, ratio), ends({ lower: -4e-30, upper: 1 }, change)].flat();
    }""")
    assert said == [
        "-27.1300 pp", "-0.0004 pp", "+$0.00004", "+$0.03000", "-27.13", "-0.0004282", "-20.000%", "+0.004%", "0.00 pp", "0.00 pp",
        "-0.0000000004%", "+100.0000000000%"], said
    words = {"holds": "✓ holds", "open": "… not shown yet", "broken": "✕ broken"}
    states = [one["variants"][0]["state"] for one in told["guardrails"]]
    assert len(states) == 2 and states[0] != states[1], told["guardrails"]
    for row, state in enumerate(states):
        expect(guards.nth(row)).to_contain_text(words[state])
    assert faults(page) == [], faults(page)
    desk.close()


def limits(browser):
    """Who takes part, when, and what must not fall: planned in rows, refused in the API's words, kept as it was said."""
    for sku in ("tea", "cup", "pot"):
        product(sku, sku)
    desk = Desk(browser)
    page = desk.page
    desk.sign_in(path="/console/experiments/new")
    desk.settled("New experiment")
    takes = page.get_by_role("region", name="What it takes")
    page.get_by_label("Name").first.fill("Some, and few at first")
    page.get_by_role("checkbox", name="tea").check()
    page.get_by_label("Price").nth(1).fill("12")
    page.get_by_label("Share who buy").fill("10")
    page.get_by_label("Smallest change worth finding").fill("20")
    expect(page.get_by_label("Of them meet the conditions")).to_be_hidden()
    add = {kind: page.get_by_role("button", name=f"Add a {kind}") for kind in ("condition", "step", "guardrail")}
    add["condition"].click()
    expect(page.get_by_label("Attribute")).to_be_focused()
    page.get_by_role("button", name="Save as draft").click()
    summary = page.get_by_role("group", name="What has to be changed")
    expect(summary).to_contain_text("An attribute's name has 1 to 100 characters.")
    page.get_by_label("Attribute").fill("gender")
    page.get_by_role("button", name="Save as draft").click()
    expect(summary).to_contain_text("Say at least one value.")
    page.get_by_label("Compared with").fill("f")
    for hours, share in [("24", "10"), ("12", "200")]:
        add["step"].click()
        page.get_by_label("After", exact=True).last.fill(hours)
        page.get_by_label("Take part", exact=True).last.fill(share)
    for fall in ("150", "5"):
        add["guardrail"].click()
        page.get_by_label("Largest fall allowed").last.fill(fall)
    # What the API refuses stands at its row, in its words.
    with page.expect_response(lambda answer: answer.url.endswith("/api/v1/experiments")) as heard:
        page.get_by_role("button", name="Save as draft").click()
    refused = heard.value.json()["errors"]
    assert {one["pointer"] for one in refused} == {
        "/audience/gender", "/ramp/1/after_hours", "/ramp/1/coverage", "/guardrails/0/max_drop", "/guardrails/1"}, refused
    for one in refused:
        expect(summary.get_by_role("link", name=one["detail"])).to_be_visible()
    for field in (page.get_by_label("Attribute"), page.get_by_label("Take part", exact=True).nth(1), page.get_by_label("Largest fall allowed").first):
        expect(field).to_have_attribute("aria-invalid", "true")
    summary.get_by_role("link", name=re.compile("may not depend on")).click()
    expect(page.get_by_label("Attribute")).to_be_focused()
    assert faults(page) == [], faults(page)

    # Half of a thousand a day meet the conditions; a tenth of them for two days, then all.
    page.get_by_label("Attribute").fill("country")
    page.get_by_label("Compared with").fill("DE, AT")
    add["condition"].click()
    page.get_by_label("Attribute").nth(1).fill("visits")
    page.get_by_label("Condition", exact=True).nth(1).select_option("$gte")
    page.get_by_label("Compared with").nth(1).fill("often")
    page.get_by_label("Of them meet the conditions").fill("50")
    for place, (hours, share) in enumerate([("0", "10"), ("48", "100")]):
        page.get_by_label("After", exact=True).nth(place).fill(hours)
        page.get_by_label("Take part", exact=True).nth(place).fill(share)
    page.get_by_label("Largest fall allowed").first.fill("2.5")
    page.get_by_role("button", name="Remove profit_per_visitor").last.click()
    asked = {"baseline_rate": 0.1, "method": "sequential", "daily_visitors": 500}
    total = call("POST", "/power", {**asked, "minimum_effect": 0.2})["total"]
    reach = call("POST", "/power", {**asked, "days": 0.2 + 28})["detectable_effect"]
    expect(takes).to_contain_text(f"{2 + -(-(total - 100) // 500):.0f} days")
    expect(takes).to_contain_text(f"±{reach:.1%} in 30 days")
    page.get_by_role("button", name="Save and start").click()
    expect(summary).to_contain_text("“often” is not a number")
    page.get_by_label("Compared with").nth(1).fill("3")
    page.get_by_role("button", name="Save and start").click()
    desk.settled("Some, and few at first")
    desk.said("is running")
    made = call("GET", "/experiments/" + page.url.rsplit("/", 1)[1])
    assert made["audience"] == {"country": {"$in": ["DE", "AT"]}, "visits": {"$gte": 3}}, made
    assert made["guardrails"] == [{"metric": "profit_per_visitor", "max_drop": 0.025}], made
    assert made["ramp"] == [{"after_hours": 0, "coverage": 0.1}, {"after_hours": 48, "coverage": 1}], made
    for told in ["country is one of DE, AT; visits is at least 3", "profit per visitor by at most 2.5%", "10% from the start, 100% after 48 hours"]:
        expect(page.get_by_role("region", name="Plan")).to_contain_text(told)

    # A draft is shown as it was said; what rows cannot say stays.
    for sku, audience in [
        ("cup", {"$and": [{"visits": {"$gte": 1}}, {"visits": {"$lt": 10}}, {"member": {"$exists": False}}, {"plan": {"$nin": ["2", 2, "true", True]}}]}),
        ("pot", {"$or": [{"country": "DE"}, {"visits": {"$gt": 2}}]}),
    ]:
        draft = call("POST", "/experiments", {
            "name": sku, "products": [sku], "audience": audience, "ramp": [{"after_hours": 1.5, "coverage": 0.07}],
            "variants": [{"name": "a", "price": usd(1000)}, {"name": "b", "price": usd(1100)}]})
        desk.open(f"/console/experiments/{draft['id']}/edit", "Change the draft")
        if sku == "cup":
            expect(page.get_by_label("Attribute")).to_have_count(4)
            expect(page.get_by_label("Compared with").nth(3)).to_have_value("2, true")
            expect(page.get_by_label("Compared with").nth(2)).to_be_hidden()
        else:
            expect(page.get_by_text("more than rows can say")).to_be_visible()
        expect(page.get_by_label("Take part", exact=True)).to_have_value("7")
        page.get_by_role("button", name="Save the changes").click()
        desk.settled(sku)
        same = call("GET", f"/experiments/{draft['id']}")
        assert {**same, "version": 0} == {**draft, "version": 0}, (draft, same)
    desk.close()


def settings(browser):
    """What holds for all sales: tax, and what shoppers are told; refused in the API's words, nobody's change lost."""
    desk = Desk(browser)
    page = desk.page
    desk.sign_in()
    desk.settled("Experiments")
    page.get_by_role("navigation").get_by_role("link", name="Settings").click()
    desk.settled("Settings")
    used = call("GET", "/usage/current")
    page.get_by_text(f"Shoppers assigned this month: {used['assignments']:,}", exact=True).wait_for()
    call("PATCH", "/tenant", {"usage_limit": 123456})
    page.reload()
    desk.settled("Settings")
    page.get_by_text(f"Shoppers assigned this month: {used['assignments']:,} of 123,456, until").wait_for()
    call("PATCH", "/tenant", {"usage_limit": None})
    taxes = page.get_by_role("form", name="Taxes")
    save = taxes.get_by_role("button", name="Save")
    for place, rate in [("Germany", "19"), ("US-NY", "8.87500")]:
        taxes.get_by_role("button", name="Add a rate").click()
        expect(taxes.get_by_label("Country or region").last).to_be_focused()
        taxes.get_by_label("Country or region").last.fill(place[:6])
        taxes.get_by_label("Tax", exact=True).last.fill(rate)
    save.click()
    summary = taxes.get_by_role("group", name="What has to be changed")
    expect(summary).to_contain_text("“8.87500” is not a number such as 7.75, with at most four decimals")
    taxes.get_by_label("Tax", exact=True).last.fill("8,875")
    with page.expect_response("**/api/v1/taxes") as heard:
        save.click()
    refused = heard.value.json()["errors"]
    assert [one["pointer"] for one in refused] == ["/rates/0/place", "/home"], refused
    for one, label in zip(refused, ["Country or region", "Where you sell from"]):
        expect(summary).to_contain_text(one["detail"])
        expect(taxes.get_by_label(label).first).to_have_attribute("aria-invalid", "true")
    assert faults(page) == [], faults(page)
    taxes.get_by_label("Country or region").first.fill("DE")
    taxes.get_by_label("Where you sell from").fill("DE")
    taxes.get_by_label("Prices").select_option("false")
    save.click()
    desk.said("Taxes: the settings are saved.")
    kept = {"included": False, "rates": [{"place": "DE", "millionths": 190000}, {"place": "US-NY", "millionths": 88750}], "home": "DE"}
    assert call("GET", "/taxes") == kept, call("GET", "/taxes")
    # Saved again under the tag the first left; then somebody else is quicker.
    taxes.get_by_role("button", name="Remove US-NY").click()
    with page.expect_response("**/api/v1/taxes") as heard:
        save.click()
    assert heard.value.status == 200 and call("GET", "/taxes")["rates"] == kept["rates"][:1]
    theirs = {"included": True, "rates": [{"place": "AT", "millionths": 200000}], "home": "AT"}
    call("PUT", "/taxes", theirs)
    save.click()
    expect(taxes.get_by_role("alert")).to_be_visible()
    assert call("GET", "/taxes") == theirs
    page.reload()
    desk.settled("Settings")
    expect(taxes.get_by_label("Tax", exact=True)).to_have_value("20")

    told = page.get_by_role("form", name="Disclosure")
    told.get_by_label("Told with").select_option("experiments")
    told.get_by_label("Told where").select_option("everywhere")
    told.get_by_label("Where a shopper is").fill("Texas")
    with page.expect_response("**/api/v1/disclosure") as heard:
        told.get_by_role("button", name="Save").click()
    expect(told.get_by_role("group", name="What has to be changed")).to_contain_text(heard.value.json()["errors"][0]["detail"])
    told.get_by_label("Where a shopper is").fill("US-TX")
    told.get_by_role("button", name="Save").click()
    desk.said("Disclosure: the settings are saved.")
    assert call("GET", "/disclosure") == {"prices": "experiments", "places": "everywhere", "unknown_place": "US-TX"}
    told.get_by_label("Where a shopper is").fill("")
    with page.expect_response("**/api/v1/disclosure") as heard:
        told.get_by_role("button", name="Save").click()
    assert heard.value.status == 200 and call("GET", "/disclosure")["unknown_place"] is None
    desk.close()


def keyboard(browser):
    """From signing in to a running experiment without a mouse: Tab, Space, Enter and letters."""
    product("tea")
    desk = Desk(browser)
    page = desk.page
    page.goto(base + "/console/experiments/new")
    desk.settled("Sign in to the console")
    steps = 0

    def focused():
        return page.evaluate("""() => {
          const at = document.activeElement;
          return (at.labels?.[0] ?? at).textContent.trim() + (at.getAttribute("aria-label") ?? "");
        }""")

    def reach(text):
        nonlocal steps
        for _ in range(60):
            page.keyboard.press("Tab")
            steps += 1
            outline = page.evaluate("""() => {
              const style = getComputedStyle(document.activeElement);
              return [document.activeElement.tagName, style.outlineStyle, parseFloat(style.outlineWidth)];
            }""")
            assert outline[0] == "BODY" or (outline[1] != "none" and outline[2] >= 2), (focused(), outline)
            if text in focused():
                return
        raise AssertionError(f"Tab does not reach “{text}”")

    reach("Skip to the content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    reach("Key")
    page.keyboard.type(merchant)
    page.keyboard.press("Enter")
    desk.settled("New experiment")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    reach("Name")
    page.keyboard.type("By hand")
    reach("tea, $10.00")
    page.keyboard.press("Space")
    reach("Price")
    reach("Price")
    page.keyboard.type("11.50")
    reach("Add a price")
    page.keyboard.press("Enter")
    assert focused() == "Price", focused()
    page.keyboard.type("13")
    reach("Add a condition")
    page.keyboard.press("Enter")
    assert focused() == "Attribute", focused()
    page.keyboard.type("country")
    reach("Compared with")
    page.keyboard.type("DE")
    reach("Add a step")
    page.keyboard.press("Enter")
    assert focused() == "After", focused()
    page.keyboard.type("0")
    reach("Take part")
    page.keyboard.type("50")
    reach("Add a guardrail")
    page.keyboard.press("Enter")
    assert focused() == "Largest fall allowed", focused()
    page.keyboard.type("5")
    reach("Looking")
    page.keyboard.press("ArrowDown")
    reach("Save and start")
    page.keyboard.press("Enter")
    desk.settled("By hand")
    desk.said("is running")
    reach("Pause")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert focused() == "Pause", focused()
    made = call("GET", "/experiments/" + page.url.rsplit("/", 1)[1])
    assert [v["price"]["amount"] for v in made["variants"]] == [1000, 1150, 1300], made
    assert made["audience"] == {"country": {"$in": ["DE"]}} and made["ramp"] == [{"after_hours": 0, "coverage": 0.5}], made
    assert made["guardrails"] == [{"metric": "profit_per_visitor", "max_drop": 0.05}], made
    assert made["analysis"]["method"] == "fixed" and made["status"] == "running", made
    desk.close()


def weather(browser):
    """A network that fails, and an API that is busy."""
    product("tea")
    identity = experiment("tea")
    desk = Desk(browser)
    page = desk.page
    desk.sign_in()
    desk.settled("Experiments")
    page.route("**/api/v1/products*", lambda route: route.abort())
    page.get_by_role("link", name="Products").click()
    desk.settled("This page cannot be shown")
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute("**/api/v1/products*")
    page.get_by_role("button", name="Try again").click()
    desk.settled("Products")

    answers = []

    def busy(route):
        answers.append(route.request.url)
        if len(answers) > 1:
            return route.continue_()
        return route.fulfill(
            status=429, headers={"Retry-After": "1", "Content-Type": "application/problem+json"},
            body=json.dumps({"status": 429, "code": "rate_limited", "detail": "Slower, please."}))

    page.route("**/api/v1/keys*", busy)
    page.get_by_role("link", name="Keys").click()
    desk.said("asks for patience")
    desk.settled("Keys")
    assert len(answers) == 2, answers

    # The live page loses the server and finds it again by itself; what it showed stays.
    page.goto(base + f"/console/experiments/{identity}")
    desk.settled("Two prices")
    # The stream cannot be had after the next load, and neither can the report once the page stands.
    page.route("**/live", lambda route: route.abort())
    page.reload()
    desk.settled("Two prices")
    page.route("**/report?watch=true", lambda route: route.abort())
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(page.get_by_role("region", name="Now")).to_be_visible()
    page.unroute("**/report?watch=true")
    expect(page.get_by_role("alert")).to_have_count(0)

    # Without Chart.js the tables say the same.
    shoppers("tea", range(200), lambda number: number % 3 == 0)
    page.route("**/console/chart.js", lambda route: route.fulfill(status=404))
    desk.open(f"/console/experiments/{identity}/report", "Report")
    expect(page.get_by_role("region", name="What each price brought in").locator("tbody tr")).to_have_count(2)
    expect(page.locator(".chart")).to_have_count(0)
    page.unroute("**/console/chart.js")
    page.reload()
    expect(page.locator(".chart canvas:visible").first).to_be_visible()
    desk.close()


def pages(browser):
    """Each page in both schemes and two widths: names, roles, headings, contrast, room; and pictures of them."""
    for number, (title, price) in enumerate([("Green tea", 1000), ("Teapot with a rather long name", 4500), ("Cup", 900)]):
        product(f"item-{number}", title, price)
    identity = experiment("item-0", "What is green tea worth?", (1000, 1200, 1500), analysis={
        "covariate": "visits", "segments": [{"attribute": "device", "values": ["phone", "desktop"]}]}, guardrails=[
            {"metric": "conversion_rate", "max_drop": 0.1}, {"metric": "units_per_visitor", "max_drop": 0.5}])
    draft = experiment("item-1", "A draft", (4500, 4900), starts=False)
    chat = call("POST", "/conversations", {"shopper": "s-1", "language": "en"}, key=agent)["id"]
    for text in ("I look for green tea", "May I send it back when I do not like it?", "yes"):
        call("POST", f"/conversations/{chat}/messages", {"text": text}, key=agent)
    if call("GET", f"/conversations/{chat}")["state"] != "handed_off":
        call("POST", f"/conversations/{chat}/handoff")
    shoppers("item-0", range(600), lambda number: number % 5 == 0, known)
    call("PATCH", f"/experiments/{identity}", {"variants": [{"name": "control", "weight": 2}]})
    shoppers("item-0", range(600, 900), lambda number: number % 5 == 0, known)
    for decision in [{"action": "ship", "variant": "highest", "reason": "A reason in one’s own words, as long as people write them."}, {"policy": True}]:
        call("POST", f"/experiments/{identity}/decision", decision)
    visits = [
        ("experiments", "/console", "Experiments", ".card .health .good"),
        ("new-experiment", "/console/experiments/new", "New experiment", "text=each)"),
        ("experiment", f"/console/experiments/{identity}", "What is green tea worth?", "svg.intervals"),
        ("report", f"/console/experiments/{identity}/report", "Report", "canvas:visible"),
        ("decisions", "/console/decisions", "Decisions", "table"),
        ("edit", f"/console/experiments/{draft}/edit", "Change the draft", "text=each)"),
        ("products", "/console/products", "Products", "table"),
        ("product", "/console/products/item-1", "Teapot with a rather long name", "form"),
        ("chats", "/console/conversations", "Chats", "table"),
        ("chat", f"/console/conversations/{chat}", "Chat with s-1", "form"),
        ("agent", "/console/conversations/agent", "The agent", "form"),
        ("keys", "/console/keys", "Keys", "table"),
        ("settings", "/console/settings", "Settings", "form"),
        ("audit", "/console/audit", "Audit", "table"),
    ]
    found = []
    for width in (1280, 360):
        desk = Desk(browser, viewport={"width": width, "height": 900})
        page = desk.page
        page.add_init_script(WATCH_SHIFTS)

        def look(name, keeps=True):
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                for is_open in (True, False):
                    page.evaluate("isOpen => document.querySelectorAll('details').forEach((one) => { one.open = isOpen; })", is_open)
                    if is_open:
                        found.extend(f"{name} {width} {scheme}: {fault}" for fault in faults(page))
                if keeps:
                    page.screenshot(path=os.path.join(folder, f"{name}-{width}-{scheme}.png"), full_page=True)

        page.goto(base + "/console")
        desk.settled("Sign in to the console")
        look("sign-in", keeps=False)
        desk.sign_in()
        desk.settled("Experiments")
        for name, path, heading, sign in visits:
            desk.open(path, heading)
            page.locator(sign).first.wait_for()
            if name == "new-experiment":
                # All of the form, with what is folded away and what only some choices ask for.
                page.get_by_text("More: less noise").click()
                page.get_by_role("button", name="Add groups").click()
                page.get_by_label("Move new shoppers").check()
                page.get_by_label("Looking").select_option("group_sequential")
                for kind in ("condition", "condition", "step", "step", "guardrail"):
                    page.get_by_role("button", name=f"Add a {kind}").click()
                page.get_by_label("Condition", exact=True).last.select_option("known")
            moved = page.evaluate("shifts")
            if moved > 0.02:
                found.append(f"{name} {width}: the layout shifts by {moved:.3f}")
            look(name)
        desk.close()
    assert found == [], "\n".join(found)

    # The checks bite: a page that is spoilt on purpose is complained of.
    desk = Desk(browser)
    desk.sign_in()
    desk.settled("Experiments")
    desk.open("/console/keys", "Keys")
    for spoil, complaint in [
        ("document.documentElement.style.setProperty('--soft', '#999')", "contrast"),
        ("document.querySelector('main').append(Object.assign(document.createElement('p'), {id: 'nav'}))", "stands 2 times"),
        ("document.querySelector('h2').replaceWith(document.createElement('h4'))", "level 4 after 1"),
        ("document.querySelector('main').insertAdjacentHTML('beforeend', '<section><svg role=img aria-label=Curve></svg></section>')", "no table beneath “Curve”"),
        ("document.querySelector('main button').removeAttribute('aria-label'), document.querySelector('main button').textContent = ''", "a button has no name"),
        ("document.querySelector('label').remove()", "a textbox has no name"),
        ("document.querySelector('h1').textContent = 'x'.repeat(400), document.querySelector('h1').classList.add('number')", "too wide"),
    ]:
        desk.page.evaluate(spoil)
        assert any(complaint in fault for fault in faults(desk.page)), (complaint, faults(desk.page))
    desk.close()


WATCH_HEADING = """
addEventListener("DOMContentLoaded", () => new MutationObserver((_, observer) => {
  if (!document.querySelector("main h1")) return;
  observer.disconnect();
  requestAnimationFrame(() => { globalThis.whole = performance.now(); });
}).observe(document.querySelector("main"), { childList: true, subtree: true }));
"""


def first_paint(browser):
    """Prints, for each page, the median and the most of twelve loads in milliseconds: the first paint, and the whole page."""
    product("tea")
    identity = experiment("tea")
    shoppers("tea", range(400), lambda number: number % 4 == 0)
    desk = Desk(browser)
    desk.page.add_init_script(WATCH_HEADING)
    desk.sign_in()
    desk.settled("Experiments")
    for path in ["", "/experiments/new", f"/experiments/{identity}", f"/experiments/{identity}/report", "/products", "/settings"]:
        times = []
        for _ in range(12):
            desk.page.goto(base + "/console" + path)
            desk.page.wait_for_function("() => globalThis.whole !== undefined")
            times.append(desk.page.evaluate("[performance.getEntriesByName('first-contentful-paint')[0].startTime, whole]"))
        firsts, wholes = (sorted(round(one) for one in column) for column in zip(*times))
        print(f"/console{path}: first {firsts[6]} (most {firsts[-1]}), whole {wholes[6]} (most {wholes[-1]})", file=sys.stderr)
    desk.close()


with sync_playwright() as playwright:
    # Root has no sandbox to offer; the pages are our own.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments, timeout=PATIENCE)
    try:
        globals()[scenario](chromium)
    finally:
        chromium.close()
