"""The rows of the fault matrix, by name."""
from __future__ import annotations

import re

import rows_behaviour  # noqa: F401
import rows_database  # noqa: F401
import rows_network  # noqa: F401
import rows_process  # noqa: F401
import rows_redis  # noqa: F401
from chaos import chaos
from report import Result
from scenario import ROWS, Bench

ROWS_IN_ORDER = sorted(ROWS.items(), key=lambda item: int(re.sub(r"\D", "", item[0])))
ROWS.clear()
ROWS.update(ROWS_IN_ORDER)


async def run_row(name: str, bench: Bench, result: Result, minutes: float) -> None:
    if name == "chaos":
        await chaos(bench, result, minutes)
        return
    result.title, function = ROWS[name]
    await function(bench, result)
