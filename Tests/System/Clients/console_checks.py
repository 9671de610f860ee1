"""What must hold of every page for those who cannot see it, see it badly, or have no mouse."""

# Contrast is computed from what the browser resolved: each text against the backgrounds beneath it.
IN_PAGE = """
() => {
  const faults = [];
  const say = (element, text) => faults.push(`${text}: <${element.tagName.toLowerCase()}> “${element.textContent.trim().slice(0, 40)}”`);
  const visible = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

  const ids = new Map();
  for (const element of document.querySelectorAll("[id]")) ids.set(element.id, (ids.get(element.id) ?? 0) + 1);
  for (const [id, times] of ids) if (times > 1) faults.push(`the id ${id} stands ${times} times`);
  for (const name of ["for", "aria-labelledby", "aria-describedby", "aria-controls"]) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      for (const id of element.getAttribute(name).split(/\\s+/)) if (!ids.has(id)) say(element, `${name} leads to no ${id}`);
    }
  }

  for (const picture of document.querySelectorAll("canvas, svg[role=img]")) {
    const tables = picture.closest("section, details")?.querySelectorAll("table") ?? [];
    if (![...tables].some((table) => picture.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING)) {
      say(picture.parentElement, `no table beneath “${picture.getAttribute("aria-label")}”`);
    }
  }
  if (!document.documentElement.lang) faults.push("the page has no language");
  for (const [landmark, times] of [["main", 1], ["header", 1], ["h1", 1]]) {
    const found = [...document.querySelectorAll(landmark)].filter(visible).length;
    if (found !== times) faults.push(`${found} <${landmark}>`);
  }
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    if (!visible(heading)) continue;
    const own = Number(heading.tagName[1]);
    if (own > level + 1) say(heading, `a heading of level ${own} after ${level}`);
    level = own;
  }
  for (const element of document.querySelectorAll("[style]:not([style=''])")) {
    // Scripts may set styles; markup may not, and nothing of ours should.
    if (element.tagName !== "CANVAS" && !element.closest(".chart")) say(element, "has a style of its own");
  }

  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, bottom) => [0, 1, 2].map((i) => top[i] * top[3] + bottom[i] * (1 - top[3])).concat(1);
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      layers.push(color);
      if (color[3] === 1) break;
    }
    const canvasColor = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
    return layers.reverse().reduce((bottom, top) => over(top, bottom), canvasColor);
  };
  const light = (color) => {
    const [r, g, b] = color.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !visible(element) || ["OPTION", "NOSCRIPT", "TITLE"].includes(element.tagName)) continue;
    const box = element.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue;
    const style = getComputedStyle(element);
    const back = ground(element);
    const ink = rgba(element instanceof SVGElement ? style.fill : style.color);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = contrast(over(ink, back), back);
    texts += 1;
    if (ratio < (isLarge ? 3 : 4.5)) say(element, `contrast ${ratio.toFixed(2)}`);
  }
  if (texts < 5) faults.push(`only ${texts} texts were looked at`);
  for (const control of document.querySelectorAll("input, select, textarea")) {
    if (!visible(control)) continue;
    const style = getComputedStyle(control);
    if (control.type !== "checkbox" && contrast(rgba(style.borderTopColor), ground(control.parentElement)) < 3) say(control, "its edge can hardly be seen");
    if (control.placeholder) {
      const ratio = contrast(rgba(getComputedStyle(control, "::placeholder").color), ground(control));
      if (ratio < 4.5) say(control, `the placeholder's contrast is ${ratio.toFixed(2)}`);
    }
  }
  for (const control of document.querySelectorAll("button, input, select, textarea, summary, nav a, .button")) {
    const box = control.getBoundingClientRect();
    if (visible(control) && (box.height < 20 || box.width < 20)) say(control, `is ${box.width} by ${box.height}`);
  }
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) faults.push(`the page is ${page.scrollWidth - page.clientWidth} px too wide`);
  return faults;
}
"""

NAMED = {
    "button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "spinbutton", "image", "img", "region",
    "dialog", "navigation", "table", "form", "group", "listbox", "heading",
}


def faults(page):
    """All that is wrong with the page as it is now."""
    found = page.evaluate(IN_PAGE)
    session = page.context.new_cdp_session(page)
    seen = set()
    for node in session.send("Accessibility.getFullAXTree")["nodes"]:
        role = node.get("role", {}).get("value")
        if node.get("ignored") or role not in NAMED:
            continue
        seen.add(role)
        # A fieldset of the browser's own inside a control, such as that of a file, has no name and needs none.
        if not node.get("name", {}).get("value", "").strip() and role != "group":
            found.append(f"a {role} has no name")
    session.detach()
    if not {"heading", "button"} <= seen:
        found.append(f"the browser tells only of {sorted(seen)}")
    return found
