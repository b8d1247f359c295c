"""The structure that fmnist_tf/README.md describes, read from the source: sizes, rooms, private names, depth."""

import ast
import re
from pathlib import Path

import keras
import pytest

from fmnist_tf import metrics
from fmnist_tf.metrics.identity import ScoreIdentity

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fmnist_tf"

#: The rooms from the bottom up. A room imports rooms that stand before it, never one that stands after it.
ROOMS = (
    "compat",
    "kernels",
    "labels",
    "counts",
    "scores",
    "curves",
    "calibration",
    "intervals",
    "files",
    "rows",
    "metrics",
    "report",
    "plots",
    "distribute",
    "callbacks",
    "fashion_mnist",
    "cli",
)

#: The arrows that point up. They are followed only inside a function, when a person asks for a picture or a page.
ON_DEMAND = {
    ("metrics", "report"),
    ("metrics", "plots"),
    ("rows", "report"),
    ("rows", "plots"),
    ("report", "plots"),
}

PURE = ("labels", "counts", "scores", "curves", "calibration", "intervals")
FLAT = {"__init__.py", "__main__.py", "compat.py"}
PRIVATE_MODULES = ("keras.src", "tensorflow.python")
FRAME_WALKERS = {"currentframe", "_getframe", "_current_frames"}


def _sources(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(path):
    """Every module that a file imports, as (dotted name, whether only inside a function)."""
    tree = _tree(path)
    deferred = {id(node) for function in _functions(tree) for node in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in deferred) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "fmnist_tf":
            yield from ((f"fmnist_tf.{alias.name}", id(node) in deferred) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), id(node) in deferred


def _functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _arrows(room):
    """Every import of another room by a file of this one: (file, room imported, only inside a function)."""
    for path in _files_of(room):
        for name, deferred in _imports(path):
            target = name.split(".")[1] if name.startswith("fmnist_tf.") else None
            if target in ROOMS and target != room:
                yield path.relative_to(ROOT).as_posix(), target, deferred


def _files_of(room):
    return [path for path in _sources("fmnist_tf") if _room(path) == room]


def _names(tree):
    """Every name and attribute that the code reads, calls or imports; strings and comments are left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def _dotted(tree):
    """Every chain of attributes as text, such as keras.src.trainers."""
    return [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]


def test_every_file_has_at_most_350_lines():
    lengths = {
        path.relative_to(ROOT).as_posix(): _length(path) for path in _sources("fmnist_tf", "tests", "benchmarks")
    }
    assert {name: lines for name, lines in lengths.items() if lines > 350} == {}


def _length(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_only_three_modules_lie_flat_beside_the_rooms():
    assert {path.name for path in PACKAGE.glob("*.py")} == FLAT


def test_every_folder_is_a_room_in_the_order():
    assert {_room(path) for path in _sources("fmnist_tf") if path.parent != PACKAGE} <= set(ROOMS)


def test_no_docstring_begins_with_what():
    quotes = '"' * 3
    paths = _sources("fmnist_tf", "tests", "benchmarks")
    assert [path for path in paths if f"{quotes}What " in path.read_text("utf-8")] == []


def test_no_module_is_called_utils():
    stems = {path.stem for path in _sources("fmnist_tf", "tests", "benchmarks")}
    assert stems.isdisjoint({"utils", "util", "helpers", "common", "misc"})


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_below_it(room):
    below = ROOMS[: ROOMS.index(room)]
    assert [arrow for arrow in _arrows(room) if arrow[1] not in below and not _is_on_demand(room, arrow)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_arrow_stands_in_the_architecture_page(room):
    page = (PACKAGE / "README.md").read_text(encoding="utf-8")
    drawn = re.search(rf"^{room} +-> (.*)$", page, re.MULTILINE)
    arrows = {arrow[1] for arrow in _arrows(room) if not _is_on_demand(room, arrow)}
    assert arrows <= set(drawn[1].split(", ") if drawn else [])


def _is_on_demand(room, arrow):
    _, target, deferred = arrow
    return deferred and (room, target) in ON_DEMAND


def test_no_import_is_relative():
    assert [path for path in _sources("fmnist_tf") if any(name.startswith(".") for name, _ in _imports(path))] == []


@pytest.mark.parametrize("room", PURE)
def test_the_pure_core_imports_no_keras(room):
    assert [path for path in _files_of(room) if any(_is_keras(name) for name, _ in _imports(path))] == []


def _is_keras(name):
    return name.split(".")[0] == "keras" or name.startswith("tensorflow.keras")


def test_only_the_command_line_imports_the_worked_example():
    importers = {room for room in ROOMS for _, target, _ in _arrows(room) if target == "fashion_mnist"}
    assert importers == {"cli"}


def test_private_modules_are_imported_by_compat_alone():
    users = [path for path in _sources("fmnist_tf") if path != PACKAGE / "compat.py" and _reads_private_modules(path)]
    assert users == []


def _reads_private_modules(path):
    names = [name for name, _ in _imports(path)] + _dotted(_tree(path))
    return any(name.startswith(PRIVATE_MODULES) for name in names)


#: Private names of other packages that tests read, since there is no public one: of Keras those of `compat`, of
#: TensorFlow the functions in a graph, of MLflow its rule for names.
PRIVATE_OF_OTHERS = {
    *("_direction", "_keras_mask", "_maybe_symbolic_build"),
    *("_functions", "_get_function", "_validate_metric_name"),
}


def test_no_test_reads_a_private_attribute():
    read = {name for path in _sources("tests") for name in _private_attributes(_tree(path))}
    assert read - PRIVATE_OF_OTHERS == set()


def _private_attributes(tree):
    """Names such as metric._state; those of the test itself, of a notebook and of a namedtuple are none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and re.match("_[a-z](?!.*_$)", node.attr):
            own = isinstance(node.value, ast.Name) and node.value.id == "self"
            if not own and not hasattr(ScoreIdentity, node.attr):
                yield node.attr


@pytest.mark.parametrize("name", metrics.__all__)
def test_a_metric_stands_at_most_four_levels_below_keras(name):
    assert _depth(getattr(metrics, name)) <= 4


def _depth(kind):
    """How many classes stand between a class and Keras' own, itself included."""
    if not issubclass(kind, keras.metrics.Metric) or kind is keras.metrics.Metric:
        return 0
    return 1 + max(_depth(base) for base in kind.__bases__)


def test_no_stack_frame_is_walked():
    walkers = [path for path in _sources("fmnist_tf") if FRAME_WALKERS & set(_names(_tree(path)))]
    assert walkers == []
