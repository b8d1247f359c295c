"""The largest score of each row, and whether the row holds a NaN, which the maximum of XLA ignores on a CPU."""

import tensorflow as tf

from fmnist_tf.kernels.sizes import FOURS_TO, is_large, is_wide


def largest(scores: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """(int64 index of the largest score of a row, the first on a tie; whether the row holds a NaN)."""
    if not is_large(scores) or tf.executing_eagerly():
        return tf.argmax(scores, axis=-1, output_type=tf.int64), has_nan(scores)
    if not is_wide(scores):
        return _largest_by_column(scores)
    if _comes_in_fours(scores):
        place = _place_of_largest(scores)
        return tf.cast(tf.maximum(place, 0), tf.int64), place < 0
    return tf.argmax(scores, axis=-1, output_type=tf.int64), _has_nan_among_many(scores)


def has_nan(scores: tf.Tensor) -> tf.Tensor:
    """Whether a row holds a NaN."""
    return tf.reduce_any(tf.math.is_nan(scores), axis=-1)


def _has_nan_among_many(scores: tf.Tensor) -> tf.Tensor:
    """Looks at single scores only if their sum is NaN, which it is if one of them is: one pass at memory speed."""
    suspect = tf.math.is_nan(tf.reduce_sum(scores))
    return tf.cond(suspect, lambda: has_nan(scores), lambda: tf.zeros(tf.shape(scores)[:-1], tf.bool))


def _comes_in_fours(scores: tf.Tensor) -> bool:
    width = scores.shape[-1] or 1
    return scores.shape.is_fully_defined() and width <= FOURS_TO and width % 4 == 0


@tf.function(jit_compile=True, autograph=False)
def _place_of_largest(scores: tf.Tensor) -> tf.Tensor:
    """int32 index of the largest score of each row, -1 where one is NaN, which XLA's maximum may or may not show."""
    top, width = tf.reduce_max(scores, axis=-1, keepdims=True), scores.shape[-1] or 0
    place, nan = tf.constant(width), tf.constant(False)
    fours = tf.unstack(tf.reshape(scores, [*scores.shape[:-1], width // 4, 4]), axis=-1)
    for column, score in reversed(list(enumerate(fours))):
        place = tf.where(score == top, tf.range(column, width, 4), place)
        nan |= tf.math.is_nan(score)
    return tf.reduce_min(tf.where(nan, -1, place), axis=-1)


def _largest_by_column(scores: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    best, *others = tf.unstack(scores, axis=-1)
    index, nan = tf.zeros_like(best, tf.int64), tf.math.is_nan(best)
    for column, score in enumerate(others, start=1):
        better = score > best
        best = tf.where(better, score, best)
        index = tf.where(better, tf.constant(column, tf.int64), index)
        nan |= tf.math.is_nan(score)
    return index, nan
