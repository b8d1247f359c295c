"""The cost that counting adds to an epoch of training: tiny model and MiniVGG, batches of 32."""

from collections.abc import Callable

import keras

from benchmarks import peers
from benchmarks.models import MORE_SCORES, SCORES, PredictThenSklearn, Work, logger, sklearn_scores, work
from benchmarks.streams import BUILT_IN
from benchmarks.timing import Contender, Measurement, contest
from fmnist_tf import ScoreSet


def measure(quick: bool) -> list[Measurement]:
    tiny_steps, tiny_rounds, vgg_steps, vgg_rounds = (200, 5, 8, 3) if quick else (500, 21, 40, 7)
    return [
        *_measure(work("tiny", 32 * tiny_steps), tiny_rounds),
        *_measure(work("MiniVGG", 32 * vgg_steps), vgg_rounds),
    ]


def _measure(job: Work, rounds: int) -> list[Measurement]:
    check(job)
    contenders = [
        _epoch(job, "nothing"),
        _epoch(job, BUILT_IN, lambda: [keras.metrics.F1Score("macro")]),
        *(
            _epoch(
                job, f"ScoreSet of {len(scores)}, {live} live, ScoreLogger", _score_set(scores, live), logger(scores)
            )
            for scores, live in ((SCORES, 1), (MORE_SCORES, 1), (SCORES, 4), (MORE_SCORES, 10))
        ),
    ]
    if peers.load("sklearn"):
        contenders.append(_epoch(job, "predict + scikit-learn", callback=PredictThenSklearn(job.x, job.y)))
    case = f"{job.name}, an epoch of {len(job.x) // job.batch_size} batches of {job.batch_size}"
    # What a metric adds to a step of MiniVGG is less than the noise of such a step: no ratio of it means anything.
    return contest("train_step", case, contenders, rounds=rounds, peer=BUILT_IN if job.name == "tiny" else "")


def _score_set(scores: tuple[str, ...], live: int) -> Callable[[], list]:
    return lambda: [ScoreSet(scores=scores, matrix=True, live=scores[:live])]


def _epoch(job: Work, name: str, metrics: Callable[[], list] = list, callback=None) -> Contender:
    model = job.model(metrics())
    callbacks = [] if callback is None else [callback]

    def run() -> None:
        model.fit(job.x, job.y, batch_size=job.batch_size, shuffle=False, verbose=0, callbacks=callbacks)

    return Contender(name, run)


def check(job: Work) -> None:
    """All ways of scoring one model give one macro F1."""
    model = job.model([ScoreSet(scores=SCORES), keras.metrics.F1Score("macro")])
    x, y = job.x[:1000], job.y[:1000]
    scores = model.evaluate(x, y, verbose=0, return_dict=True)
    values = {"ScoreSet": scores["macro_f1"], BUILT_IN: scores["f1_score"]}
    if peers.load("sklearn"):
        values["predict + scikit-learn"] = sklearn_scores(model, x, y)["macro_f1"]
    if max(values.values()) - min(values.values()) > 1e-6:
        raise AssertionError(f"{job.name}: the contenders disagree, {values}")
