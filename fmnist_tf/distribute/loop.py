"""`fit_workers` and `evaluate_workers`: fit and evaluate over several workers, with the hooks of fit in fit's order."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from fmnist_tf.compat import restored_epoch, symbolic_build
from fmnist_tf.distribute.batches import EpochBatches, add_checksum, as_batches, count_batches, first_batch
from fmnist_tf.distribute.gradients import check_optimizer
from fmnist_tf.distribute.heartbeat import leave, waiting
from fmnist_tf.distribute.losses import find_loss_scale
from fmnist_tf.distribute.sharing import (
    any_worker,
    broadcast,
    broadcast_variables,
    differs_on_any_worker,
    is_chief,
    lost_workers,
)
from fmnist_tf.distribute.steps import Step, compile_test_step, compile_train_step

#: Callbacks of Keras that only write.
_WRITERS = (
    keras.callbacks.BackupAndRestore,
    keras.callbacks.CSVLogger,
    keras.callbacks.ModelCheckpoint,
    keras.callbacks.ProgbarLogger,
    keras.callbacks.RemoteMonitor,
    keras.callbacks.TensorBoard,
)


def fit_workers(
    model: keras.Model,
    data: Any,
    *,
    epochs: int = 1,
    validation_data: Any = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    batch_size: int = 32,
    validation_batch_size: int = 256,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    verbose: int = 0,
) -> keras.callbacks.History:
    """Trains a compiled model on several workers, as `model.fit` does on one.

    Every worker calls it with the same arguments and the same data; each batch is divided among the replicas. Metrics
    count every row once, to the bit. Weights are those of a single process with the same batches, to the rounding of
    float32 sums, if the prediction of a row depends on that row alone. Batch normalization takes the
    statistics of the replica's rows unless it is `synchronized=True`, and its moving averages are averaged over the
    replicas at the end of each epoch; dropout draws other masks than a single process. All workers always end with the
    same weights.

    Training begins with the variables and the epoch of the chief: only the chief needs a checkpoint.
    Callbacks run on every worker, since reading a metric needs all; Keras' own that only write (ModelCheckpoint,
    CSVLogger, TensorBoard, ...) run on the chief, and a ScoreLogger writes there alone.

    Args:
        model: made and compiled inside the scope of the strategy, such as that of `join_workers`. A custom loss
            returns a value a row; one that returns a number a batch must be the only loss, without regularizers.
        data: `(x, y)` or `(x, y, sample_weight)`, taken in their order in batches of `batch_size`; or a tf.data.Dataset
            or keras.utils.PyDataset of such batches, the same on every worker: give `shuffle` a seed.
        epochs: the last epoch, counted from 1, as in fit.
        validation_data: like `data`; evaluated at the end of each epoch. None for none.
        callbacks: as in fit.
        batch_size: rows of a batch, of all workers together.
        validation_batch_size: rows of a batch of `validation_data`, of all workers together.
        initial_epoch: the epoch to begin with.
        steps_per_epoch: batches an epoch, after which the next epoch continues in the data; None takes all batches in
            each epoch. As in fit, an epoch ends with a warning if the data end, and the next one starts over.
        verbose: 0, 1 or 2 as in fit; only the chief prints.

    Returns:
        The `History` of fit, of all workers together.

    Raises:
        TypeError: `data` is of another kind, such as a generator.
        ValueError: the model was made outside the scope or is not compiled; its loss or its optimizer cannot be right
            on several workers; arrays are empty or differ in length; the workers were given different data.
        ConnectionError: another worker has gone.

    Example:
        >>> strategy = join_workers(["10.0.0.1:2222", "10.0.0.2:2222"], index=0)  # doctest: +SKIP
        >>> with strategy.scope():  # doctest: +SKIP
        ...     model = mini_vgg()
        ...     model.compile("adam", "sparse_categorical_crossentropy", metrics=[ScoreSet()])
        >>> fit_workers(model, (x, y), epochs=3, callbacks=[ScoreLogger(log_dir="run")])  # doctest: +SKIP
    """
    _check(model)
    check_optimizer(model.optimizer)
    with lost_workers(model.distribute_strategy):
        batches = as_batches(data, batch_size)
        validation = None if validation_data is None else as_batches(validation_data, validation_batch_size)
        _check_same(model, [epochs, initial_epoch, steps_per_epoch or -1, validation is None], "arguments")
        scale = _build(model, batches)
        steps = steps_per_epoch or count_batches(batches)
        hooks = _make_hooks(model, callbacks, epochs=epochs, steps=steps, verbose=verbose, add_history=True)
        train = _Source(EpochBatches(batches, steps_per_epoch), compile_train_step(model, batches.element_spec, scale))
        test = None
        if validation is not None:
            test = _Source(validation, compile_test_step(model, validation.element_spec, scale))
        return _fit(hooks, train, test, range(initial_epoch, epochs))


def evaluate_workers(
    model: keras.Model,
    data: Any,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    batch_size: int = 256,
) -> dict[str, float]:
    """Evaluates a compiled model on several workers, as `model.evaluate(..., return_dict=True)` does on one.

    Every worker calls it with the same arguments and the same data; each batch is divided among the replicas. Metrics
    count every row once: their counts equal those of a single process, to the bit.

    Args:
        model: made and compiled inside the scope of the strategy, such as that of `join_workers`.
        data: `(x, y)` or `(x, y, sample_weight)`, taken in their order in batches of `batch_size`; or a tf.data.Dataset
            or keras.utils.PyDataset of such batches, the same on every worker.
        callbacks: as in evaluate. They run on every worker; Keras' own that only write run on the chief.
        batch_size: rows of a batch, of all workers together. A dataset has batches already.

    Returns:
        Name -> value of the loss and of every metric, the same on every worker: a float; an array where the result of
        a metric is not a scalar.

    Raises:
        TypeError: `data` is of another kind, such as a generator.
        ValueError: the model was made outside the scope or is not compiled; its loss cannot be right on several
            workers; arrays are empty or differ in length; the workers were given different data.
        ConnectionError: another worker has gone.

    Example:
        >>> strategy = join_workers(["10.0.0.1:2222", "10.0.0.2:2222"], index=0)  # doctest: +SKIP
        >>> with strategy.scope():  # doctest: +SKIP
        ...     model = mini_vgg()
        ...     model.compile(loss="sparse_categorical_crossentropy", metrics=[MacroF1()])
        >>> evaluate_workers(model, (x, y), batch_size=512)["macro_f1"]  # doctest: +SKIP
    """
    _check(model)
    with lost_workers(model.distribute_strategy):
        batches = as_batches(data, batch_size)
        step = compile_test_step(model, batches.element_spec, _build(model, batches))
        return _evaluate(_make_hooks(model, callbacks), _Source(batches, step))


class _Source(NamedTuple):
    """Batches, and the step to take with each."""

    batches: Iterable
    step: Step


def _make_hooks(
    model: Any, callbacks: Sequence[keras.callbacks.Callback], *, verbose: int = 0, **settings: Any
) -> keras.callbacks.CallbackList:
    """The callbacks of this worker."""
    chief = is_chief(model.distribute_strategy)
    mine = [callback for callback in callbacks if chief or not isinstance(callback, _WRITERS)]
    bar = chief and verbose != 0
    return keras.callbacks.CallbackList(mine, model=model, add_progbar=bar, verbose=verbose, **settings)


def _fit(
    hooks: keras.callbacks.CallbackList, source: _Source, validation: _Source | None, epochs: range
) -> keras.callbacks.History:
    model: Any = hooks.model
    model.stop_training = False
    hooks.on_train_begin()
    logs: dict[str, Any] = {}
    for epoch in range(_begin(model, epochs.start), epochs.stop):
        model.reset_metrics()
        hooks.on_epoch_begin(epoch)
        _train(hooks, source)
        logs = _read_metrics(model)
        if validation is not None:
            logs |= {f"val_{name}": value for name, value in _evaluate(hooks, validation).items()}
        hooks.on_epoch_end(epoch, logs)
        if any_worker(model.distribute_strategy, model.stop_training):
            break
    model.optimizer.finalize_variable_values(model.trainable_weights)
    hooks.on_train_end(logs)
    leave(model.distribute_strategy, "its training has ended")
    return model.history


def _train(hooks: keras.callbacks.CallbackList, source: _Source) -> None:
    model: Any = hooks.model
    _pass_over(model, source, hooks.on_train_batch_begin, hooks.on_train_batch_end, lambda: model.stop_training)
    _average(model)


def _pass_over(model: Any, source: _Source, begin: Callable, end: Callable, stops: Callable[[], bool]) -> None:
    """A step and its two hooks for each batch, until a callback stops it."""
    checksum = 0
    for number, batch in enumerate(source.batches):
        begin(number)
        with waiting(model.distribute_strategy, "a step"):
            logs = source.step(batch)
        end(number, logs)
        checksum = add_checksum(checksum, batch)
        if stops():
            break
    _check_same(model, [checksum])


def _evaluate(hooks: keras.callbacks.CallbackList, source: _Source) -> dict[str, Any]:
    model: Any = hooks.model
    model.stop_evaluating = False
    hooks.on_test_begin()
    model.reset_metrics()
    _pass_over(model, source, hooks.on_test_batch_begin, hooks.on_test_batch_end, lambda: model.stop_evaluating)
    logs = _flatten(_read_metrics(model))
    hooks.on_test_end(logs)
    return logs


def _read_metrics(model: Any) -> dict[str, Any]:
    with waiting(model.distribute_strategy, "the end of an epoch"):
        return dict(model.get_metrics_result())


def _flatten(logs: dict[str, Any]) -> dict[str, Any]:
    """Scalars as floats, in one flat dict; a metric with several values gives several entries."""
    flat: dict[str, Any] = {}
    for name, value in logs.items():
        flat |= _flatten(value) if isinstance(value, dict) else {name: np.array(value)[()]}
    return {name: float(value) if np.ndim(value) == 0 else value for name, value in flat.items()}


def _begin(model: Any, initial_epoch: int) -> int:
    """Copies the variables of the chief, which a callback may have restored, to all workers; returns its epoch."""
    first = broadcast(model.distribute_strategy, restored_epoch(model) or initial_epoch)
    broadcast_variables(model.distribute_strategy, [*model.variables, *model.optimizer.variables])
    return first


def _build(model: Any, batches: tf.data.Dataset) -> float:
    """Makes all variables before the steps, since replicas cannot, and checks that the data begin the same.

    Returns:
        The scale of the loss, as `find_loss_scale` gives it.
    """
    first = first_batch(batches)
    _check_same(model, [count_batches(batches) or -1, add_checksum(0, first)])
    symbolic_build(model, *keras.utils.unpack_x_y_sample_weight(first))
    with model.distribute_strategy.scope():
        model.optimizer.build(model.trainable_variables)
    return find_loss_scale(model, first)


def _average(model: Any) -> None:
    """Averages over the replicas the variables that each updates alone, such as averages of batch normalization.

    They are linear in the values of the batches, so that once an epoch gives the same result as at every step.
    """
    variables = [v.value for v in model.non_trainable_variables if keras.backend.is_float_dtype(v.dtype)]

    def average() -> None:
        means = tf.distribute.get_replica_context().all_reduce("MEAN", [tf.identity(v) for v in variables])
        for variable, mean in zip(variables, means, strict=True):
            variable.assign(mean)

    if variables:
        average_all = tf.function(lambda: model.distribute_strategy.run(average)).get_concrete_function()
        with waiting(model.distribute_strategy, "the end of an epoch"):
            average_all()


def _check(model: Any) -> None:
    if not model.compiled or model.optimizer is None or not _is_made_in_scope(model):
        raise ValueError("the model must be made and compiled inside the strategy's scope()")
    for loss in tf.nest.flatten(model.loss):
        if isinstance(loss, keras.losses.Loss) and loss.reduction in (None, "none"):
            raise ValueError("losses must be means or sums over the rows of a batch, got reduction=None")


def _is_made_in_scope(model: Any) -> bool:
    strategy = model.distribute_strategy
    with strategy.scope():  # the default strategy counts as none
        has_strategy = tf.distribute.has_strategy()
    return has_strategy and strategy.extended.variable_created_in_scope(model.optimizer.variables[0].value)


def _check_same(model: Any, numbers: Sequence[float], what: str = "data") -> None:
    if differs_on_any_worker(model.distribute_strategy, numbers):
        raise ValueError(f"the workers were given different {what}; give all of them the same in the same order")
