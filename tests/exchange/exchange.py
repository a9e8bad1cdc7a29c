#!/usr/bin/env python3
"""Moves a repository between lakeFS and Varve and back, and compares all that both show of it.

usage: exchange.py --lakefs PORT STORE --varve PORT STORE --files FOLDER [--restart COMMAND]

STORE is the folder of a server's local object store, FOLDER one that both may import from. Each move:
dump the refs, copy the namespace, create a bare repository over the copy, restore, compare, go on
there. From lakeFS and from Varve, at once and as tasks. COMMAND restarts lakeFS: a cherry-pick there
spoils the commit that it picks from, as long as its cache holds it.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import time

from histories import first_history, more_history
from lake import Lake, Repository
from view import View, differences

MOVES = 3


def move(source, target, name, as_task, before):
    """How many parts differ, and the repository on the other side."""
    refs = source.dump(as_task)
    moved = Repository(target, name)
    shutil.copytree(pathlib.Path(source.lake.store) / source.name, pathlib.Path(target.store) / name)
    moved.create(bare=True).restore(refs, as_task)
    print(f"{source.lake.name} {source.name} -> {target.name} {name}, {'as a task' if as_task else 'at once'}")
    return differences(before, View(moved)), moved


def travel(first, second, name, as_task, files, restart):
    """A history made on one server, moved MOVES times, and continued on the side it has come to."""
    here = Repository(first, f"{name}-0").create()
    first_history(here, files)
    differing = 0
    for n in range(MOVES):
        if n > 0:
            more_history(here, n)
        if here.lake.name == "lakeFS" and restart:
            subprocess.run(restart, shell=True, check=True)
        target = second if here.lake is first else first
        found, here = move(here, target, f"{name}-{n + 1}", as_task, View(here))
        differing += found
    more_history(here, MOVES)
    return differing


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lakefs", nargs=2, required=True, metavar=("PORT", "STORE"))
    parser.add_argument("--varve", nargs=2, required=True, metavar=("PORT", "STORE"))
    parser.add_argument("--files", required=True)
    parser.add_argument("--restart", metavar="COMMAND")
    arguments = parser.parse_args()
    lakes = Lake("lakeFS", *arguments.lakefs), Lake("Varve", *arguments.varve)
    for n in range(25):
        folder = pathlib.Path(arguments.files) / f"d{n % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file {n}.txt").write_text(f"imported {n}")
    differing = 0
    for first, second in (lakes, lakes[::-1]):
        for as_task in (False, True):
            name = f"{first.name.lower()}-{'task' if as_task else 'call'}-{int(time.time())}"
            differing += travel(first, second, name, as_task, arguments.files, arguments.restart)
    print("parts that differ:", differing)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
