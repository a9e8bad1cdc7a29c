"""What the benchmarks compute and draw, without running any."""
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))

import bench  # noqa: E402  the path must be set first
from suite import changes, history, lake, page, svg, table  # noqa: E402
from suite.budgets import BUDGETS, BY_KEY  # noqa: E402

DOCS = ROOT / "docs"
COST = {"cpu_ms": 2.0, "wall_ms": 3.0}
FIGURES = {
    "budgets": {"environment": "a machine", "rows": [
        {"key": "stat", "value": 12.5, "budget": 25, "ratio": 2.0, "ok": True,
         "more": {"rate": 90000, "p50_us": 700, "p99_us": 1600, "cpu_us": 12.5}},
        {"key": "merges", "value": 100, "budget": 250, "ratio": 0.4, "ok": False,
         "more": {"failed": 2, "status": 409}}]},
    "scale": {"environment": "a machine", "points": [
        {"objects": size, "memory_mib": 50, "cost": {key: COST for key, _, _ in page.scale.SERIES}}
        for size in (10_000, 100_000)]},
}


# ---- The table ----

def test_each_budget_is_filled_by_one_section():
    filled = [key for _, keys in bench.SECTIONS for key in keys] + ["memory"]
    assert sorted(filled) == sorted(BY_KEY)
    assert len(BUDGETS) == len(BY_KEY)


@pytest.mark.parametrize("value, budget, is_rate, want", [
    (10, 20, False, 2.0), (40, 20, False, 0.5), (500, 250, True, 2.0), (100, 250, True, 0.4),
    (10, None, False, None), (0, 20, False, None)])
def test_a_ratio_above_one_is_within_the_budget(value, budget, is_rate, want):
    assert table.ratio_of(value, budget, is_rate) == want


RUN = {"rate": 300.0, "p50_us": 2000.0, "p99_us": 9000.0, "cpu_us": 24.0, "errors": 0, "status": 0}


@pytest.mark.parametrize("key, want", [("stat", 24.0), ("list", 0.024), ("merge.base", 2.0),
                                       ("stat.p99", 9.0), ("merges", 300.0)])
def test_the_unit_says_what_of_a_run_counts(key, want):
    rows = table.Table()
    rows.add_run(key, RUN)
    assert rows.rows[0]["value"] == want


def test_a_failed_operation_is_over_the_budget():
    rows = table.Table()
    rows.add_run("merges", {**RUN, "errors": 3, "status": 409})
    assert rows.rows[0]["ratio"] > 1 and not rows.rows[0]["ok"]
    assert rows.rows[0]["more"]["failed"] == 3


def test_a_median_is_that_of_each_figure():
    runs = [{"p50_us": p50, "cpu_us": cpu, "errors": 1} for p50, cpu in ((1, 9), (2, 8), (7, 1))]
    assert table.median_of(runs) == {"p50_us": 2, "cpu_us": 8, "errors": 3}


@pytest.mark.parametrize("number, want", [(1234.5, "1,234"), (99.44, "99.4"), (9.994, "9.99"), (0.5, "0.50"),
                                          (0.0134, "0.013"), (0, "0.00")])
def test_a_figure_has_digits_that_mean_something(number, want):
    assert table.figure(number) == want


# ---- The repositories ----

@pytest.mark.parametrize("size", [10_000, 100_000])
@pytest.mark.parametrize("turn", range(5))
def test_both_sides_change_a_thousand_paths_of_their_own(size, turn):
    ordered = sorted(lake.paths_of(size))
    for pick in (changes.spread_pick(ordered), changes.range_pick(ordered, 5)):
        theirs, ours = pick(turn)
        assert len(set(theirs)) == len(set(ours)) == 1000
        assert not set(theirs) & set(ours)


def test_a_commit_id_is_the_engines():
    """The same vector as in src/format/identity_test.cc."""
    root = {"committer": "", "message": "Repository created", "metarange_id": "", "parents": [],
            "creation_date": 1_700_000_000}
    assert history.commit_id(root) == "e7720703b5e19f0c37c665b0bf14fc291522d882cd951d854edb8b1f1c33689d"


# ---- The page ----

def test_a_plot_places_values_by_their_logarithm():
    axis = svg.LogAxis([10, 1000], 0, 100)
    assert [axis.place(value) for value in (10, 100, 1000)] == pytest.approx([0, 50, 100])
    assert axis.decades() == [10, 100, 1000]


def test_one_value_has_an_axis_too():
    axis = svg.LogAxis([100, 100], 0, 100)
    assert axis.decades() == [100, 1000]


def test_labels_do_not_lie_over_each_other():
    assert svg.spaced([50, 20, 52]) == [50, 20, 65]


def test_a_plot_is_a_picture_with_every_line():
    lines = [svg.Line("a & b", [(1, 2), (10, 20)]), svg.Line("c", [(1, 1)])]
    picture = svg.plot("Title <1>", "x", "y", lines)
    texts = [element.text for element in ElementTree.fromstring(picture).iter()
             if element.tag.endswith("text")]
    assert {"Title <1>", "a & b", "c"} <= set(texts)
    assert picture.count("<polyline") == 2 and picture.count("<circle") == 3


def test_the_page_says_what_is_over_and_keeps_what_is_written_by_hand():
    old = f"by hand\n{page.BEGIN}\nold\n{page.END}\nreasons\n"
    new = page.replaced(old, FIGURES)
    assert new.startswith("by hand\n") and new.endswith("\nreasons\n") and "\nold\n" not in new
    assert "| stat of a committed object, 64 clients | 354 µs | ≤ 25 µs CPU | 12.5 µs CPU | 2.00× |" in new
    assert "100/s, 2 failed | **0.40×** |" in new
    assert "Over their budget: contended merges, 32 clients, one branch." in new
    assert page.replaced(new, FIGURES) == new


def test_a_run_replaces_its_part_only(tmp_path):
    (tmp_path / "performance").mkdir()
    (tmp_path / "performance.md").write_text(f"{page.BEGIN}\n{page.END}\n")
    page.write(tmp_path, {"scale": FIGURES["scale"]})
    page.write(tmp_path, {"budgets": FIGURES["budgets"]})
    stored = json.loads((tmp_path / "performance" / "figures.json").read_text())
    assert stored == FIGURES
    assert (tmp_path / "performance.md").read_text() == page.replaced(f"{page.BEGIN}\n{page.END}\n", FIGURES)
    names = {path.name for path in (tmp_path / "performance").iterdir()}
    assert names == {"figures.json", *(f"{name}.svg" for name in page.scale.PLOTS)}


def test_the_page_is_what_its_figures_make():
    store = DOCS / "performance" / "figures.json"
    figures = json.loads(store.read_text()) if store.exists() else {}
    text = (DOCS / "performance.md").read_text()
    assert page.replaced(text, figures) == text
    for name, picture in (page.plots(figures["scale"]) if "scale" in figures else {}).items():
        assert (DOCS / "performance" / name).read_text() == picture
