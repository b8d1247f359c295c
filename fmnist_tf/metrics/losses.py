"""Losses of probabilities, and the share of them that a model explains. A few numbers of state."""

import tensorflow as tf

from fmnist_tf.calibration import losses, skill
from fmnist_tf.compat import higher_is_better, lower_is_better
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.probability import ProbabilityMetric


@registered
@lower_is_better
class BrierScore(ProbabilityMetric):
    """Brier score: the mean of (p - y)^2, of multiclass scores that of its sum over the classes, from 0 to 2.

    Soft labels, rows (N, C) that sum to 1, count with the whole row. scikit-learn halves the sum for two classes unless
    told otherwise.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        average: "auto"; of several binary columns also "macro", the mean over columns, which "auto" is; "micro", the
            value of all columns as one; None, one value a column. Multiclass scores have one value.
        class_id: of binary columns the value of this column alone; multiclass scores take none.
        target_class_ids: the columns that averages run over; None for all.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a row of probabilities that does not sum to 1 within 1 %, or a bad weight; "skip" leaves such samples
            out and keeps their number in `invalid`.
        name: key in the logs; by default "brier_score", with `class_id=2` "brier_score/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or of binary columns with `average=None` (C,); NaN where nothing was counted.

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1950.

    Example:
        >>> metric = BrierScore()
        >>> metric.update_state([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3])
        >>> round(float(metric.result()), 4)
        0.0375
    """

    default_name = "brier_score"

    @property
    def _layout(self) -> losses.LossSums:
        return losses.LossSums(losses.brier_score, self._num_columns, self.from_logits)

    def _score(self, sums: losses.LossMean) -> tf.Tensor:
        return losses.mean_loss(sums)


@registered
@higher_is_better
class BrierSkillScore(ProbabilityMetric):
    """Brier skill score: 1 - the Brier score / that of the rates of the classes.

    The rates are those of the labels counted, given to every sample. 1 is best, 0 as good as the rates, below 0 worse.
    Soft labels, rows (N, C) that sum to 1, count with the whole row.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        average: "auto"; of several binary columns also "macro", the mean over columns, which "auto" is; "micro", the
            value of all columns as one; None, one value a column. Multiclass scores have one value.
        class_id: of binary columns the value of this column alone; multiclass scores take none.
        target_class_ids: the columns that averages run over; None for all.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a row of probabilities that does not sum to 1 within 1 %, or a bad weight; "skip" leaves such samples
            out and keeps their number in `invalid`.
        name: key in the logs; by default "brier_skill_score", with `class_id=2` "brier_skill_score/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or of binary columns with `average=None` (C,); NaN where the labels
            hold one class alone.

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Wilks, Statistical Methods in the Atmospheric Sciences, 3rd edition, 2011, section 8.4; scikit-learn's
    d2_brier_score.

    Example:
        >>> metric = BrierSkillScore()
        >>> metric.update_state([0, 1, 0, 1], [0.25, 0.75, 0.25, 0.75])
        >>> float(metric.result())
        0.75
    """

    default_name = "brier_skill_score"

    @property
    def _layout(self) -> skill.SkillBins:
        return skill.SkillBins(losses.brier_score, self._num_columns, self.num_classes or 1, self.from_logits)

    def _score(self, sums: skill.SkillSums) -> tf.Tensor:
        return skill.brier_skill_score(sums)


@registered
@lower_is_better
class LogLoss(ProbabilityMetric):
    """Log loss, cross-entropy: the mean of -sum_c y_c log p_c over samples, of binary columns over no and yes.

    Soft labels, rows (N, C) that sum to 1, count with the whole row. Probabilities are cut off at the epsilon of their
    dtype, as scikit-learn does; from logits nothing is cut off.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        average: "auto"; of several binary columns also "macro", the mean over columns, which "auto" is; "micro", the
            value of all columns as one; None, one value a column. Multiclass scores have one value.
        class_id: of binary columns the value of this column alone; multiclass scores take none.
        target_class_ids: the columns that averages run over; None for all.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a row of probabilities that does not sum to 1 within 1 %, or a bad weight; "skip" leaves such samples
            out and keeps their number in `invalid`.
        name: key in the logs; by default "log_loss", with `class_id=2` "log_loss/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or of binary columns with `average=None` (C,); NaN where nothing was counted.

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Good, Rational decisions, Journal of the Royal Statistical Society B 14, 1952.

    Example:
        >>> metric = LogLoss()
        >>> metric.update_state([1, 0, 0, 1], [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]])
        >>> round(float(metric.result()), 4)
        0.2162
        >>> soft = LogLoss()
        >>> soft.update_state([[0.9, 0.1], [0.2, 0.8]], [[0.8, 0.2], [0.3, 0.7]])
        >>> round(float(soft.result()), 3)
        0.444
    """

    default_name = "log_loss"

    @property
    def _layout(self) -> losses.LossSums:
        return losses.LossSums(losses.log_loss, self._num_columns, self.from_logits)

    def _score(self, sums: losses.LossMean) -> tf.Tensor:
        return losses.mean_loss(sums)


@registered
@higher_is_better
class D2LogLoss(ProbabilityMetric):
    """Share of the log loss that the model explains: 1 - its log loss / that of the rates of the classes.

    The rates are those of the labels counted, given to every sample. 1 is best, 0 as good as the rates, below 0 worse.
    Soft labels, rows (N, C) that sum to 1, count with the whole row. Probabilities are cut off at the epsilon of their
    dtype, as scikit-learn does; from logits nothing is cut off.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        average: "auto"; of several binary columns also "macro", the mean over columns, which "auto" is; "micro", the
            value of all columns as one; None, one value a column. Multiclass scores have one value.
        class_id: of binary columns the value of this column alone; multiclass scores take none.
        target_class_ids: the columns that averages run over; None for all.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a row of probabilities that does not sum to 1 within 1 %, or a bad weight; "skip" leaves such samples
            out and keeps their number in `invalid`.
        name: key in the logs; by default "d2_log_loss", with `class_id=2` "d2_log_loss/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or of binary columns with `average=None` (C,); NaN where the labels
            hold one class alone.

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: McFadden, Conditional logit analysis of qualitative choice behavior, 1974; scikit-learn's d2_log_loss_score.

    Example:
        >>> metric = D2LogLoss()
        >>> metric.update_state([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5])
        >>> float(metric.result())
        0.0
    """

    default_name = "d2_log_loss"

    @property
    def _layout(self) -> skill.SkillBins:
        return skill.SkillBins(losses.log_loss, self._num_columns, self.num_classes or 1, self.from_logits)

    def _score(self, sums: skill.SkillSums) -> tf.Tensor:
        return skill.d2_log_loss(sums)
