// The demo shop: asks the API for each shopper's prices, tells it of sales, and reads the report as it changes.

const api = "/api/v1";
const $ = (id) => document.getElementById(id);

const firstShoppers = ["Ada", "Antoine", "Beatrice", "Chen", "Dalia"];
const moreNames = ["Emil", "Farah", "Goro", "Hanna", "Ines", "Jonas", "Kavya", "Luis", "Mina", "Noor", "Olu", "Petra"];

const state = {
  config: null,
  products: [],
  shoppers: firstShoppers.map((name) => ({ name, id: `demo-${name.toLowerCase()}` })),
  current: 0,
  metric: "profit_per_visitor",
  report: null,
  bought: new Map(),
};

/** Calls the API; an answer that is not a success becomes an error with the problem's own sentence. */
async function call(path, key, body) {
  const headers = { Authorization: `Bearer ${key}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(api + path, {
    method: body === undefined ? "GET" : "POST",
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    cache: "no-store",
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? answer.title ?? `HTTP ${response.status}`);
  return answer;
}

/** Makes an element; attributes by name, children as nodes or text. */
function make(tag, attributes = {}, ...children) {
  const isDrawing = ["svg", "rect", "path", "line", "text", "use", "g", "title"].includes(tag);
  const element = isDrawing
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

// MARK: Shop

function showShoppers() {
  const chips = state.shoppers.map((shopper, place) => {
    const chip = make("button", { type: "button", "aria-pressed": String(place === state.current) }, shopper.name);
    chip.addEventListener("click", () => enter(place));
    return chip;
  });
  const fresh = make("button", { type: "button", class: "new" }, "+ New shopper");
  fresh.addEventListener("click", () => {
    const number = state.shoppers.length - firstShoppers.length;
    const name = moreNames[number % moreNames.length] + (number >= moreNames.length ? ` ${1 + Math.floor(number / moreNames.length)}` : "");
    state.shoppers.push({ name, id: `demo-${crypto.randomUUID()}` });
    enter(state.shoppers.length - 1, true);
  });
  $("shoppers").replaceChildren(...chips, fresh);
  $("shopper-name").textContent = state.shoppers[state.current].name;
}

/** Opens the shop as a shopper: asks for their price of everything. */
async function enter(place, focuses = false) {
  state.current = place;
  const shopper = state.shoppers[place];
  const hadFocus = focuses || $("shoppers").contains(document.activeElement);
  showShoppers();
  if (hadFocus) $("shoppers").children[place].focus();
  chat(shopper);
  try {
    const quotes = await Promise.all(
      state.products.map((product) => call("/quotes", state.config.agent, { shopper: shopper.id, product: product.sku })),
    );
    if (state.current === place) showShelf(shopper, quotes);
  } catch (error) {
    say(`No prices: ${error.message}`, true);
  }
}

/** Puts the chat on the page, in a session of this shopper's: as a shop's own server would open one for who signed in. */
async function chat(shopper) {
  try {
    const opened = await call("/sessions", state.config.agent, { shopper: shopper.id });
    if (state.shoppers[state.current] !== shopper) return;
    const wasOpen = document.querySelector("cournot-chat")?.isOpen ?? false;
    document.querySelector("cournot-chat")?.remove();
    document.body.append(
      make("cournot-chat", { session: opened.session, memory: shopper.id, label: "Ask Ember & Ash", open: wasOpen }));
  } catch (error) {
    say(`No chat: ${error.message}`, true);
  }
}

const reasons = {
  split: "assigned on this first visit, and kept from now on",
  sticky: "the same as on the first visit",
  no_experiment: "not under test: everybody pays this",
  not_in_audience: "not in the experiment: the list price",
  holdout: "held out of the experiment: the list price",
  paused_intake: "the experiment takes nobody new: the list price",
  usage_limit: "this month's limit is reached: the list price",
  layer_taken: "in another experiment: the list price",
  fallback: "the list price, for now",
};

function showShelf(shopper, quotes) {
  $("shelf").replaceChildren(...quotes.map((quote, place) => card(shopper, state.products[place], quote)));
  $("shelf").setAttribute("aria-busy", "false");
}

function card(shopper, product, quote) {
  const symbol = document.getElementById(`art-${product.sku}`) ? product.sku : "other";
  const isTested = quote.experiment?.variant != null;
  const why = isTested
    ? `${shopper.name}'s price, “${quote.experiment.variant}”: ${reasons[quote.experiment.reason] ?? quote.experiment.reason}`
    : reasons[quote.experiment?.reason ?? quote.reason ?? "no_experiment"];
  const already = state.bought.get(`${shopper.id}/${product.sku}`) ?? 0;
  const buy = make("button", { type: "button", class: "buy", "aria-label": `Buy ${product.title} for ${quote.price.display}` }, already ? "Buy again" : "Buy");
  buy.addEventListener("click", () => purchase(shopper, product, quote, buy));
  return make("li", { class: isTested ? "item tested" : "item" },
    make("svg", { class: "art", "aria-hidden": "true", viewBox: "0 0 96 96" }, make("use", { href: `#art-${symbol}` })),
    make("h3", {}, product.title),
    make("p", { class: "about" }, product.description ?? ""),
    make("div", { class: "till" },
      make("p", { class: "tag" }, make("span", { class: "price" }, quote.price.display), make("span", { class: "why" }, why)),
      buy));
}

/** Tells of a sale, with the quote it was made on. */
async function purchase(shopper, product, quote, button) {
  button.disabled = true;
  const id = crypto.randomUUID();
  try {
    const answer = await call("/events", state.config.agent, [{
      id, type: "conversion", shopper: shopper.id, quote: quote.id, order: `order-${id}`, timestamp: new Date().toISOString(),
    }]);
    if (answer.rejected?.length) throw new Error(answer.rejected[0].detail);
    const place = `${shopper.id}/${product.sku}`;
    state.bought.set(place, (state.bought.get(place) ?? 0) + 1);
    button.textContent = "Buy again";
    say(`${shopper.name} bought ${product.title} for ${quote.price.display}. It is in the report.`);
  } catch (error) {
    say(`Not bought: ${error.message}`, true);
  } finally {
    button.disabled = false;
  }
}

function say(text, isBad = false) {
  $("said").textContent = text;
  $("said").classList.toggle("bad", isBad);
}

// MARK: Report

const count = new Intl.NumberFormat("en");
const percent = new Intl.NumberFormat("en", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });

/** A probability that is never called certain. */
function chance(value) {
  if (value == null) return "–";
  if (value > 0.99) return "> 99%";
  return value < 0.01 ? "< 1%" : whole.format(value);
}

const metricOf = (report, name) => report.metrics.find((metric) => metric.name === name);
const money = (minor) => `$${(minor / 100).toFixed(2)}`;
const formatter = (metric) => (metric.name === "conversion_rate" ? (value) => percent.format(value) : money);

/** What the simulated shoppers really do at a price: the parameters come from the demo itself. */
function truth(metric, price) {
  const demand = state.config.demand;
  if (!demand || price === undefined) return undefined;
  const rate = 1 / (1 + Math.exp(-(demand.intercept + demand.slope * price / 100)));
  if (metric === "conversion_rate") return rate;
  return rate * (metric === "revenue_per_visitor" ? price : price - demand.unit_cost * 100);
}

const actions = {
  ship: (variant) => `Charge ${priceName(variant)}`,
  stop: () => "Stop the experiment",
  continue: () => "Keep going",
  inconclusive: () => "No clear winner",
};

const priceOf = (variant) => state.config.prices?.[variant];
const priceName = (variant) => (priceOf(variant) === undefined ? variant : money(priceOf(variant)));

function showReport() {
  const report = state.report;
  if (!report) return;
  const { action, variant, sentence } = report.recommendation;
  $("verdict").hidden = false;
  $("verdict").className = `verdict ${action}`;
  setText("action", actions[action]?.(variant) ?? action);
  setText("sentence", sentence);

  const conversion = metricOf(report, "conversion_rate");
  const shoppers = conversion.variants.reduce((sum, one) => sum + one.n, 0);
  const sales = conversion.variants.reduce((sum, one) => sum + (one.total ?? Math.round((one.estimate ?? 0) * one.n)), 0);
  figures([
    ["Shoppers", count.format(shoppers)],
    ["Bought", count.format(sales)],
    ["Rate", shoppers ? percent.format(sales / shoppers) : "–"],
  ]);

  const metric = metricOf(report, state.metric) ?? report.metrics[0];
  $("chart").replaceChildren(chart(metric));
  const level = metric.variants.find((one) => one.interval)?.interval.level;
  if (level) $("level").textContent = whole.format(level);
  $("truth-key").hidden = !state.config.demand;
  $("rows").replaceChildren(...conversion.variants.map((one) => row(one, metric)));
  const notes = report.data_quality?.warnings ?? [];
  setText("notes", notes.join(" "));
}

/** Leaves text alone that has not changed, so that nobody hears it read out again. */
function setText(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

function figures(list) {
  $("figures").replaceChildren(...list.map(([name, value]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

function row(one, metric) {
  const best = metric.variants.find((other) => other.name === one.name)?.probability_best;
  const sales = one.total ?? Math.round((one.estimate ?? 0) * one.n);
  return make("tr", {},
    make("th", { scope: "row" }, priceName(one.name)),
    make("td", {}, count.format(one.n)),
    make("td", {}, count.format(sales)),
    make("td", {}, one.estimate == null ? "–" : percent.format(one.estimate)),
    make("td", {}, chance(best)));
}

/** Round steps that cut 0…most into about four parts. */
function ticks(most) {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((size) => size >= rough);
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, place) => place * step);
}

/** Bars with their intervals, one a price. */
function chart(metric) {
  const show = formatter(metric);
  const width = Math.max(260, $("chart").clientWidth), left = 78, right = 14, rowHeight = 52, bottom = 22;
  const rows = metric.variants;
  const height = rows.length * rowHeight + bottom;
  const values = rows.flatMap((one) => [one.estimate ?? 0, one.interval?.upper ?? 0, truth(metric.name, priceOf(one.name)) ?? 0]);
  const most = Math.max(...values, 1e-9) * 1.04;
  const x = (value) => left + Math.max(0, Math.min(1, value / most)) * (width - left - right);
  const best = rows.reduce((top, one) => ((one.estimate ?? -1) > (top?.estimate ?? -1) ? one : top), undefined);
  const name = { conversion_rate: "Conversion rate", revenue_per_visitor: "Revenue per visitor", profit_per_visitor: "Profit per visitor" }[metric.name] ?? metric.name;
  const sentence = rows.map((one) => `${priceName(one.name)}: ${one.estimate == null ? "unknown" : show(one.estimate)}`).join(", ");
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${name}. ${sentence}` });

  for (const value of ticks(most)) {
    svg.append(
      make("line", { class: "grid", x1: x(value), x2: x(value), y1: 0, y2: height - bottom + 4 }),
      make("text", { class: "tick", x: x(value), y: height - 4, "text-anchor": "middle" }, show(value)));
  }
  rows.forEach((one, place) => {
    const top = place * rowHeight + 8;
    const middle = top + 18;
    svg.append(
      make("text", { x: 0, y: middle - 1 }, priceName(one.name)),
      make("text", { class: "sub", x: 0, y: middle + 15 }, one.name));
    if (one.estimate == null) return;
    svg.append(make("rect", { class: one === best ? "bar best" : "bar", x: left, y: top + 6, width: Math.max(1, x(one.estimate) - left), height: 24, rx: 3 }));
    if (one.interval) {
      const [from, to] = [x(one.interval.lower), x(one.interval.upper)];
      svg.append(make("path", { class: "whisker", d: `M${from} ${middle}H${to}M${from} ${middle - 6}v12M${to} ${middle - 6}v12` }));
    }
    const real = truth(metric.name, priceOf(one.name));
    if (real !== undefined) {
      svg.append(make("path", { class: "truth", d: `M${x(real)} ${middle - 6}l6 6l-6 6l-6-6z` },
        make("title", {}, `Truth: ${show(real)}`)));
    }
  });
  return svg;
}

/** Reads the report again and again; not while nobody looks. */
async function follow() {
  if (!document.hidden) {
    try {
      state.report = await call(`/experiments/${state.config.experiment}/report`, state.config.analyst);
      showReport();
      $("updated").textContent = `Live: every shopper and every sale until ${new Date().toLocaleTimeString()}`;
      $("pulse").className = "pulse on";
      requestAnimationFrame(() => $("pulse").classList.add("beat"));
    } catch (error) {
      $("updated").textContent = `No report: ${error.message}`;
      $("pulse").className = "pulse";
    }
  }
  setTimeout(follow, 1000);
}

async function start() {
  try {
    state.config = await (await fetch("/demo/config.json", { cache: "no-store" })).json();
    const { data } = await call("/products?limit=200", state.config.analyst);
    state.products = data.sort((a, b) => (b.sku === state.config.product) - (a.sku === state.config.product));
  } catch (error) {
    say(`The shop is closed: ${error.message}`, true);
    return;
  }
  for (const input of document.querySelectorAll('input[name="metric"]')) {
    input.addEventListener("change", () => {
      state.metric = input.value;
      showReport();
    });
  }
  addEventListener("resize", showReport);
  follow();
  await enter(0);
}

start();
