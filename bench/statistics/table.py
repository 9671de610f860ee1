"""Sets our measurements (first file) beside the peers' (the rest) with the ratio and the goal."""

import sys

GOALS = {
    "P(B>A), losses: 10 of 100": "<= 1 us", "P(B>A), losses: 100 of 1,000": "<= 1 us",
    "P(B>A), losses: Jeffreys prior, 100 of 1,000": "<= 30 us",
    "incomplete beta, small": ">= 3 x", "incomplete beta, medium": ">= 3 x", "incomplete beta, large": ">= 3 x",
    "betting confidence sequence, an update (n = 10,000)": "<= 5 us",
    "group sequential bounds, K = 5 O'Brien-Fleming spending": "<= 1 ms",
    "group sequential bounds, K = 5 Pocock": "<= 1 ms",
    "Benjamini-Hochberg, 10,000 p-values": "<= 200 us",
    "metric analysis, conversion": ">= 500 x", "metric analysis, revenue": ">= 500 x",
    "logit demand: fit, optimal price, interval": "<= 20 us",
}


def human(ns):
    for limit, unit in ((1e3, "ns"), (1e6, "us"), (1e9, "ms")):
        if ns < limit:
            return f"{ns / (limit / 1e3):.3g} {unit}"
    return f"{ns / 1e9:.3g} s"


def main():
    ours = [line.rstrip("\n").split("\t") for line in open(sys.argv[1]) if "\t" in line]
    peers = {}
    for path in sys.argv[2:]:
        for line in open(path):
            if line.count("\t") == 2:
                name, who, value = line.rstrip("\n").split("\t")
                peers.setdefault(name, []).append((who, float(value)))
    print("| what | ours | goal | | peer | theirs | ratio |")
    print("|---|---:|---:|---|---|---:|---:|")
    for name, value in ours:
        value = float(value)
        goal = GOALS.get(name, "<= 30 us" if name.startswith("P(B>A)") else "")
        rows = peers.get(name, [("", None)])
        met = verdict(goal, value, rows)
        for index, (who, theirs) in enumerate(rows):
            left = f"| {name} | {human(value)} | {goal} | {met} " if index == 0 else "| | | | "
            right = f"| {who} | {human(theirs)} | {theirs / value:.3g} |" if theirs else "| | | |"
            print(left + right)


def verdict(goal, value, rows):
    if not goal:
        return ""
    kind, number, unit = goal.split()
    if unit == "x":
        first = next((theirs for _, theirs in rows if theirs), None)
        if first is None:
            return "no peer"
        return "met" if first / value >= float(number) else "missed"
    return "met" if value <= float(number) * {"us": 1e3, "ms": 1e6}[unit] else "missed"


if __name__ == "__main__":
    main()
