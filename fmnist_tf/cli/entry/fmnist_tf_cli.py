"""Entry of the command `fmnist-tf`: reads the arguments, and only then imports the package and TensorFlow with it.

It is installed beside the package because importing anything of `fmnist_tf` imports TensorFlow, which takes seconds and
writes to the terminal. So `--help`, `--version` and bad arguments are answered at once, and the terminal is quiet
before TensorFlow speaks.
"""

import argparse
import faulthandler
import io
import json
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NoReturn

FAILED = 1
BAD_ARGUMENT = 2
INTERRUPTED = 130

_EPILOG = "TensorFlow's own messages are hidden; with TF_CPP_MIN_LOG_LEVEL=0 in the environment they are shown."


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status: 0, 1 for a failure, 2 for a bad argument, 130 after Ctrl-C."""
    try:
        _prepare_output()
        arguments = parse(argv)
    except SystemExit as end:
        return int(end.code or 0)
    try:
        silence_stderr()
        with _ending_on_interrupt():
            from fmnist_tf import cli
        return cli.run(arguments)
    except ImportError as error:  # another Keras, or another backend of it, than the package needs
        print(f"fmnist-tf: {error}", file=sys.stderr)
        return BAD_ARGUMENT
    except KeyboardInterrupt:
        return INTERRUPTED


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments as a namespace; a bad one ends with one line on stderr and the exit status 2."""
    parser = _Parser(prog="fmnist-tf", description="Train on Fashion-MNIST and report F1, exactly.", epilog=_EPILOG)
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(title="commands", dest="command", required=True, metavar="COMMAND")
    _add_train(commands)
    _add_report(commands)
    _add_score(commands)
    arguments = parser.parse_args(argv)
    command = commands.choices[arguments.command]
    if arguments.command == "train":
        _resolve_workers(command, arguments)
        if arguments.resume and arguments.out is None and not arguments.worker_index:
            command.error("argument --resume: needs --out, the run to go on with")
    if arguments.command == "score":
        _check_score(command, arguments)
    if arguments.command == "report" and arguments.html is not None and arguments.other is not None:
        command.error("argument --html: makes the page of one run, not of a comparison")
    return arguments


def _prepare_output() -> None:
    """Lets names pass that the terminal cannot show; no file opened later must take the place of a closed stream."""
    closed = [number for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)) if stream is None]
    for number in closed:
        os.dup2(os.open(os.devnull, os.O_RDWR), number)
    if 2 in closed:
        sys.stderr = os.fdopen(2, "w")
    if 1 in closed:
        print("fmnist-tf: the standard output is closed; send it to a file or to /dev/null", file=sys.stderr)
        raise SystemExit(FAILED)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


@contextmanager
def _ending_on_interrupt() -> Iterator[None]:
    """Ends the process at once on Ctrl-C.

    While TensorFlow is imported a KeyboardInterrupt may rise where its code swallows it, such as in a destructor, and
    the command would go on. There is nothing to put in order yet. A handler that is set already stays.
    """
    is_ours = threading.current_thread() is threading.main_thread()
    if not is_ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(*_: Any) -> NoReturn:
    print("fmnist-tf: interrupted", file=sys.stderr, flush=True)
    os._exit(INTERRUPTED)


@cache
def silence_stderr() -> None:
    """Sends what native code writes to stderr nowhere; Python's own stderr stays on the terminal.

    TensorFlow 2.21 writes messages while it is imported, whatever TF_CPP_MIN_LOG_LEVEL says. Where it is set to 0
    they are shown. A crash of native code still shows where Python was.
    """
    if sys.stderr is None or os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "0":
        return
    sys.stderr.flush()
    sys.stderr = terminal = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
    faulthandler.enable(terminal)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_ARGUMENT, f"{self.prog}: {' '.join(message.split())}; see {self.prog} --help\n")


class _Version(argparse.Action):
    """Prints the version, looked up only when asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str):
        super().__init__(option_strings, dest, nargs=0, help="print the version and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        print(f"fmnist-tf {_find_version()}")
        parser.exit()


def _find_version() -> str:
    try:
        return version("fmnist-tf")
    except PackageNotFoundError:  # run from a checkout
        from fmnist_tf import __version__

        return __version__


def _add_train(commands: Any) -> None:
    """Defaults are None, so that --resume can tell what was given; `train.Options` holds them."""
    parser = commands.add_parser("train", help="train MiniVGG and write a run folder", description=_TRAIN)
    parser.add_argument(
        "--data",
        type=_source,
        metavar="SOURCE",
        help="folder with the four IDX files, or 'keras' for a download of the full set (the bundled sample)",
    )
    parser.add_argument("--epochs", type=_at_least(1), metavar="N", help="passes over the training images (10)")
    parser.add_argument("--batch-size", type=_at_least(1), metavar="N", help="images a step (32)")
    parser.add_argument("--train-size", type=_at_least(1), metavar="N", help="the first N training images alone")
    parser.add_argument("--test-size", type=_at_least(1), metavar="N", help="the first N test images alone")
    parser.add_argument(
        "--val-split",
        type=_share,
        metavar="F",
        help="hold back this share of the training images to choose the epoch by, in place of the test images",
    )
    parser.add_argument("--seed", type=_seed, metavar="N", help="of weights, order and dropout (0)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="run folder (a new one under runs/)")
    parser.add_argument(
        "--workers",
        type=_addresses,
        metavar="HOST:PORT,...",
        help="train on several machines, worker 0 first, which writes the run (those of TF_CONFIG, if that is set)",
    )
    parser.add_argument("--worker-index", type=_at_least(0), metavar="I", help="which of --workers this process is")
    parser.add_argument(
        "--patience", type=_seconds, default=60.0, metavar="S", help="seconds that workers wait for each other (60)"
    )
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--force", action="store_true", help="replace the run that --out holds")
    again.add_argument("--resume", action="store_true", help="go on after the last finished epoch of --out")


_TRAIN = """Trains MiniVGG on Fashion-MNIST; prints macro F1 of every epoch and the report of the best one, and writes
the model, history, report and confusion matrix into a folder."""


def _add_report(commands: Any) -> None:
    parser = commands.add_parser("report", help="print the report of a run, or compare two")
    parser.add_argument("run", type=_folder, metavar="RUN", help="run folder")
    parser.add_argument("other", type=_folder, metavar="RUN_B", nargs="?", help="run folder to compare with RUN")
    _add_html(parser)


def _add_score(commands: Any) -> None:
    parser = commands.add_parser("score", help="report on predictions made elsewhere", description=_SCORE)
    parser.add_argument("files", type=_input, nargs="+", metavar="FILE", help="Y_TRUE Y_PRED, or FILES with --label")
    parser.add_argument("--label", metavar="NAME", help="column of the labels; FILES hold labels and predictions")
    found = parser.add_mutually_exclusive_group()
    found.add_argument("--pred", metavar="NAME", help="column of the predicted classes")
    found.add_argument("--scores", metavar="NAMES", help="columns of the scores, such as 'cat,dog' or 'p_*'")
    parser.add_argument("--weight", metavar="NAME", help="column of the weights of the rows")
    parser.add_argument("--by", metavar="NAME", help="column to score by value; not yet read from files")
    parser.add_argument("--classes", type=_file, metavar="FILE", help="text file, the name of one class a line")
    parser.add_argument(
        "--threshold",
        type=_finite,
        metavar="T",
        help="each column of scores is a yes/no question: yes above T, a probability, also with --from-logits",
    )
    parser.add_argument("--from-logits", action="store_true", help="the scores are logits, not numbers from 0 to 1")
    parser.add_argument("--drop-index", action="store_true", help="leave out a first column that counts the rows")
    parser.add_argument(
        "--header", action=argparse.BooleanOptionalAction, help="the first line names the columns, or does not"
    )
    parser.add_argument("--level", type=_share, default=0.95, metavar="L", help="of the confidence intervals (0.95)")
    parser.add_argument("--sort", metavar="SCORE", help="show classes by support or a score, the lowest first")
    parser.add_argument("--format", choices=("text", "md", "json", "csv"), default="text", help="of the output (text)")
    _add_html(parser)


def _add_html(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--html", type=_page, metavar="FILE", help="write one self-contained page instead")


def _check_score(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    found = arguments.pred or arguments.scores
    if arguments.by:
        parser.error("argument --by: is not read from files; use ScoreSet(by=) and logger.report().by() in training")
    if arguments.label is None and (found or arguments.weight):
        parser.error("argument --label: is needed with --pred, --scores or --weight")
    if arguments.label is not None and not found:
        parser.error("argument --label: needs --pred, the predicted classes, or --scores")
    if arguments.label is None and len(arguments.files) != 2:
        parser.error(f"give two files, Y_TRUE and Y_PRED, or FILES with --label; got {len(arguments.files)}")


_SCORE = """Reports on labels and predictions: two files, Y_TRUE and Y_PRED, of class ids or names or a column a class;
or FILES (paths, folders, globs) whose columns --label and --pred or --scores name. Reads .npy, .npz, .csv, .tsv and,
with pyarrow, .jsonl and .parquet, in pieces, whatever their size. One column of fractions holds scores of yes, above
0.5 (of logits above 0) unless --threshold is given; of several columns the largest score wins, or with --threshold
each is a yes/no question. Of scores AUROC and average precision are reported too."""


def _resolve_workers(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Takes the workers from TF_CONFIG where none are given."""
    workers, index = arguments.workers, arguments.worker_index
    if (workers is None) != (index is None):
        parser.error("arguments --workers and --worker-index: need each other")
    if workers is not None and not index < len(workers):
        parser.error(f"argument --worker-index: must be from 0 to {len(workers) - 1}, got {index}")
    if workers is None and os.environ.get("TF_CONFIG"):
        try:
            arguments.workers, arguments.worker_index = _read_tf_config(os.environ["TF_CONFIG"])
        except (ValueError, TypeError, KeyError, AttributeError, argparse.ArgumentTypeError):
            parser.error(f"TF_CONFIG must be like {_TF_CONFIG}, got {os.environ['TF_CONFIG'][:200]}")


_TF_CONFIG = '{"cluster": {"worker": ["HOST:PORT", ...]}, "task": {"type": "worker", "index": I}}'


def _read_tf_config(text: str) -> tuple[list[str] | None, int | None]:
    """Addresses and index, a "chief" before the workers; None where there is one process alone."""
    config = json.loads(text)
    jobs = config.get("cluster", {})
    unknown = jobs.keys() - {"chief", "worker"}
    if unknown:
        raise ValueError(f"no job of ours: {unknown}")
    chiefs, workers = jobs.get("chief", []), jobs.get("worker", [])
    if len(chiefs) + len(workers) < 2:
        return None, None
    kind, index = config["task"]["type"], config["task"]["index"]
    if kind not in jobs or type(index) is not int or not 0 <= index < len(jobs[kind]):
        raise ValueError(f"no task of the cluster: {kind} {index}")
    return _addresses(",".join([*chiefs, *workers])), index + (len(chiefs) if kind == "worker" else 0)


def _addresses(text: str) -> list[str]:
    addresses = text.split(",")
    for address in addresses:
        host, _, port = address.rpartition(":")
        if not host or not (port.isascii() and port.isdecimal() and 0 < int(port) < 2**16):
            raise argparse.ArgumentTypeError(f"must be HOST:PORT with a port from 1 to 65535, got {address!r}")
    if len(addresses) < 2:
        raise argparse.ArgumentTypeError(f"must be two or more, got {text!r}")
    if len(set(addresses)) < len(addresses):
        raise argparse.ArgumentTypeError(f"must differ, got {text!r}")
    return addresses


def _at_least(low: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = _integer(text)
        if value < low:
            raise argparse.ArgumentTypeError(f"must be at least {low}, got {value}")
        return value

    return number


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be an integer, got {text!r}") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, got {text!r}") from None


def _finite(text: str) -> float:
    value = _number(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"must be a finite number, got {text}")
    return value


def _seconds(text: str) -> float:
    value = _finite(text)
    if not 1 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"must be from 1 to 86400 seconds, got {text}")
    return value


def _seed(text: str) -> int:
    value = _integer(text)
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"must be from 0 to {2**32 - 1}, got {value}")
    return value


def _share(text: str) -> float:
    value = _number(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"must be between 0 and 1, got {text}")
    return value


def _source(text: str) -> str:
    return text if text == "keras" else str(_folder(text).resolve())


def _folder(text: str) -> Path:
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"there is no folder {text!r}")
    return Path(text)


def _page(text: str) -> Path:
    if not text or os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"must be a file to write, got {text!r}")
    return Path(text)


def _file(text: str) -> Path:
    if not os.path.isfile(text):
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return Path(text)


def _input(text: str) -> str:
    """A file, a folder or a glob."""
    if not Path(text).exists() and not any(sign in text for sign in "*?["):
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return text


if __name__ == "__main__":
    sys.exit(main())
