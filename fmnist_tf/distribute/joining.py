"""Starting the workers: the strategy once all are there, or after some time an error that names the missing ones."""

import faulthandler
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import tensorflow as tf

from fmnist_tf.distribute.heartbeat import Heartbeat, start_heartbeat
from fmnist_tf.distribute.rendezvous import rendezvous
from fmnist_tf.distribute.sharing import list_workers

#: Seconds that workers wait for each other.
PATIENCE = 60.0


def join_workers(
    addresses: Sequence[str] | None = None, index: int | None = None, *, patience: float = PATIENCE
) -> tf.distribute.MultiWorkerMirroredStrategy:
    """Starts this process as one of several workers, and returns the strategy once all are there.

    Call it before anything else of TensorFlow. Models are then made inside `strategy.scope()`, in the same order on
    every worker, and trained by `fit_workers`. The first worker is the chief, which alone writes files.

    Args:
        addresses: "HOST:PORT" of every worker, in the same order on each; None takes the environment's TF_CONFIG, and
            without one this process works alone.
        index: which of them this process is, from 0.
        patience: how many seconds to wait for the other workers: at the start, and where all of them stand still, since
            they were given different work. A worker that TensorFlow has not heard of for some 10 seconds ends the run
            in any case, and the error names it.

    Returns:
        The strategy of all workers; of a single process a strategy of one worker.

    Raises:
        ValueError: one of `addresses` and `index` is missing, `index` is out of range, or an address is not HOST:PORT.
        ConnectionError: not all workers started in time, or the port of this one is in use.

    Example:
        >>> strategy = join_workers(["10.0.0.1:2222", "10.0.0.2:2222"], index=0)  # doctest: +SKIP
    """
    resolver = _make_resolver(addresses, index)
    workers = list_workers(resolver)
    place = [worker.task for worker in workers].index((resolver.task_type, resolver.task_id)) if workers else 0
    lines = rendezvous(workers, place, patience) if len(workers) > 1 else {}
    try:
        with _no_longer_than(patience):
            strategy = tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
    except tf.errors.OpError as error:
        raise ConnectionError(f"{workers[place]} could not be started: {error.message}") from error
    if lines:
        start_heartbeat(Heartbeat(workers, place, lines, patience), strategy)
    return strategy


@contextmanager
def _no_longer_than(timeout: float) -> Iterator[None]:
    """Ends the process after so many seconds, with a traceback.

    If a worker dies just after the rendezvous, TensorFlow waits for an hour and holds Python's lock, so that Ctrl-C
    has no effect.
    """
    try:
        file = sys.stderr.fileno()  # the terminal, since the command discards what TensorFlow writes
    except (AttributeError, OSError):
        file = 2
    faulthandler.dump_traceback_later(timeout, exit=True, file=file)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _make_resolver(
    addresses: Sequence[str] | None, index: int | None
) -> tf.distribute.cluster_resolver.ClusterResolver:
    if addresses is None and index is None:
        return tf.distribute.cluster_resolver.TFConfigClusterResolver()
    if addresses is None or index not in range(len(addresses)):
        raise ValueError(f"`index` must be the place of this worker among `addresses`, got {index} of {addresses}")
    spec = tf.train.ClusterSpec({"worker": list(addresses)})
    return tf.distribute.cluster_resolver.SimpleClusterResolver(
        spec, task_type="worker", task_id=index, rpc_layer="grpc"
    )
