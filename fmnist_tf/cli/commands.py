"""The commands: arguments in, functions called, exit status out. `fmnist_tf_cli` reads the arguments."""

import errno
import importlib.util
import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import tensorflow as tf
from rich.console import Console

from fmnist_tf.cli.score import render, score
from fmnist_tf.distribute import broadcast, join_workers, lost_workers
from fmnist_tf.fashion_mnist.images import load_images
from fmnist_tf.fashion_mnist.options import Options
from fmnist_tf.fashion_mnist.training import train, train_as_worker
from fmnist_tf.files import ensure_folder, lock_folder
from fmnist_tf.report import Comparison, Report
from fmnist_tf.report.comparison import SEEDS
from fmnist_tf.report.html import comparison_page, report_page, run_page, training_of, write_page
from fmnist_tf.report.run_folder import CHECKPOINT, RunFolder
from fmnist_tf.report.run_folder.gallery import images_of_runs, read_gallery
from fmnist_tf.report.run_folder.pairs import compare_runs
from fmnist_tf_cli import BAD_ARGUMENT, FAILED, INTERRUPTED, parse

_OPTIONS = ("data", "epochs", "batch_size", "train_size", "test_size", "val_split", "seed", "ladder", "label_noise")
_MAKE_ROOM = "make room or write elsewhere; a run goes on with train --resume --out"
_NO_PICTURES = "Pictures were left out, since matplotlib is not installed: pip install 'fmnist-tf[plot]'"
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command in this process and returns its exit status, as `run` does."""
    try:
        return run(parse(argv))
    except SystemExit as end:
        return int(end.code or 0)


def run(arguments: Namespace) -> int:
    """Runs the command of the arguments.

    Returns:
        0; 2 with one line on stderr for an invalid argument or file; 1 where the run cannot be written or
        another worker has gone; 130 after Ctrl-C.
    """
    commands: dict[str, Callable[[Namespace], None]] = {"train": _train, "report": _report, "score": _score}
    try:
        commands[arguments.command](arguments)
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except BrokenPipeError:  # the reader of our output, such as `head`, has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except MemoryError:
        return _complain("there is not enough memory", FAILED)
    except (ValueError, OSError, ImportError) as error:
        return _complain(_describe(error), FAILED if _is_failure(error) else BAD_ARGUMENT)
    return 0


def _train(arguments: Namespace) -> None:
    given = {name: getattr(arguments, name) for name in _OPTIONS}
    if arguments.workers and arguments.worker_index:
        _train_as_worker(arguments, given)
        return
    folder = RunFolder(arguments.out or new_path())
    with ensure_folder(folder.path), lock_folder(folder.path):
        _train_into(folder, arguments, given)


def _train_into(folder: RunFolder, arguments: Namespace, given: dict[str, Any]) -> None:
    """Trains into a folder that no other process writes to."""
    resume = arguments.resume and folder.is_started()
    if not resume:
        _check_free(folder, arguments)
    info = folder.read_info() if resume else None
    options = Options.of(given, info.arguments if info else None)
    if info and info.finished and options.epochs <= info.num_epochs:
        _tell(_join(arguments), None)
        print(f"{folder} has finished; there is nothing left to do, unless --epochs extends it")
        return
    if info and info.finished and not (folder.path / CHECKPOINT).exists():
        raise ValueError(f"{folder} cannot be extended: its {CHECKPOINT} is gone")
    images = load_images(options)
    strategy = _join(arguments)
    with lost_workers(strategy) if strategy else nullcontext():
        _tell(strategy, asdict(options))
        if not resume:
            folder.clear()
        _report_outcome(folder, arguments, lambda: train(options, images, folder, resume=resume, strategy=strategy))


def _join(arguments: Namespace) -> tf.distribute.Strategy | None:
    """The strategy of several workers."""
    if not arguments.workers:
        return None
    return join_workers(arguments.workers, arguments.worker_index, patience=arguments.patience)


def _tell(strategy: tf.distribute.Strategy | None, options: dict[str, Any] | None) -> None:
    """Sends the options of the chief to the other workers, or None if nothing is left to do."""
    if strategy is not None:
        broadcast(strategy, options)


def _train_as_worker(arguments: Namespace, given: dict[str, Any]) -> None:
    """Trains beside the chief, with its options; the data of this worker may be in another folder."""
    strategy = join_workers(arguments.workers, arguments.worker_index, patience=arguments.patience)
    with lost_workers(strategy):
        told = broadcast(strategy, None)
        if told is None:
            print("The run has finished; there is nothing left to do")
            return
        data = given.pop("data") or told["data"]
        options = replace(Options.of(given, told), data=data)
        print(f"Worker {arguments.worker_index} of {len(arguments.workers)}; worker 0 writes the run", flush=True)
        train_as_worker(options, load_images(options), strategy)


def _check_free(folder: RunFolder, arguments: Namespace) -> None:
    if folder.holds_run() and not arguments.force:
        raise ValueError(f"{folder} holds a run already; give another --out, or --force to replace it")


def new_path() -> Path:
    """A folder under runs/ that does not exist, named by the time."""
    path = now = Path("runs", time.strftime("%Y%m%d-%H%M%S"))
    number = 1
    while path.exists():
        number += 1
        path = now.with_name(f"{now.name}-{number}")
    return path


def _report_outcome(folder: RunFolder, arguments: Namespace, work: Callable[[], Report]) -> None:
    """Shows the report and where the files are; after Ctrl-C or the loss of a worker, how to go on."""
    try:
        report = work()
    except (KeyboardInterrupt, ConnectionError):
        if not folder.is_started():
            raise
        again = " on every worker, as before but with" if arguments.workers else ": fmnist-tf train"
        print(f"\n{summary(folder)}\nGo on{again} --resume --out {folder}", flush=True)
        raise
    print()
    _show(report)
    print(summary(folder))
    if importlib.util.find_spec("matplotlib") is None:
        print(_NO_PICTURES)


def summary(folder: RunFolder) -> str:
    """The lines that end a training: its best epoch and what to do with the run."""
    info = folder.read_info()
    if info.best_epoch is None:
        return f"No epoch was finished; {folder} holds nothing but the arguments"
    best = f"Best epoch {info.best_epoch + 1} of {info.num_epochs}"
    lines = [] if info.suspects is None else [info.suspects]
    if not info.arguments.get("ladder"):
        return "\n".join([*lines, f"{best}; the run is in {folder}"])
    beaten = f"{best}, the last that beat the one before by more than noise; the run is in {folder}"
    return "\n".join([*lines, beaten, SEEDS])


def _report(arguments: Namespace) -> None:
    if arguments.other is not None:
        _compare(arguments)
        return
    folder = RunFolder(arguments.run)
    report = folder.read_report()
    if arguments.html is None:
        _output(report, arguments.format)
        if arguments.format == "text":
            print(folder.read_info().suspects or "")
        return
    _write_page(_page(folder, report), arguments.html)


def _compare(arguments: Namespace) -> None:
    runs = RunFolder(arguments.run), RunFolder(arguments.other)
    comparison = compare_runs(*runs, _names(*runs))
    if arguments.html is None:
        _output(comparison, arguments.format)
        return
    reports = comparison.a, comparison.b
    trainings = [training_of(part, run.read_record(), run.read_info()) for part, run in zip(reports, runs, strict=True)]
    images = images_of_runs(*(read_gallery(run, run.read_info()) for run in runs))
    title = " and ".join(comparison.names)
    _write_page(comparison_page(comparison, title, trainings=trainings, images=images), arguments.html)


def _page(folder: RunFolder, report: Report) -> str:
    info, title = folder.read_info(), folder.path.resolve().name
    images = read_gallery(folder, info)
    wrong, suspect = images.get("wrong"), images.get("suspect")
    return run_page(report, folder.read_record(), info, title, wrong=wrong, suspect=suspect)


def _names(a: RunFolder, b: RunFolder) -> tuple[str, str]:
    """The names of the folders if they differ, else their paths."""
    names = a.path.resolve().name, b.path.resolve().name
    a_name, b_name = names if names[0] != names[1] else (str(a), str(b))
    return _printable(a_name), _printable(b_name)


def _write_page(page: str, file: Path) -> None:
    write_page(file, page)
    print(f"The page is {file}")


def _printable(name: str) -> str:
    """A file name as text: bytes that are not UTF-8 are replaced."""
    return os.fsencode(name).decode("utf-8", "replace")


def _score(arguments: Namespace) -> None:
    report = score(arguments)
    if arguments.html is not None:
        _write_page(report_page(report, title=_printable(Path(arguments.files[-1]).name)), arguments.html)
    else:
        _output(report, arguments.format)


def _output(report: Report | Comparison, output_format: str) -> None:
    """Prints a report in the format that was asked for."""
    if output_format == "text":
        _show(report)
    else:
        print(render(report, output_format), flush=True)


def _show(report: Report | Comparison) -> None:
    """Prints a report as wide as the terminal, or as plain text if there is none."""
    if sys.stdout.isatty():
        Console().print(report)
    else:
        print(report.text())
    sys.stdout.flush()


def _complain(message: str, status: int) -> int:
    print(f"fmnist-tf: {message}", file=sys.stderr)
    return status


def _describe(error: Exception) -> str:
    """One line; of a full disk with the remedy."""
    if isinstance(error, OSError) and error.strerror:
        line = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    else:
        line = " ".join(str(error).split())
    return f"{line}; {_MAKE_ROOM}" if _is_of_disk(error) else line


def _is_failure(error: Exception) -> bool:
    """Whether a worker has gone or a file could not be written; HDF5 tells the latter in its message alone."""
    return _is_of_disk(error) or isinstance(error, ConnectionError)


def _is_of_disk(error: Exception) -> bool:
    full = os.strerror(errno.ENOSPC)
    return isinstance(error, OSError) and (error.errno in _DISK_ERRORS or full in str(error))
