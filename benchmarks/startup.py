"""Start-up and size: what `import fmnist_tf` and the first use of a metric add, and the wheel."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.timing import Contender, Measurement, Spread, take_turns

ROOT = Path(__file__).parent.parent
#: What the first fit of a tiny model is given; of Keras' AUC the form that has one value a class, as AUROC has.
FIRST_USED = (
    "keras.metrics.F1Score(average='macro')",
    "fmnist_tf.F1Score()",
    "fmnist_tf.ScoreSet()",
    "keras.metrics.AUC(multi_label=True)",
    "fmnist_tf.AUROC()",
    "fmnist_tf.CurveSet()",
)
#: Two fits of models without metrics come first: TensorFlow's own first use is not the metric's.
_FIRST_USE = """
import time
import keras, numpy as np
import fmnist_tf
from benchmarks.models import work

job = work("tiny", 64)

def fit(metrics):
    model, start = job.model(metrics), time.process_time()
    model.fit(job.x, job.y, verbose=0)
    return time.process_time() - start

fit([])
print(fit([]), fit([{metric}]))
"""


def measure(quick: bool) -> list[Measurement]:
    return [_imports(3 if quick else 11), *(_first_use(metric, 3 if quick else 11) for metric in FIRST_USED), _wheel()]


def _imports(rounds: int) -> Measurement:
    contenders = [_process("import tensorflow, keras"), _process("import tensorflow, fmnist_tf")]
    times = take_turns(contenders, rounds, round_seconds=0)
    added = Spread.of(times[contenders[1].name] - times[contenders[0].name])
    note = f"import fmnist_tf adds {added} s"
    return Measurement("startup", "python -c 'import tensorflow, fmnist_tf'", "fmnist_tf", note=note)


def _process(code: str) -> Contender:
    def run() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=ROOT)
        return time.perf_counter() - start

    return Contender(code, run, self_timed=True)


def _first_use(metric: str, rounds: int) -> Measurement:
    """Processor seconds of tracing and compiling, each time in a fresh process."""
    command, added = [sys.executable, "-c", _FIRST_USE.format(metric=metric)], []
    for _ in range(rounds):
        printed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
        without, with_it = map(float, printed.stdout.split()[-2:])
        added.append(with_it - without)
    return Measurement("startup", "first fit", metric, note=f"adds {Spread.of(np.array(added))} s of processor time")


def _wheel() -> Measurement:
    """Builds a wheel of the checkout; without the build backend it says so."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", folder, str(ROOT)]
        built = subprocess.run(command, capture_output=True, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        size = f"{wheels[0].stat().st_size / 1e6:.2f} MB" if wheels else f"not built, pip exited {built.returncode}"
    return Measurement("startup", "pip wheel", "fmnist_tf", note=size)
