"""Start-up and size: what `import fmnist_tf` adds to importing TensorFlow, and the wheel."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.timing import Contender, Measurement, Spread, take_turns

ROOT = Path(__file__).parent.parent


def measure(quick: bool) -> list[Measurement]:
    return [_imports(3 if quick else 11), _wheel()]


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


def _wheel() -> Measurement:
    """Builds a wheel of the checkout; without the build backend it says so."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", folder, str(ROOT)]
        built = subprocess.run(command, capture_output=True, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        size = f"{wheels[0].stat().st_size / 1e6:.2f} MB" if wheels else f"not built, pip exited {built.returncode}"
    return Measurement("startup", "pip wheel", "fmnist_tf", note=size)
