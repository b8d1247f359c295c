"""`ScoreLogger` and its parts: counts of an epoch -> history, logs, files, TensorBoard."""

from fmnist_tf.callbacks.score_logger import ScoreLogger

__all__ = ["ScoreLogger"]
