"""Training and evaluation on several machines: who takes part, what they tell each other, and the loop.

Keras 3.15's `fit` and `evaluate` do not run under MultiWorkerMirroredStrategy; these do.
"""

from fmnist_tf.workers.joining import join_workers
from fmnist_tf.workers.loop import evaluate_workers, fit_workers
from fmnist_tf.workers.sharing import is_chief, lost_workers, share

__all__ = ["evaluate_workers", "fit_workers", "is_chief", "join_workers", "lost_workers", "share"]
