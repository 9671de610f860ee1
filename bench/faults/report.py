"""Figures asked and seen, and the table of them."""
from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field


@dataclass
class Figure:
    what: str
    asked: str
    seen: str
    is_met: bool


@dataclass
class Result:
    """One row of the matrix."""

    row: str
    title: str
    #: What was done, in a sentence.
    done: str = ""
    figures: list[Figure] = field(default_factory=list)
    #: What people should know beside the figures.
    notes: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def is_passed(self) -> bool:
        return bool(self.figures) and all(figure.is_met for figure in self.figures)

    def add(self, what: str, asked: str, seen: str, is_met: bool) -> None:
        self.figures.append(Figure(what, asked, seen, bool(is_met)))

    def none(self, what: str, found: Iterable[object] | int) -> None:
        """Nothing of a kind may be found; the first few that are, are shown."""
        if isinstance(found, int):
            self.add(what, "0", str(found), found == 0)
            return
        listed = list(found)
        shown = f": {'; '.join(str(item) for item in listed[:3])}" if listed else ""
        self.add(what, "0", f"{len(listed)}{shown}", not listed)

    def at_most(self, what: str, limit: float, seen: float | None, unit: str = "", digits: int = 2) -> None:
        text = "nothing to measure" if seen is None else f"{seen:,.{digits}f}{unit}"
        self.add(what, f"<= {limit:,.{digits}f}{unit}", text, seen is not None and seen <= limit)

    def at_least(self, what: str, limit: float, seen: float | None, unit: str = "", digits: int = 2) -> None:
        text = "nothing to measure" if seen is None else f"{seen:,.{digits}f}{unit}"
        self.add(what, f">= {limit:,.{digits}f}{unit}", text, seen is not None and seen >= limit)

    def text(self) -> str:
        lines = [f"{self.row} {self.title}: {'PASS' if self.is_passed else 'FAIL'} ({self.seconds:.0f} s)"]
        if self.done:
            lines.append(f"  done: {self.done}")
        width = max((len(figure.what) for figure in self.figures), default=0)
        for figure in self.figures:
            mark = "ok  " if figure.is_met else "FAIL"
            lines.append(f"  {mark} {figure.what:<{width}}  asked {figure.asked}, seen {figure.seen}")
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)


def table(results: list[Result]) -> str:
    """A line a row, in Markdown."""
    lines = ["| row | fault | verdict | figures |", "|---|---|---|---|"]
    for result in results:
        figures = "; ".join(
            f"{'' if figure.is_met else '**'}{figure.what} {figure.seen} ({figure.asked}){'' if figure.is_met else '**'}"
            for figure in result.figures)
        lines.append(f"| {result.row} | {result.title} | {'pass' if result.is_passed else '**fail**'} | {figures} |")
    return "\n".join(lines)


def as_json(results: list[Result]) -> str:
    return json.dumps([{**asdict(result), "passed": result.is_passed} for result in results], indent=1)


def share(part: int, whole: int) -> float | None:
    """In percent."""
    return 100 * part / whole if whole else None


def quantile(values: Iterable[float], level: float) -> float | None:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(level * len(ordered)))] if ordered else None
