"""Exchanges between workers, each of them a collective: all must call, in the same order."""

import json
import socket
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf

from fmnist_tf.distribute.heartbeat import find_heartbeat, leave, waiting
from fmnist_tf.distribute.rendezvous import Worker

#: The errors of TensorFlow in the others when a worker has died, is cut off or has been restarted.
_LOST = (
    tf.errors.UnavailableError,
    tf.errors.DeadlineExceededError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
)
_ABORTED = "Collective ops is aborted"
#: How often to look, a second apart, which worker has gone.
_TRIES = 5


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this process writes the files: the first of several workers, or the only one."""
    return strategy.extended.should_checkpoint


@contextmanager
def lost_workers(strategy: tf.distribute.Strategy) -> Iterator[None]:
    """Turns the errors of TensorFlow about a lost worker into a ConnectionError of one line that names it.

    Any other error is sent to the other workers before it is raised.
    """
    try:
        yield
    except ConnectionError:
        raise
    except tf.errors.OpError as error:
        lost = _name_lost(strategy, error)
        if lost is None:
            leave(strategy, str(error) or "interrupted")
            raise
        traceback.clear_frames(error.__traceback__)  # a pool of threads left in one complains when Python ends
        again = "start all workers again, with --resume or from the chief's checkpoint"
        raise ConnectionError(f"{lost}; {again}") from error
    except BaseException as error:
        leave(strategy, str(error) or "interrupted")
        raise


def _name_lost(strategy: tf.distribute.Strategy, error: tf.errors.OpError) -> str | None:
    """The workers that have left, if they are the cause of the error; else None."""
    is_lost = isinstance(error, _LOST) or _ABORTED in error.message
    heartbeat = find_heartbeat(strategy)
    if heartbeat is None:
        return _name_silent(strategy.cluster_resolver) if is_lost and strategy.cluster_resolver else None
    for _ in range(_TRIES):  # the reason may be on its way
        lost = heartbeat.describe_lost()
        if lost is not None:
            return lost
        time.sleep(1)
    return "another worker has gone" if is_lost else None


def list_workers(resolver: tf.distribute.cluster_resolver.ClusterResolver) -> list[Worker]:
    """All workers, the chief first."""
    spec = resolver.cluster_spec()
    jobs = [job for job in ("chief", "worker") if job in spec.jobs]
    return [Worker(job, index, spec.task_address(job, index)) for job in jobs for index in spec.task_indices(job)]


def _name_silent(resolver: tf.distribute.cluster_resolver.ClusterResolver) -> str:
    """The other workers on whose port no process listens; one that ends takes a moment."""
    others = [worker for worker in list_workers(resolver) if worker.task != (resolver.task_type, resolver.task_id)]
    for _ in range(_TRIES):
        silent = [str(worker) for worker in others if not _listens(worker)]
        if silent:
            return f"{', '.join(silent)} has gone"
        time.sleep(1)
    return "another worker has gone"


def _listens(worker: Worker) -> bool:
    try:
        socket.create_connection(worker.endpoint, timeout=2).close()
    except OSError:
        return False
    return True


def broadcast(strategy: tf.distribute.Strategy, value: Any) -> Any:
    """The chief's value, JSON-ready, on every worker; the values of the others are ignored."""
    text = np.frombuffer(json.dumps(value).encode(), np.uint8)
    (length,) = broadcast_arrays(strategy, [np.array(len(text))])
    padded = np.resize(text, int(length))
    return json.loads(broadcast_arrays(strategy, [padded])[0].astype(np.uint8).tobytes())


def broadcast_arrays(strategy: tf.distribute.Strategy, arrays: Sequence[Any]) -> list[np.ndarray]:
    """The chief's arrays on every worker, where they have the same shapes.

    They become float64, which holds every float32 and every integer below 2**53, since not all dtypes can be reduced.
    """
    return _add_up(strategy, arrays, first_only=True)


def _add_up(strategy: tf.distribute.Strategy, arrays: Sequence[Any], *, first_only: bool) -> list[np.ndarray]:
    """The sums of all replicas' arrays, or those of the first alone."""
    arrays = [np.asarray(array, np.float64) for array in arrays]
    add = _adder(strategy, first_only, tuple(array.shape for array in arrays))
    with lost_workers(strategy), waiting(strategy, "an exchange"):
        sums = add(*map(tf.constant, arrays))
        return [np.array(strategy.experimental_local_results(array)[0]) for array in sums]


@cache
def _adder(strategy: tf.distribute.Strategy, first_only: bool, shapes: tuple[tuple[int, ...], ...]) -> Callable:
    """The compiled sum of arrays of these shapes."""

    def replica(*arrays: tf.Tensor) -> Any:
        context = tf.distribute.get_replica_context()
        counts = tf.logical_or(not first_only, tf.equal(context.replica_id_in_sync_group, 0))
        return context.all_reduce("SUM", [tf.where(counts, array, tf.zeros_like(array)) for array in arrays])

    add = tf.function(lambda *arrays: strategy.run(replica, arrays))
    return add.get_concrete_function(*(tf.TensorSpec(shape, tf.float64) for shape in shapes))


def broadcast_variables(strategy: tf.distribute.Strategy, variables: Sequence[Any]) -> None:
    """Sets variables to the chief's values."""
    values = broadcast_arrays(strategy, [variable.numpy() for variable in variables])
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value.astype(variable.dtype))


def differs_on_any_worker(strategy: tf.distribute.Strategy, numbers: Sequence[float]) -> bool:
    """Whether any worker has other numbers than the chief."""
    chiefs = broadcast_arrays(strategy, [np.array(numbers, np.float64)])[0]
    return any_worker(strategy, not np.array_equal(chiefs, np.array(numbers, np.float64)))


def any_worker(strategy: tf.distribute.Strategy, flag: bool) -> bool:
    """Whether the flag is true on any worker."""
    (number,) = _add_up(strategy, [float(flag)], first_only=False)
    return bool(number > 0)
