"""The arguments of each command."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from fmnist_tf_cli import values


def add_train(commands: Any) -> None:
    """The arguments of `fmnist-tf train`; the default is None, so that --resume knows which were given."""
    parser = commands.add_parser("train", help="train MiniVGG and write a run folder", description=_TRAIN)
    parser.add_argument(
        "--data",
        type=values.data_source,
        metavar="SOURCE",
        help="folder with the four IDX files, or 'keras' for a download of the full set (the bundled sample)",
    )
    parser.add_argument("--epochs", type=values.at_least(1), metavar="N", help="passes over the training images (10)")
    parser.add_argument("--batch-size", type=values.at_least(1), metavar="N", help="images a step (32)")
    parser.add_argument("--train-size", type=values.at_least(1), metavar="N", help="the first N training images alone")
    parser.add_argument("--test-size", type=values.at_least(1), metavar="N", help="the first N test images alone")
    parser.add_argument(
        "--val-split",
        type=values.share,
        metavar="F",
        help="hold back this share of the training images to choose the epoch by, in place of the test images",
    )
    parser.add_argument("--seed", type=values.seed, metavar="N", help="of weights, order and dropout (0)")
    parser.add_argument(
        "--label-noise",
        type=values.share,
        metavar="F",
        help="make this share of the training labels wrong, and report how many of them the run finds",
    )
    parser.add_argument(
        "--ladder",
        action="store_true",
        default=None,
        help="the best epoch is the last that beat the one announced before by more than the noise of these images",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="run folder (a new one under runs/)")
    parser.add_argument(
        "--workers",
        type=values.addresses,
        metavar="HOST:PORT,...",
        help="train on several machines, worker 0 first, which writes the run (those of TF_CONFIG, if that is set)",
    )
    parser.add_argument(
        "--worker-index", type=values.at_least(0), metavar="I", help="which of --workers this process is"
    )
    parser.add_argument(
        "--patience",
        type=values.seconds,
        default=60.0,
        metavar="S",
        help="seconds that workers wait for each other (60)",
    )
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--force", action="store_true", help="replace the run that --out holds")
    again.add_argument(
        "--resume",
        action="store_true",
        help="go on after the last finished epoch of --out; with more --epochs a finished run too",
    )


_TRAIN = """Trains MiniVGG on Fashion-MNIST; prints macro F1 of every epoch and the report of the best one, and writes
the model, history, report and confusion matrix into a folder."""


def add_report(commands: Any) -> None:
    """The arguments of `fmnist-tf report`."""
    parser = commands.add_parser("report", help="print the report of a run, or compare two")
    parser.add_argument("run", type=values.existing_folder, metavar="RUN", help="run folder")
    parser.add_argument(
        "other", type=values.existing_folder, metavar="RUN_B", nargs="?", help="run folder to compare with RUN"
    )
    parser.add_argument(
        "--format", choices=("text", "md", "json"), default="text", help="of the output; md for a pull request (text)"
    )
    _add_html(parser)


def add_score(commands: Any) -> None:
    """The arguments of `fmnist-tf score`."""
    parser = commands.add_parser("score", help="report on predictions made elsewhere", description=_SCORE)
    parser.add_argument(
        "files", type=values.input_path, nargs="+", metavar="FILE", help="Y_TRUE Y_PRED, or FILES with --label"
    )
    parser.add_argument("--label", metavar="NAME", help="column of the labels; FILES hold labels and predictions")
    found = parser.add_mutually_exclusive_group()
    found.add_argument("--pred", metavar="NAME", help="column of the predicted classes")
    found.add_argument("--scores", metavar="NAMES", help="columns of the scores, such as 'cat,dog' or 'p_*'")
    parser.add_argument("--weight", metavar="NAME", help="column of the weights of the rows")
    parser.add_argument(
        "--by", metavar="NAME", action="append", help="column of groups to score apart; may be repeated"
    )
    parser.add_argument(
        "--classes", type=values.existing_file, metavar="FILE", help="text file, the name of one class a line"
    )
    parser.add_argument(
        "--threshold",
        type=values.finite,
        metavar="T",
        help="each column of scores is binary: yes above T, a probability, also with --from-logits",
    )
    parser.add_argument("--from-logits", action="store_true", help="the scores are logits, not numbers from 0 to 1")
    parser.add_argument("--drop-index", action="store_true", help="leave out a first column that counts the rows")
    parser.add_argument(
        "--header", action=argparse.BooleanOptionalAction, help="the first line of each file is a header, or a row"
    )
    parser.add_argument(
        "--level", type=values.share, default=0.95, metavar="L", help="of the confidence intervals (0.95)"
    )
    parser.add_argument("--sort", metavar="SCORE", help="show classes by support or a score, the lowest first")
    parser.add_argument("--format", choices=("text", "md", "json", "csv"), default="text", help="of the output (text)")
    _add_html(parser)


def _add_html(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--html", type=values.page_file, metavar="FILE", help="write one self-contained page instead")


def check_score(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Refuses arguments of `score` that do not go together."""
    found = arguments.pred or arguments.scores
    if arguments.label is None and (found or arguments.weight or arguments.by):
        parser.error("argument --label: is needed with --pred, --scores, --weight or --by")
    if arguments.label is not None and not found:
        parser.error("argument --label: needs --pred, the predicted classes, or --scores")
    if arguments.label is None and len(arguments.files) != 2:
        parser.error(f"give two files, Y_TRUE and Y_PRED, or FILES with --label; got {len(arguments.files)}")


_SCORE = """Reports on labels and predictions: two files, Y_TRUE and Y_PRED, of class ids or names or a column a class;
or FILES (paths, folders, globs) whose columns --label and --pred or --scores name. Reads .npy, .npz, .csv, .tsv and,
with pyarrow, .jsonl and .parquet, in pieces, of any size. One column of fractions holds scores of yes, above
0.5 (of logits above 0) unless --threshold is given; of several columns the largest score wins, or with --threshold
each is binary. Of scores AUROC and average precision are reported too."""


def resolve_workers(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Takes the workers from TF_CONFIG if none are given."""
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
    """Addresses and index, a "chief" before the workers; None for a single process."""
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
    return values.addresses(",".join([*chiefs, *workers])), index + (len(chiefs) if kind == "worker" else 0)
