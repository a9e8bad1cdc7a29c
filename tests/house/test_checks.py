"""The house checks: what they say about a small tree with every fault, and that ours has none.

VARVE_REWRITE=1 rewrites the expected text; the diff is the review.
"""
import os
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent


def check(script, *arguments):
    done = subprocess.run([ROOT / "scripts" / script, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout


@pytest.mark.parametrize("script", ["check_layers", "check_house"])
def test_every_fault_is_found(script):
    status, text = check(script, "--root", HERE / "tree")
    golden = HERE / f"{script}.txt"
    if os.environ.get("VARVE_REWRITE"):
        golden.write_text(text)
    assert status == 1
    assert text == golden.read_text()


@pytest.mark.parametrize("script", ["check_layers", "check_house"])
def test_the_tree_keeps_the_rules(script):
    status, text = check(script)
    assert text == ""
    assert status == 0
