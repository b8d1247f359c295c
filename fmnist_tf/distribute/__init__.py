"""Training and evaluation on several machines: the workers, their messages, and the loop.

Keras 3.15's `fit` and `evaluate` do not run under MultiWorkerMirroredStrategy; these do.
"""

from fmnist_tf.distribute.joining import join_workers
from fmnist_tf.distribute.loop import evaluate_workers, fit_workers
from fmnist_tf.distribute.sharing import broadcast, is_chief, lost_workers

__all__ = ["broadcast", "evaluate_workers", "fit_workers", "is_chief", "join_workers", "lost_workers"]
