"""`fmnist-tf score` on files: seconds for ids and scores from .npy, .csv and .parquet, beside pyarrow reading alone."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import Contender, Measurement, contest


def measure(quick: bool) -> list[Measurement]:
    rows, rounds = (500_000, 3) if quick else (5_000_000, 5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [
            *_ids(folder, rows, rounds),
            *_scores(folder, rows // 10, 10, rounds),
            *_scores(folder, rows // 1000, 1000, rounds),
        ]


def _ids(folder: Path, rows: int, rounds: int) -> list[Measurement]:
    rng = np.random.default_rng(0)
    true = rng.integers(0, 10, rows)
    pred = np.where(rng.random(rows) < 0.7, true, rng.integers(0, 10, rows))
    _write(folder / "ids", {"y": true, "p": pred})
    np.save(folder / "y.npy", true)
    np.save(folder / "p.npy", pred)
    found = []
    for suffix in (".parquet", ".csv"):
        file = folder / f"ids{suffix}"
        contenders = [
            Contender("pyarrow alone", lambda file=file: _read(file, ["y", "p"])),
            Contender("fmnist_tf score", _score(str(file), label="y", pred="p")),
            Contender("pandas + classification_report", lambda file=file: _by_scikit_learn(file)),
        ]
        found += contest("files", f"{rows:,} ids, {suffix}", contenders, rounds=rounds)
    ours = [Contender("fmnist_tf score", _score(str(folder / "y.npy"), str(folder / "p.npy")))]
    return [*found, *contest("files", f"{rows:,} ids, .npy", ours, rounds=rounds)]


def _scores(folder: Path, rows: int, width: int, rounds: int) -> list[Measurement]:
    rng = np.random.default_rng(0)
    scores, true = rng.dirichlet(np.ones(width), rows).astype(np.float32), rng.integers(0, width, rows)
    names = [f"p_{k}" for k in range(width)]
    _write(folder / f"scores{width}", {"y": true} | dict(zip(names, scores.T, strict=True)))
    np.save(folder / "y.npy", true)
    np.save(folder / "p.npy", scores)
    found = []
    for suffix in (".parquet", ".csv"):
        file = folder / f"scores{width}{suffix}"
        contenders = [
            Contender("pyarrow alone", lambda file=file: _read(file, ["y", *names])),
            Contender("fmnist_tf score", _score(str(file), label="y", scores="p_*")),
        ]
        found += contest("files", f"{rows:,} x {width:,} scores, {suffix}", contenders, rounds=rounds)
    ours = [Contender("fmnist_tf score", _score(str(folder / "y.npy"), str(folder / "p.npy")))]
    return [*found, *contest("files", f"{rows:,} x {width:,} scores, .npy", ours, rounds=rounds)]


def _write(path: Path, columns: dict[str, np.ndarray]) -> None:
    import pyarrow as pa
    from pyarrow import csv, parquet

    table = pa.table(columns)
    parquet.write_table(table, path.with_suffix(".parquet"))
    csv.write_csv(table, path.with_suffix(".csv"))


def _read(file: Path, columns: list[str]) -> None:
    from pyarrow import dataset

    for _ in dataset.dataset(file, format=file.suffix[1:]).scanner(columns=columns).to_batches():
        pass


def _score(*files: str, **columns: str) -> Callable[[], Any]:
    from fmnist_tf.report.from_files import Options, Request, score_files

    return lambda: score_files(Request(files, **columns), Options())


def _by_scikit_learn(file: Path) -> None:
    import pandas as pd
    from sklearn.metrics import classification_report

    frame = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file)
    classification_report(frame["y"], frame["p"])
