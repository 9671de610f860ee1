"""What requests met within a span of time."""
from __future__ import annotations

from load import Attempt, Load
from report import Result, quantile, share


class Window:
    """The attempts that began within [start, end)."""

    def __init__(self, load: Load, start: float, end: float):
        self.attempts = [attempt for attempt in load.attempts if start <= attempt.at < end]
        self.start, self.end = start, end
        self.load = load

    def of(self, *kinds: str) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.kind in kinds]

    def served(self, *kinds: str) -> float | None:
        """Percent of first attempts that were served."""
        first = [attempt for attempt in self.of(*kinds) if attempt.is_first]
        return share(sum(attempt.is_served for attempt in first), len(first))

    def slow(self, level: float, *kinds: str) -> float | None:
        """A quantile of how long answers took, in milliseconds; of all that were answered."""
        found = quantile((attempt.seconds for attempt in self.of(*kinds) if attempt.status), level)
        return None if found is None else found * 1000

    @property
    def longest(self) -> float:
        return max((attempt.seconds for attempt in self.attempts), default=0.0)

    def faults(self, *kinds: str) -> str:
        """Which failures there were, counted."""
        counts: dict[str, int] = {}
        for attempt in self.of(*kinds):
            if not attempt.is_served:
                name = str(attempt.status) if attempt.status else attempt.fault[:40]
                counts[name] = counts.get(name, 0) + 1
        return ", ".join(f"{count} × {name}" for name, count in sorted(counts.items())) or "none"


def recovery(load: Load, ended: float) -> float:
    """Seconds from the fault's end until the last request that failed afterwards; 0 when none did."""
    return max((attempt.at + attempt.seconds - ended for attempt in load.attempts
                if attempt.at >= ended and not attempt.is_served), default=0.0)


def note_late_failures(result: Result, load: Load, ended: float) -> None:
    late = Window(load, ended + 2, float("inf"))
    kinds = sorted({attempt.kind for attempt in late.attempts if not attempt.is_served})
    if kinds:
        result.notes.append("failures later than 2 s after the fault: " + "; ".join(
            f"{kind} {late.faults(kind)}" for kind in kinds))


def check_recovery(result: Result, load: Load, ended: float, seconds: float = 10) -> None:
    note_late_failures(result, load, ended)
    result.at_most("seconds from the fault's end to the last request that failed", seconds, recovery(load, ended))
