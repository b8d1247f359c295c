"""`python -m benchmarks`: arguments in, table, JSON and chart out."""

import argparse
import importlib
import os
import shlex
import sys
from pathlib import Path

#: The benchmarks, each a module with `measure(quick)`.
NAMES = (
    "train_step",
    "epoch_end",
    "dense",
    "many_classes",
    "own_loop",
    "startup",
    "growth",
    "curves",
    "files",
    "rows",
    "ledger",
)


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from benchmarks import machine, peers, tables

    measurements = []
    for name in options.only or NAMES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        measurements += importlib.import_module(f"benchmarks.{name}").measure(options.quick)
    described = machine.describe()
    tables.show(measurements, described)
    for name in sorted(peers.missing):
        print(f"skipped: {name} is not installed; pip install 'fmnist-tf[bench]'")
    if options.json:
        command = shlex.join(["python", "-m", "benchmarks", *(sys.argv[1:] if arguments is None else arguments)])
        tables.write_json(options.json, measurements, described, command)
    if options.chart:
        tables.draw(options.chart, measurements)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks", description="Measures the package beside its peers.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller cases")
    parser.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help=f"one of {', '.join(NAMES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure here")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="draw a chart here (needs matplotlib)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
