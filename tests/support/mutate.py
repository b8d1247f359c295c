"""Plants every error in turn in the table of scores and says how many of them the oracles catch.

Run it as a script: python tests/mutate.py. An error is one change of a formula: a field for another, a sign, a factor,
a product for a quotient, a root left out.
"""

import ast
import copy
import inspect
import itertools
import sys
import types

import numpy as np
import tensorflow as tf

from fmnist_tf.labels import InputSpec, canonicalize
from fmnist_tf.scores import divide, evaluate, table
from support import oracles
from support.counting import count, count_pairs

FIELDS = ("tp", "fp", "fn", "tn", "predicted", "support", "negatives", "predicted_negatives", "total")
SIGNS = {ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Div, ast.Add], ast.Div: [ast.Mult], ast.Pow: [ast.Mult]}
MACHINERY = {"identity", "per_class", "of_whole", "_sum", "enter", "of_column", "__call__"}
HELPERS = {"_geometric_mean_of_recalls": ["geometric_mean"], "_occurs": ["balanced_accuracy", "geometric_mean"]}
BETA = 3.0


def changes(node):
    """The nodes that may replace a node, to be wrong."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "c":
        for field in FIELDS:
            if field != node.attr:
                yield ast.Attribute(node.value, field, node.ctx)
    elif isinstance(node, ast.BinOp):
        for sign in SIGNS.get(type(node.op), []):
            yield ast.BinOp(node.left, sign(), node.right)
    elif isinstance(node, ast.Constant) and isinstance(node.value, float | int) and not isinstance(node.value, bool):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("sqrt", "abs"):
        yield node.args[0]
    elif isinstance(node, ast.keyword) and node.arg == "final":
        yield ast.keyword("final", ast.Name("identity", ast.Load()))


def mutants():
    """(function, what was changed, source of the whole module) of every planted error."""
    tree = ast.parse(inspect.getsource(table))
    for position, node in enumerate(ast.walk(tree)):
        if not isinstance(node, ast.FunctionDef) or node.name in MACHINERY:
            continue
        for place, inner in enumerate(ast.walk(node)):
            for number, change in enumerate(changes(inner)):
                if _is_of_shape_alone(node, inner):
                    continue
                changed = copy.deepcopy(tree)
                function = next(itertools.islice(ast.walk(changed), position, None))
                _replace(
                    function, place, list(changes(next(itertools.islice(ast.walk(function), place, None))))[number]
                )
                yield node.name, f"{ast.unparse(inner)} -> {ast.unparse(change)}", ast.unparse(changed)


def _is_of_shape_alone(function, node):
    """Whether only the dtype, the shape or an axis of a tensor is taken from the node."""
    for outer in ast.walk(function):
        if isinstance(outer, ast.Attribute) and outer.attr in ("dtype", "shape") and outer.value is node:
            return True
        if isinstance(outer, ast.Call) and ast.unparse(outer.func) == "tf.ones_like" and node in outer.args:
            return True
        if isinstance(outer, ast.keyword | ast.Subscript) and not isinstance(node, ast.keyword):
            inside = outer.value if isinstance(outer, ast.keyword) else outer.slice
            if isinstance(node, ast.Constant) and node in ast.walk(inside):
                return True
    return False


def _replace(function, place, change):
    target = next(itertools.islice(ast.walk(function), place, None))
    for outer in ast.walk(function):
        for name, value in ast.iter_fields(outer):
            if value is target:
                return setattr(outer, name, change)
            if isinstance(value, list) and any(item is target for item in value):
                return setattr(outer, name, [change if item is target else item for item in value])
    raise LookupError("the node is not in the function")


# The check: what the oracle tests ask, over fixed streams


def _streams():
    rng = np.random.default_rng(0)
    for rows, classes in ((12, 3), (9, 4), (7, 2), (30, 3)):
        weight = rng.integers(1, 9, rows) / 4
        yield rng.integers(0, classes, rows).tolist(), rng.integers(0, classes, rows).tolist(), weight.tolist(), classes
    yield [0, 0, 1, 1], [0, 1, 1, 1], [1.0, 2.0, 3.0, 4.0], 4  # classes that do not occur
    yield [0, 0, 1, 2], [0, 0, 1, 1], [1.0, 2.0, 0.5, 0.25], 4  # one that is never predicted
    yield [0], [0], [0.0], 3  # nothing


STREAMS = list(_streams())
LABELS = [canonicalize(true, pred, tf.constant(w, tf.float64), InputSpec(c)) for true, pred, w, c in STREAMS]
COUNTS = [count(labels) for labels in LABELS]
SELECTED = ({"average": "macro"}, {"average": "micro"}, {"average": None})


def disagreement(score, **options):
    """The first stream on which a score is not what its oracle says, or None."""
    for counts, (y_true, y_pred, weight, num_classes) in zip(COUNTS, STREAMS, strict=True):
        one_vs_rest_tables = oracles.class_cells(y_true, y_pred, num_classes, weight)
        pairs = [
            (evaluate(score, counts, multiclass=False, **which),
             oracles.average_of(score.name, one_vs_rest_tables, **which, **options))
            for which in SELECTED
        ]  # fmt: skip
        if score.overall is not None:
            overall = oracles.score_classes(score.name, y_true, y_pred, num_classes, weight)
            pairs.append((evaluate(score, counts, multiclass=True), overall))
        if not all(np.allclose(ours, np.array(theirs, float), rtol=1e-12, atol=1e-12) for ours, theirs in pairs):
            return y_true, y_pred, weight
    return None


def kappa_disagrees(weighted_kappa):
    """Whether weighted kappa differs from its oracle on any stream."""
    for labels, (y_true, y_pred, weight, num_classes) in zip(LABELS, STREAMS, strict=True):
        for weights in ("linear", "quadratic"):
            ours = divide(*weighted_kappa(count_pairs(labels), weights), 0.0)
            theirs = oracles.score_classes("cohen_kappa", y_true, y_pred, num_classes, weight, weights=weights)
            if not np.allclose(ours, theirs, rtol=1e-12, atol=1e-12):
                return True
    return False


def load(source):
    """The module of a changed source."""
    module = types.ModuleType("mutant")
    sys.modules["mutant"] = module
    exec(compile(source, "mutant", "exec"), module.__dict__)
    return module


def is_caught(function, source):
    """Whether a check fails, or the formula itself does."""
    try:
        module = load(source)
        if function in ("weighted_kappa", "_beyond_chance"):
            return kappa_disagrees(module.weighted_kappa)
        if function in ("fbeta_score", "fraction"):
            return disagreement(module.fbeta_score(BETA), beta=BETA) is not None
        return any(disagreement(module.SCORES[name]) is not None for name in HELPERS.get(function, [function]))
    except (TypeError, ValueError, AttributeError, tf.errors.OpError):
        return True


def main():
    """Prints each error that nothing catches, and how many were caught."""
    outcomes = []
    seen = set()
    for function, change, source in mutants():
        if source in seen:
            continue
        seen.add(source)
        outcomes.append(is_caught(function, source))
        if not outcomes[-1]:
            print(f"not caught: {function}: {change}")
    print(f"{sum(outcomes)} of {len(outcomes)} planted errors were caught")


if __name__ == "__main__":
    main()
