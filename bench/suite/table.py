"""The table of figures: what was measured, beside its budget."""
import statistics

from .budgets import BY_KEY

# What a run gives for a unit.
VALUES = {
    "us CPU": lambda run: run["cpu_us"],
    "ms CPU": lambda run: run["cpu_us"] / 1000,
    "ms": lambda run: run["p50_us"] / 1000,
    "ms p99": lambda run: run["p99_us"] / 1000,
    "/s": lambda run: run["rate"],
}
# What is printed of a run beside its value.
SHOWN = ("rate", "p50_us", "p99_us", "cpu_us")


def ratio_of(value, budget, is_rate):
    """How many times within the budget: 2 is twice as good as asked, below 1 is over it."""
    if not budget or not value:
        return None
    return value / budget if is_rate else budget / value


def figure(number):
    """Three digits that mean something."""
    if number >= 100:
        return f"{number:,.0f}"
    if number >= 10:
        return f"{number:.1f}"
    return f"{number:.2f}" if number >= 0.1 or number == 0 else f"{number:.2g}"


def median_of(runs):
    """One run that stands for some: each figure is the median of theirs."""
    keys = [key for key in runs[0] if isinstance(runs[0][key], (int, float))]
    merged = {key: statistics.median(run[key] for run in runs) for key in keys}
    return {**merged, "errors": sum(run.get("errors", 0) for run in runs)}


class Table:
    """Rows by key. `only`: a text; rows without it in key or name are not printed or kept."""

    def __init__(self, only=""):
        self.only, self.rows = only, []

    def wants(self, key):
        return self.only in key or self.only in BY_KEY[key].name

    def add_run(self, key, run, **more):
        """A row of what the load generator saw."""
        shown = {name: run[name] for name in SHOWN if name in run}
        if run.get("errors"):
            more.update(failed=run["errors"], status=run["status"])
        self.add(key, VALUES[BY_KEY[key].unit](run), **{**shown, **more})

    def add(self, key, value, budget=None, **more):
        """A row of a value in the unit of its budget; `budget` where the machine sets it."""
        if not self.wants(key):
            return
        line = BY_KEY[key]
        budget = budget or line.budget
        ratio = ratio_of(value, budget, line.is_rate)
        is_ok = bool(ratio and ratio >= 1) and not more.get("failed")
        row = {"key": key, "value": round(value, 3), "budget": budget and round(budget, 3),
               "ratio": ratio and round(ratio, 2), "ok": is_ok,
               "more": {name: round(number, 3) for name, number in more.items()}}
        self.rows.append(row)
        print(text_of(row), flush=True)


def text_of(row):
    line = BY_KEY[row["key"]]
    verdict = "ok  " if row["ok"] else "OVER"
    rest = "  ".join(f"{name} {figure(number)}" for name, number in row["more"].items())
    sign = "≥" if line.is_rate else "≤"
    return (f"{line.name:54s} {figure(row['value']):>8} {line.unit:6s} {sign} {row['budget']:<6g} "
            f"{verdict} {row['ratio'] or 0:7.2f}x  {rest}")
