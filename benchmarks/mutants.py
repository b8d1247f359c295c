"""Reads damaged files: each is refused with one line or read; none ends in a traceback, hangs, or opens another file.

    python -m benchmarks.mutants --number 1000000

The functions that read are called directly, each kind of file in a separate process, since native code might crash.
Exits with 1 and the seed of the mutant where one fails.
"""

import argparse
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.lib.recfunctions import append_fields

from fmnist_tf.fashion_mnist.data import read_idx, write_idx
from fmnist_tf.fashion_mnist.predictions import rows_of
from fmnist_tf.files import read_arrays, save_arrays
from fmnist_tf.files.tables import open_table
from fmnist_tf.report import Report
from fmnist_tf.report.from_files import Options, Request, score_files
from fmnist_tf.report.html import Gallery
from fmnist_tf.report.run_folder import GALLERY, INFO, REPORT, ROWS, Info, RunFolder
from fmnist_tf.report.run_folder.gallery import read_gallery, write_gallery

_SECONDS = 60  # a mutant that takes longer hangs
_A_ROUND = 1000  # mutants of a kind before the next kind
_NAMES = ["cat", "dog", "T-shirt/top"]
_PIECES = (
    b"",
    b"\x00",
    b"\xff" * 8,
    b"(" * 300,
    b"9" * 40,
    b"-1e308",
    b'"',
    b"[[[[",
    b"\n",
    b",",
    b"\x1f\x8b\x08",
    b"nan",
    b"../../x",
)


class Kind(NamedTuple):
    """A kind of file: `make(folder)` writes one and gives its path, `read(path)` reads it."""

    make: Callable[[Path], Path]
    read: Callable[[Path], Any]


class Outcome(NamedTuple):
    """How many mutants were read, how many refused, and the seconds of the slowest on the processor."""

    read: int
    refused: int
    slowest: float


def damage(content: bytes, chance: random.Random) -> bytes:
    """A copy with one bit turned, or one to three changes: bytes turned, cut, doubled or put in."""
    if chance.random() < 0.3:
        at = chance.randrange(len(content))
        return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
    for _ in range(chance.randint(1, 3)):
        start, length = chance.randrange(len(content) + 1), chance.choice((0, 1, 4, 50))
        piece = chance.choice((*_PIECES, bytes(chance.randrange(256) for _ in range(4)), content[start : start + 40]))
        content = content[:start] + piece + content[start + length :]
    return content


def _make_run(name: str, folder: Path) -> Path:
    run = RunFolder(folder)
    run.write_info(Info({"seed": 0}, _NAMES, num_epochs=1, best_epoch=0))
    run.write_report(Report(np.arange(9).reshape(3, 3), _NAMES))
    rows = rows_of(np.array([0, 1, 2]), np.eye(3)[[0, 2, 2]])
    run.write_rows({"val": rows})
    suspects = append_fields(rows, "margin", rows["confidence"], usemask=False)
    images = np.zeros((3, 28, 28, 1), np.uint8)
    write_gallery(run, Gallery(rows, images), Gallery(suspects, images))
    return folder / name


def _make_idx(folder: Path) -> Path:
    write_idx(folder / "idx.gz", np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28))
    return folder / "idx.gz"


def _make_arrays(folder: Path) -> Path:
    save_arrays(folder / "a.npz", {"y": np.arange(6, dtype=np.uint8) % 3, "p": np.arange(6) % 2})
    return folder / "a.npz"


def _make_array(folder: Path) -> Path:
    np.save(folder / "a.npy", np.arange(12, dtype=np.uint8) % 3)  # few ids: a large one asks for a large matrix
    return folder / "a.npy"


def _make_table(suffix: str, folder: Path) -> Path:
    """Labels, predictions, weights, texts and scores."""
    import pandas as pd

    path, scores = folder / f"a{suffix}", np.eye(3)[[0, 1, 2, 0, 1]] * 0.5
    table = pd.DataFrame(scores, columns=["p_0", "p_1", "p_2"]).assign(
        y=[0, 1, 2, 2, 1], p=[0, 1, 2, 0, 1], t=["a", "b", "c,d", "a", "b"], w=[1.0, 2.0, 0.5, 1.0, 1.0]
    )
    if suffix == ".parquet":
        table.assign(l=scores.tolist()).to_parquet(path)
    elif suffix == ".jsonl":
        table.to_json(path, orient="records", lines=True)
    else:
        table.to_csv(path, index=False)
    return path


def _score(path: Path) -> None:
    """Reads columns of ids with weights, and all columns."""
    if path.suffix == ".npy":
        score_files(Request((str(path), str(path))), Options())
        return
    table = open_table([path])
    for _ in table.pieces([column.name for column in table.columns], 2):
        pass
    weight = "w" if any(column.name == "w" for column in table.columns) else None
    score_files(Request((str(path),), "y", "p", weight=weight), Options())


def _read_report(path: Path) -> None:
    RunFolder(path.parent).read_report()


def _read_gallery(path: Path) -> None:
    read_gallery(RunFolder(path.parent), Info({}, _NAMES))


KINDS = {
    "run.json": Kind(partial(_make_run, INFO), _read_report),
    "report.npz": Kind(partial(_make_run, REPORT), _read_report),
    "rows.npz": Kind(partial(_make_run, ROWS), lambda path: RunFolder(path.parent).read_rows()),
    "gallery.npz": Kind(
        partial(_make_run, GALLERY), lambda path: read_gallery(RunFolder(path.parent), Info({}, _NAMES))
    ),
    "IDX": Kind(_make_idx, lambda path: read_idx(path, (28, 28))),
    "arrays of a run": Kind(_make_arrays, lambda path: read_arrays(path.read_bytes())),
    ".npy": Kind(_make_array, _score),
    ".npz": Kind(_make_arrays, _score),
    ".csv": Kind(partial(_make_table, ".csv"), _score),
    ".jsonl": Kind(partial(_make_table, ".jsonl"), _score),
    ".parquet": Kind(partial(_make_table, ".parquet"), _score),
}


def attack(kind: str, number: int, folder: Path, seed: int) -> Outcome:
    """Reads so many mutants of a kind; anything but a value or a ValueError is raised, with the content as a note."""
    path = KINDS[kind].make(folder)
    whole, refused, slowest = path.read_bytes(), 0, 0.0
    for k in range(number):
        content = damage(whole, random.Random(f"{seed} {k}"))
        path.write_bytes(content)
        began = time.process_time()
        try:
            KINDS[kind].read(path)
        except ValueError:
            refused += 1
        except Exception as error:
            error.add_note(f"mutant {k} of {kind}, seed {seed}: {content!r}")
            raise
        slowest = max(slowest, time.process_time() - began)
    return Outcome(number - refused, refused, slowest)


def watch_files(folder: Path) -> set[str]:
    """The files that Python opens from now on outside of `folder`, of Python itself and of `folder`."""
    opened: set[str] = set()
    allowed = (str(folder), sys.prefix, sys.base_prefix, str(Path(__file__).parents[1]), "/dev/", "/proc/", "/sys/")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes):
            path = os.path.abspath(os.fsdecode(arguments[0]))
            if not path.startswith(allowed):
                opened.add(path)

    sys.addaudithook(hook)
    return opened


def _attack_alone(kind: str, number: int, seed: int) -> None:
    """In a separate process, which the kernel ends if a mutant hangs: pauses by others do not count."""
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS + number, resource.RLIM_INFINITY))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        opened = watch_files(folder)
        found = attack(kind, number, folder, seed)
        if found.slowest > _SECONDS:
            raise TimeoutError(f"{kind}: a mutant took {found.slowest:.0f} s")
        if opened:
            raise PermissionError(f"{kind}: opened {sorted(opened)[:5]}")
    print(f"{kind}, seed {seed}: {number:,} mutants, {found.refused:,} refused, {found.read:,} read", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=10_000, help="mutants of all kinds together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=KINDS)
    options = parser.parse_args()
    kinds = [options.only] if options.only else list(KINDS)
    done, failed = 0, []
    for seed in range(options.seed, options.seed + max(1, options.number // _A_ROUND // len(kinds))):
        for kind in kinds:
            process = multiprocessing.get_context("fork").Process(target=_attack_alone, args=(kind, _A_ROUND, seed))
            process.start()
            process.join()
            failed += [f"{kind} with seed {seed}"] if process.exitcode else []
            done += _A_ROUND
    print(f"failed: {', '.join(failed)}" if failed else f"{done:,}: no traceback, no hang, no other file opened")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
