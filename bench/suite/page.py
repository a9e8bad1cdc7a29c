"""docs/performance.md and its plots, made of docs/performance/figures.json, where the figures of the
last run are kept. What stands outside the two marks of the page is written by hand and stays."""
import json

from . import scale, svg
from .budgets import BY_KEY
from .table import figure

BEGIN = "<!-- figures: written by ./dev bench --write-docs -->"
END = "<!-- end of figures -->"
SIGNS = {"us": "µs", "us CPU": "µs CPU", "ms p99": "ms"}


def unit_text(unit):
    return SIGNS.get(unit, unit)


def amount(number, unit):
    return f"{number}{unit}" if unit == "/s" else f"{number} {unit_text(unit)}"


def time_text(micros):
    return f"{figure(micros)} µs" if micros < 1000 else f"{figure(micros / 1000)} ms"


def ratio_text(row):
    if row["ratio"] is None:
        return "–"
    text = f"{figure(row['ratio'])}×"
    return text if row["ok"] else f"**{text}**"


def budget_lines(part):
    """The table of budgets."""
    yield f"{part['environment']}."
    yield ""
    yield "| work | lakeFS | budget | Varve | within | rate | p50 | p99 | server CPU |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in part["rows"]:
        line, more = BY_KEY[row["key"]], row["more"]
        sign = "≥" if line.is_rate else "≤"
        limit = f"{sign} {amount(format(row['budget'], 'g'), line.unit)}"
        failed = f", {more['failed']:.0f} failed" if more.get("failed") else ""
        times = [time_text(more[name]) if name in more else "" for name in ("p50_us", "p99_us", "cpu_us")]
        rate = f"{figure(more['rate'])}/s" if "rate" in more else ""
        yield (f"| {line.name} | {line.lakefs} | {limit} | {amount(figure(row['value']), line.unit)}{failed} | "
               f"{ratio_text(row)} | {rate} | {' | '.join(times)} |")
    over = [BY_KEY[row["key"]].name for row in part["rows"] if not row["ok"]]
    yield ""
    yield f"Over their budget: {'; '.join(over)}." if over else "All are within their budget."


def scale_lines(part):
    """The series: a table and its plots."""
    points = part["points"]
    yield f"{part['environment']}."
    yield ""
    yield "| work | " + " | ".join(f"{point['objects']:,}" for point in points) + " |"
    yield "|---|" + "---|" * len(points)
    for key, name, _ in scale.SERIES:
        cells = [f"{figure(point['cost'][key]['cpu_ms'])} ({figure(point['cost'][key]['wall_ms'])})"
                 for point in points]
        yield f"| {name} | " + " | ".join(cells) + " |"
    yield ""
    yield "Milliseconds of server CPU; in brackets what a client waited. Both axes are logarithmic."
    yield ""
    for name, title in scale.PLOTS.items():
        yield f"![{title}](performance/{name}.svg)"


def plots(part):
    """File name to SVG text."""
    files = {}
    for plot, title in scale.PLOTS.items():
        lines = [svg.Line(name, [(point["objects"], point["cost"][key]["cpu_ms"])
                                 for point in part["points"]])
                 for key, name, where in scale.SERIES if where == plot]
        files[f"{plot}.svg"] = svg.plot(title, "objects in the repository", "server CPU, ms", lines)
    return files


def generated(figures):
    lines = ["## Budgets", ""]
    lines += budget_lines(figures["budgets"]) if "budgets" in figures else ["Not measured yet."]
    lines += ["", "## Growth", ""]
    lines += scale_lines(figures["scale"]) if "scale" in figures else ["Not measured yet."]
    return "\n".join([BEGIN, "", *lines, "", END])


def replaced(page, figures):
    """`page` with the figures between its marks."""
    before, rest = page.split(BEGIN)
    return before + generated(figures) + rest.split(END)[1]


def write(docs, new):
    """Puts `new` parts ("budgets", "scale") in the place of the old, and makes page and plots anew."""
    folder = docs / "performance"
    store = folder / "figures.json"
    figures = {**(json.loads(store.read_text()) if store.exists() else {}), **new}
    store.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
    page = docs / "performance.md"
    page.write_text(replaced(page.read_text(), figures))
    for name, picture in (plots(figures["scale"]) if "scale" in figures else {}).items():
        (folder / name).write_text(picture)
