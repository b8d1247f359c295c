"""A worked pipeline of Apache Beam: parquet shards -> counts -> report and page, on any of Beam's runners.

    python -m fmnist_tf.distribute.evaluate 'shards/*.parquet' --label y --scores 'p_*' --output out

Options that --help does not list are passed to Beam: --runner, --temp_location, --flink_master and so on.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from typing import Any

import apache_beam as beam  # pyright: ignore[reportMissingImports] - an extra
import numpy as np
import pyarrow.parquet as pq
from apache_beam.io.filesystems import FileSystems  # pyright: ignore[reportMissingImports]
from apache_beam.options.pipeline_options import PipelineOptions  # pyright: ignore[reportMissingImports]

from fmnist_tf.distribute.beam import Batch, CombineCounts, State
from fmnist_tf.files import to_json
from fmnist_tf.files.patterns import match_names
from fmnist_tf.files.tables import Texts
from fmnist_tf.files.tables.arrow import to_numpy, to_values
from fmnist_tf.metrics import ConfusionMatrix, CurveSet
from fmnist_tf.report import Report
from fmnist_tf.report.from_files.class_ids import ClassIds
from fmnist_tf.report.from_files.options import name_numbers
from fmnist_tf.report.html import report_page

_ROWS = 2**16


class Columns(beam.DoFn):
    """Arrow tables -> batches (y_true, y_pred[, sample_weight]).

    Args:
        label: column of the class ids or names.
        scores: columns of the scores or, for a model, of its features; one of predicted ids.
        weight: column of the weights, or None.
        class_names: of the classes, which labels and predictions of text mean; None where they are ids.
        model: path of a Keras model that predicts from the columns, or None where they are predictions.
    """

    def __init__(
        self,
        label: str,
        scores: Sequence[str],
        weight: str | None,
        class_names: Sequence[str] | None = None,
        model: str | None = None,
    ):
        self.label, self.scores, self.weight, self.path = label, list(scores), weight, model
        self.class_names = class_names
        self.model: Any = None
        self.ids: Any = None

    def setup(self) -> None:
        """Loads the model and the names, once a worker."""
        self.ids = _class_ids(self.class_names)
        if self.path is not None:
            import keras

            self.model = keras.saving.load_model(self.path, compile=False)

    def process(self, element: Any) -> Iterator[Batch]:
        """The batches of one table, a row group of a file."""
        for start in range(0, element.num_rows, _ROWS):
            part = element.slice(start, _ROWS)
            columns = [to_values(part.column(name)) for name in self.scores]
            y_pred = self._predictions(columns)
            if self.model is not None:
                y_pred = np.asarray(self.model.predict_on_batch(y_pred.astype(np.float32)))
            weight = [] if self.weight is None else [to_numpy(part.column(self.weight))]
            yield (self._ids_of(to_values(part.column(self.label)), self.label), y_pred, *weight)

    def _predictions(self, columns: list[Any]) -> np.ndarray:
        """Scores or features (n, C), (n,) of one column; ids of text and of integers."""
        values = columns[0]
        if len(columns) > 1:
            return np.stack(columns, axis=-1)
        if not isinstance(values, Texts) and (self.path is not None or values.dtype.kind == "f"):
            return values
        return self._ids_of(values, self.scores[0])

    def _ids_of(self, values: Any, column: str) -> np.ndarray:
        if isinstance(values, Texts) and self.class_names is None:
            raise ValueError(f"column {column!r} holds text, such as {values.values[0]!r}; --classes names the classes")
        return self.ids.read(values, f"column {column!r}")


def _class_ids(names: Sequence[str] | None) -> ClassIds:
    """How labels become ids: numbers are ids unless the names are other numbers, as for `fmnist-tf score`."""
    return ClassIds(names, by_number=name_numbers(names), told_by="of the columns of scores or of --classes")


def evaluate(arguments: argparse.Namespace, options: PipelineOptions) -> str:
    """Runs the pipeline, which writes report.txt, report.json and report.html below `arguments.output`.

    Args:
        arguments: as `parse` gives them.
        options: of Beam.

    Returns:
        The text of the report.

    Raises:
        ValueError: there is no such file or column, or rows could not be counted.
    """
    names = _find_columns(arguments)
    class_names = _find_class_names(arguments, names)
    metrics = _make_metrics(arguments, len(names), class_names)
    pattern, columns = arguments.files, [column for column, _ in names]
    wanted = [arguments.label, *columns, *([arguments.weight] if arguments.weight else [])]
    with beam.Pipeline(options=options) as pipeline:
        batches = (
            pipeline
            | "files" >> beam.Create(pattern)
            | "read" >> beam.io.ReadAllFromParquetBatched(columns=wanted)
            | "batches" >> beam.ParDo(Columns(arguments.label, columns, arguments.weight, class_names, arguments.model))
        )
        states = [batches | f"count {metric.name}" >> beam.CombineGlobally(CombineCounts(metric)) for metric in metrics]
        curves = {} if arguments.pred else {"curves": beam.pvalue.AsSingleton(states[1])}
        _ = states[0] | "report" >> beam.Map(_write, metrics, class_names, arguments.output, **curves)
    with TextIOWrapper(FileSystems.open(FileSystems.join(arguments.output, "report.txt")), "utf-8") as file:
        return file.read()


def _find_columns(arguments: argparse.Namespace) -> list[tuple[str, str]]:
    """(column, class name) of the scores, from the schema of the first file."""
    found = [metadata.path for result in FileSystems.match(arguments.files) for metadata in result.metadata_list]
    if not found:
        raise ValueError(f"there is no file {arguments.files[0]!r}")
    with FileSystems.open(found[0]) as file:
        known = pq.read_schema(file).names
    return match_names(arguments.pred or arguments.scores, known, found[0])


def _find_class_names(arguments: argparse.Namespace, names: Sequence[tuple[str, str]]) -> list[str] | None:
    """Those of --classes, else of several columns of scores; None if they are unknown."""
    predicted = arguments.pred or arguments.model  # columns are no classes
    if not arguments.classes:
        return None if predicted or len(names) == 1 else [name for _, name in names]
    found = [name.strip() for name in arguments.classes.split(",")]
    number = arguments.num_classes if predicted else max(2, len(names))
    if len(set(found)) < max(2, len(found)) or number not in (None, len(found)):
        raise ValueError(f"--classes must name {number or 'two or more'} different classes, got {arguments.classes!r}")
    return found


def _make_metrics(arguments: argparse.Namespace, columns: int, names: Sequence[str] | None) -> list[Any]:
    """The metrics: a confusion matrix, and for scores their histogram."""
    given = len(names) if names else arguments.num_classes
    if arguments.pred:
        return [ConfusionMatrix(given)]
    num_classes = given if arguments.model else columns
    return [
        ConfusionMatrix(None if num_classes == 1 else num_classes, threshold=arguments.threshold),
        CurveSet(from_logits=arguments.from_logits, on_invalid="skip"),
    ]


def _write(
    state: State, metrics: Sequence[Any], names: Sequence[str] | None, output: str, curves: State | None = None
) -> None:
    """Writes the report of the states to any file system of Beam."""
    for metric, found in zip(metrics, (state, curves), strict=False):
        metric.load_state_dict(found)
    metrics[0].raise_if_invalid()
    matrix = metrics[0].matrix
    report = Report(matrix, names if names and len(names) == len(matrix) else None, curves=(*metrics[1:], None)[0])
    pages = {"txt": report.text(), "json": to_json(report.to_dict()), "html": report_page(report)}
    if not FileSystems.exists(output):
        FileSystems.mkdirs(output)
    for suffix, content in pages.items():
        with FileSystems.create(FileSystems.join(output, f"report.{suffix}")) as file:
            file.write(content.encode())


def parse(argv: Sequence[str] | None = None) -> tuple[argparse.Namespace, PipelineOptions]:
    """The arguments of the pipeline, and those of Beam."""
    parser = argparse.ArgumentParser(prog="python -m fmnist_tf.distribute.evaluate", description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILES", help="parquet files or patterns, wherever Beam reads")
    parser.add_argument("--label", required=True, metavar="NAME", help="column of the class ids or names")
    found = parser.add_mutually_exclusive_group(required=True)
    found.add_argument("--scores", metavar="NAMES", help="columns of the scores, such as 'a,b,c' or 'p_*'")
    found.add_argument("--pred", metavar="NAME", help="column of predictions; needs --num-classes or --classes")
    parser.add_argument("--weight", metavar="NAME", help="column of the weights of the rows")
    parser.add_argument("--model", metavar="FILE", help="a Keras model that predicts; --scores are its features")
    parser.add_argument("--num-classes", type=int, metavar="C", help="where predictions are class ids")
    parser.add_argument("--classes", metavar="NAMES", help="the names of the classes in order, such as 'cat,dog'")
    parser.add_argument("--threshold", type=float, metavar="T", help="of one column of scores (0.5)")
    parser.add_argument("--from-logits", action="store_true", help="the scores are logits")
    parser.add_argument("--output", required=True, metavar="DIR", help="folder of report.txt, report.json, report.html")
    arguments, rest = parser.parse_known_args(argv)
    if arguments.pred and not (arguments.num_classes or arguments.classes):
        parser.error("argument --pred: needs --num-classes or --classes")
    return arguments, PipelineOptions(rest)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the pipeline and prints its report; 2 and one line for what cannot be read."""
    try:
        print(evaluate(*parse(argv)))
    except (ValueError, OSError, RuntimeError) as error:
        print(f"evaluate: {' '.join(str(error).split())[:1000]}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    # Beam pickles by module name, and workers know no __main__.
    from fmnist_tf.distribute.evaluate import main as run

    sys.exit(run())
