"""Holds each picture of a report in pixels beside what a browser makes of its SVG.

usage: pictures.py BASE_URL EXPERIMENT ANALYST_KEY PROGRAM CSV_FILE FOLDER
Ends well if every PNG shows what its SVG shows; they are left in FOLDER.
"""
import base64
import json
import os
import struct
import subprocess
import sys
import urllib.error
import urllib.request

from playwright.sync_api import sync_playwright

base, experiment, analyst, program, file, folder = sys.argv[1:7]

# Both drawn small, so that fonts differ by little: a mean difference of grey from 0 to 1.
COMPARE = """
async ([svg, png]) => {
  const [width, height] = [96, 64];
  const greys = async (address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return { size: [image.naturalWidth, image.naturalHeight],
      grey: Array.from({ length: width * height }, (_, at) => (data[4 * at] + data[4 * at + 1] + data[4 * at + 2]) / 765) };
  };
  const [a, b] = [await greys(svg), await greys(png)];
  const apart = a.grey.reduce((sum, grey, at) => sum + Math.abs(grey - b.grey[at]), 0) / a.grey.length;
  const ink = b.grey.filter((grey) => grey < 0.95).length / b.grey.length;
  return { apart, ink, sizes: [a.size, b.size] };
}
"""


def ask(query):
    request = urllib.request.Request(
        f"{base}/api/v1/experiments/{experiment}/report?{query}", headers={"Authorization": "Bearer " + analyst})
    with urllib.request.urlopen(request, timeout=90) as answer:
        return answer.headers["Content-Type"], answer.read()


def refused(query):
    try:
        ask(query)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["code"]
    raise AssertionError(query + " is answered")


def data(kind, body):
    return f"data:{kind};base64,{base64.b64encode(body).decode()}"


def size(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and png[12:16] == b"IHDR" and png[-8:-4] == b"IEND", png[:32]
    return struct.unpack(">II", png[16:24])


names = ["difference", "estimates", "conversion", "revenue", "posterior", "sample_ratio", "history", "demand", "profit",
         "funnel", "allocation", "distribution"]
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    page = browser.new_page(color_scheme="light")
    drawn = {}
    for name in names:
        kind, svg = ask(f"format=svg&picture={name}")
        assert kind == "image/svg+xml", kind
        kind, png = ask(f"format=png&picture={name}")
        assert kind == "image/png", kind
        drawn[name] = (data("image/svg+xml", svg), data("image/png", png))
        with open(os.path.join(folder, f"picture-{name}.png"), "wb") as out:
            out.write(png)
        assert size(png)[0] == 1600, size(png)
    faults = []
    for place, name in enumerate(names):
        seen = page.evaluate(COMPARE, list(drawn[name]))
        width, height = seen["sizes"][0]
        if abs(seen["sizes"][1][1] / 2 - height) > 1:
            faults.append(f"{name}: {seen['sizes']}")
        # Another picture is further away: the comparison can fail.
        other = page.evaluate(COMPARE, [drawn[names[place - 1]][0], drawn[name][1]])
        if not (seen["apart"] < 0.05 and seen["apart"] < other["apart"] / 1.5 and seen["ink"] > 0.02):
            faults.append(f"{name}: {seen['apart']:.3f} apart, {other['apart']:.3f} from another, ink {seen['ink']:.3f}")
    assert not faults, faults
    browser.close()

assert size(ask("format=png&picture=funnel&scale=1")[1])[0] == 800
for query in ["format=png&picture=funnel&scale=4", "format=png&picture=funnel&scale=x", "format=svg&picture=funnel&scale=1",
              "format=png", "format=png&picture=nothing", "scale=1"]:
    assert refused(query) == (422, "invalid_parameter"), query

# The command draws the same; without the library it says so, and what has to be installed.
shown = subprocess.run([program, "analyze", file, "--png", "demand"], capture_output=True, check=True)
assert size(shown.stdout)[0] == 1600
assert subprocess.run([program, "analyze", file, "--svg", "demand"], capture_output=True, check=True).stdout[:4] == b"<svg"
broken = os.path.join(folder, "no-library")
os.makedirs(broken, exist_ok=True)
with open(os.path.join(broken, "librsvg-2.so.2"), "w") as out:
    out.write("no library")
path = broken + ":" + os.environ.get("LD_LIBRARY_PATH", "")
lacking = subprocess.run([program, "analyze", file, "--png", "demand"], capture_output=True, env={**os.environ, "LD_LIBRARY_PATH": path})
assert lacking.returncode == 1 and b"librsvg2-2" in lacking.stderr and lacking.stdout == b"", lacking
