"""Evaluation by Apache Beam's multi-processing: seconds by the number of workers and of shards.

    python -m benchmarks.beam_scaling --rows 20000000

Needs the extra `beam`. A shard is a .parquet file of ids; every run writes the report of the same rows. What is left at
the fewest rows is the start of Beam and of its workers, each of which imports TensorFlow.
"""

import argparse
import contextlib
import io
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

#: (workers, shards) of each run; None for the runner in this process.
RUNS = ((None, 8), (1, 8), (2, 8), (2, 2), (2, 64))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        for workers, shards in RUNS:
            seconds = [run(Path(name), number, workers, shards) for number in (rows // 100, rows)]
            speed = (rows - rows // 100) / max(seconds[1] - seconds[0], 1e-9)
            kind = "in memory" if workers is None else f"{workers} workers"
            print(
                f"{kind}, {shards} shards: {rows // 100:,} rows {seconds[0]:.1f} s, {rows:,} rows {seconds[1]:.1f} s; "
                f"{speed / 1e6:.1f} million rows a second beyond the start",
                flush=True,
            )
    return 0


def run(folder: Path, rows: int, workers: int | None, shards: int) -> float:
    """Seconds of one evaluation."""
    from fmnist_tf.distribute import evaluate

    files = write_shards(folder / f"{rows}-{shards}", rows, shards)
    mode = ["in_memory"] if workers is None else ["multi_processing", "--direct_num_workers", str(workers)]
    options = ["--pred", "p", "--num-classes", "10", "--output", str(folder / "out"), "--direct_running_mode", *mode]
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        status = evaluate.main([str(files / "*.parquet"), "--label", "y", *options])
    if status:
        raise RuntimeError(f"the evaluation exited with {status}")
    return time.perf_counter() - began


def write_shards(folder: Path, rows: int, shards: int) -> Path:
    """Writes so many files, unless they are there."""
    import pyarrow as pa
    from pyarrow import parquet

    if not folder.exists():
        folder.mkdir()
        rng = np.random.default_rng(0)
        for k in range(shards):
            y = rng.integers(0, 10, rows // shards)
            p = np.where(rng.random(len(y)) < 0.7, y, rng.integers(0, 10, len(y)))
            parquet.write_table(pa.table({"y": y, "p": p}), folder / f"{k:03}.parquet")
    return folder


if __name__ == "__main__":
    sys.exit(main())
