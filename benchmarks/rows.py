"""The cost that tags, slices and kept rows add to an epoch of a tiny model, batches of 32, beside built-in F1Score."""

from collections.abc import Sequence

import keras
import numpy as np

from benchmarks.models import Work, work
from benchmarks.streams import BUILT_IN
from benchmarks.timing import Contender, Measurement, contest
from fmnist_tf import ScoreLogger, ScoreSet, Slice, accept_tags, tag

_SITES = ("north", "south", "east")
_FEATURES = [Slice(f"feature {number}", _SITES) for number in range(10)]


def measure(quick: bool) -> list[Measurement]:
    job = work("tiny", 32 * (200 if quick else 500))
    rounds = 5 if quick else 21
    check(job)
    return [*_training(job, rounds), *_validation(job, rounds)]


def _training(job: Work, rounds: int) -> list[Measurement]:
    """The time that a step of training takes more."""
    contenders = [
        _fit(job, "nothing"),
        _fit(job, BUILT_IN, [keras.metrics.F1Score("macro")]),
        _fit(job, "tags alone", slices=_FEATURES[:1]),
        _fit(job, "ScoreSet, none live", _score_set()),
        *(
            _fit(job, f"ScoreSet by {len(slices)}, none live", _score_set(slices), slices=slices)
            for slices in (_FEATURES[:1], _FEATURES)
        ),
    ]
    return contest("rows", _case("training", job), contenders, rounds=rounds, peer=BUILT_IN)


def _validation(job: Work, rounds: int) -> list[Measurement]:
    """The time that a step of validation takes more; rows are kept of validation alone."""
    one = _FEATURES[:1]
    contenders = [
        _fit(job, "nothing", validation=True),
        _fit(job, BUILT_IN, [keras.metrics.F1Score("macro")], validation=True),
        _fit(job, "ScoreSet by 1 and ScoreLogger", _score_set(one), slices=one, logger={}, validation=True),
        _fit(job, "the same with rows", _score_set(one), slices=one, logger={"rows": True}, validation=True),
    ]
    return contest("rows", _case("training and validation", job), contenders, rounds=rounds, peer=BUILT_IN)


def _case(name: str, job: Work) -> str:
    return f"{name}, tiny model, {len(job.x) // job.batch_size} batches of {job.batch_size}"


def _score_set(by: Sequence[Slice] = ()) -> list:
    return [ScoreSet(live=(), by=by)]


def _fit(
    job: Work,
    name: str,
    metrics: Sequence[keras.metrics.Metric] = (),
    *,
    slices: Sequence[Slice] = (),
    logger: dict | None = None,
    validation: bool = False,
) -> Contender:
    """An epoch of a model, which takes tags if there are slices."""
    model, data = job.model(list(metrics)), (job.x, job.y)
    if slices:
        model, data = accept_tags(model), _tagged(job, slices)
    callbacks = [] if logger is None else [ScoreLogger(by=[slices[0].name], verbose=0, **logger)]
    options = {"validation_data": data, "validation_batch_size": job.batch_size} if validation else {}

    def run() -> None:
        model.fit(*data, batch_size=job.batch_size, shuffle=False, verbose=0, callbacks=callbacks, **options)

    return Contender(name, run)


def _tagged(job: Work, slices: Sequence[Slice]) -> tuple:
    rng = np.random.default_rng(0)
    return tag(job.x, job.y, slices={feature: rng.choice(_SITES, len(job.x)) for feature in slices})


def check(job: Work) -> None:
    """The values of each slice add up to the whole."""
    metric = ScoreSet(by=_FEATURES)
    model = accept_tags(job.model([metric]))
    model.evaluate(*_tagged(job, _FEATURES), verbose=0)
    for feature in _FEATURES:
        if sum(counts.tp for counts in metric.counts_by(feature.name).values()).numpy().tolist() != (
            metric.counts.tp.numpy().tolist()
        ):
            raise AssertionError(f"the values of {feature.name} do not add up to the whole")
