"""Entry of the command `fmnist-tf`: reads the arguments, and only then imports the package and TensorFlow with it.

It is installed beside the package because importing anything of `fmnist_tf` imports TensorFlow, which takes seconds and
writes to the terminal. So `--help`, `--version` and errors in arguments take no time, and stderr can be silenced
before TensorFlow writes to it.
"""

import argparse
import faulthandler
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NoReturn

from fmnist_tf_cli.commands import add_report, add_score, add_train, check_score, resolve_workers

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
    except ImportError as error:  # a version or a backend of Keras that does not work
        print(f"fmnist-tf: {error}", file=sys.stderr)
        return BAD_ARGUMENT
    except KeyboardInterrupt:
        return INTERRUPTED


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments as a namespace; a bad one ends with one line on stderr and the exit status 2."""
    parser = _Parser(prog="fmnist-tf", description="Train on Fashion-MNIST and report F1, exactly.", epilog=_EPILOG)
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(title="commands", dest="command", required=True, metavar="COMMAND")
    add_train(commands)
    add_report(commands)
    add_score(commands)
    arguments = parser.parse_args(argv)
    command = commands.choices[arguments.command]
    if arguments.command == "train":
        resolve_workers(command, arguments)
        if arguments.resume and arguments.out is None and not arguments.worker_index:
            command.error("argument --resume: needs --out, the run to go on with")
        if arguments.workers and arguments.ladder:
            command.error("argument --ladder: pairs the rows of one process; leave out --workers")
    if arguments.command == "score":
        check_score(command, arguments)
    return arguments


def _prepare_output() -> None:
    """Replaces characters that the terminal cannot show; keeps files from taking the place of a closed stream."""
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

    While TensorFlow is imported, a KeyboardInterrupt may be raised where its code ignores it, such as in a destructor,
    and the command would continue. There is nothing to clean up yet. A handler that is set already stays.
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
    """Discards the messages of native code to stderr; Python's own stderr stays on the terminal.

    TensorFlow 2.21 writes messages while it is imported, for any TF_CPP_MIN_LOG_LEVEL. If that is set to 0,
    they are shown. A crash of native code still prints the Python traceback.
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
