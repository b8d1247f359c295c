"""Arguments of the commands: what is wrong with one is a line on stderr and the exit status 2, at once."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fmnist_tf
from fmnist_tf import cli
from fmnist_tf.report import Report
from fmnist_tf.report.run_folder import INFO, ROWS, Info, RunFolder

ROOT = Path(__file__).parents[2]

BAD = {
    "train --epochs 0": "--epochs: must be at least 1, got 0",
    "train --epochs many": "--epochs: must be an integer, got 'many'",
    "train --epochs 1.5": "--epochs: must be an integer, got '1.5'",
    "train --seed x": "--seed: must be an integer, got 'x'",
    "train --val-split x": "--val-split: must be a number, got 'x'",
    "train --batch-size -1": "--batch-size",
    "train --train-size 10001": "--train-size must be at most 10000",
    "train --test-size 2001": "--test-size must be at most 2000",
    "train --val-split 1": "--val-split: must be between 0 and 1",
    "train --val-split nan": "--val-split: must be between 0 and 1",
    "train --train-size 2 --val-split 0.01": "leaves one side of 2 images empty",
    "train --seed -1": "--seed: must be from 0 to 4294967295",
    "train --data nowhere": "there is no folder 'nowhere'",
    "train --data .": "no train-images-idx3-ubyte",
    "train --out a.csv": "a.csv",
    "train --resume": "needs --out",
    "train --resume --force --out x": "not allowed with",
    "train --resume --out damaged": "run.json",
    "report nowhere": "there is no folder 'nowhere'",
    "report .": "holds no finished epoch",
    "report damaged": "run.json",
    "score nowhere.npy a.csv": "there is no file 'nowhere.npy'",
    "score a.csv pickle.npy": "not an array of numbers",
    "score a.csv empty.csv": "holds no rows",
    "score a.csv half.csv": "1 entries could not be counted",
    "score a.csv deep.npy": "got shape (2, 2, 2)",
    "score a.csv a.csv --classes nowhere.txt": "there is no file",
    "score a.csv a.csv --classes name.txt": "class names must be 2 or more, got 1",
    "score a.csv a.csv --classes names.txt": "a class id of 2 is outside the 2 classes",
    "score thrice.csv thrice.csv --classes names.txt": "2 class names for 3 columns of thrice.csv",
    "score a.csv negative.csv": "class ids must not be negative, got -1",
    "score a.csv binary.csv": "binary.csv is no text in UTF-8; save it as such",
    "score a.csv text.npy": "text.npy: not an array of numbers in .npy format; write it with numpy.save\n",
    "score a.csv a.csv --html .": "--html: must be a file to write, got '.'",
    "score a.csv a.csv --html=": "--html: must be a file to write, got ''",
    "score a.csv a.csv --threshold abc": "--threshold: must be a number, got 'abc'",
    "score a.csv a.csv --threshold nan": "--threshold: must be a finite number, got nan",
    "score a.csv onehot.csv --threshold 0 --classes name.txt": "class names must be 2 or more, got 1",
    "score thrice.csv row.csv --threshold 0": "thrice.csv has 3 columns for 2 columns of scores",
    f"score a.csv a.csv --html {'x' * 300}": "File name too long",
    f"score {'x' * 300}.csv a.csv": "there is no file",
    f"report {'x' * 300}": "there is no folder",
    f"train --out {'x' * 300}": "File name too long",
    "report huge --html page.html": "expected an object with lists of numbers",
    "report brackets brackets": "rows.npz: not an intact .npz file",
    "guess": "invalid choice",
    "": "required",
}


@pytest.fixture
def mess(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "damaged").mkdir()
    texts = {"a": "0\n2\n", "empty": "\n", "longer": "0\n1\n2\n", "words": "0\ncat\n", "half": "0\n0.5\n"}
    texts |= {"onehot": "0,1\n1,0\n", "thrice": "0,1,0\n", "negative": "0\n-1\n", "row": "0.1,0.2\n"}
    for name, text in texts.items():
        Path(f"{name}.csv").write_text(text)
    Path("name.txt").write_text("cat\n")
    Path("names.txt").write_text("cat\ndog\n")
    Path("damaged", INFO).write_text("{")
    Path("binary.csv").write_bytes(b"\x93NUMPY\xff")
    Path("text.npy").write_text("0\n1\n")
    np.save("pickle.npy", np.array([print, 1], object))
    np.save("deep.npy", np.zeros((2, 2, 2)))
    for name in ("huge", "brackets"):
        write_run(Path(name))
    Path("huge", "history.json").write_text('{"macro_f1": [1e308, -1e308]}')
    Path("brackets", ROWS).write_bytes(b"PK\x03\x04" + b"(" * 9000)


def write_run(path):
    """The least that a report is made of."""
    path.mkdir()
    folder = RunFolder(path)
    folder.write_info(Info({}, ["cat", "dog"], num_epochs=1, best_epoch=0))
    folder.write_report(Report(np.eye(2), ["cat", "dog"]))


@pytest.mark.parametrize("line", BAD)
def test_a_bad_argument_is_one_line_and_status_2(line, mess, capsys):
    before = sorted(os.listdir())
    assert cli.main(line.split()) == 2
    output = capsys.readouterr()
    assert BAD[line] in output.err
    assert (output.out, output.err.count("\n"), output.err[:9]) == ("", 1, "fmnist-tf")
    assert sorted(os.listdir()) == before


def test_help_version_and_bad_arguments_do_not_wait_for_tensorflow():
    code = (
        "import sys, fmnist_tf_cli as c; s = c.main(sys.argv[1:]); sys.exit(99 if 'tensorflow' in sys.modules else s)"
    )
    for line, status in (("--help", 0), ("train --help", 0), ("train --epochs 0", 2), ("report nowhere", 2)):
        done = subprocess.run([sys.executable, "-c", code, *line.split()], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == status


def test_ctrl_c_during_the_import_ends_the_command_even_where_it_is_swallowed(tmp_path):
    swallows = "import os\ntry:\n    os.kill(os.getpid(), 2)\nexcept KeyboardInterrupt:\n    pass\n"
    (tmp_path / "fmnist_tf").mkdir()
    (tmp_path / "fmnist_tf" / "__init__.py").write_text(swallows)
    (tmp_path / "fmnist_tf" / "cli.py").write_text("def run(arguments):\n    return 0\n")
    path = os.pathsep.join([str(tmp_path), str(ROOT / "fmnist_tf" / "command")])
    as_in_a_terminal = "import signal; signal.signal(2, signal.default_int_handler)"
    code = f"{as_in_a_terminal}; import sys, fmnist_tf_cli; sys.exit(fmnist_tf_cli.main(['train']))"
    line = [sys.executable, "-c", code]
    done = subprocess.run(
        line, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (130, "fmnist-tf: interrupted\n")


def test_the_version_is_that_of_the_package(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"fmnist-tf {fmnist_tf.__version__}\n"


def run_command(line, folder, redirect="", **environment):
    """A process of its own, as a shell starts it."""
    shell = f'"{sys.executable}" -m fmnist_tf_cli {line} {redirect}'
    settings = {"cwd": folder, "env": {**os.environ, **environment}, "capture_output": True}
    return subprocess.run(shell, shell=True, check=False, **settings)


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"KERAS_BACKEND": "jax"}, b"fmnist-tf: fmnist_tf needs Keras on TensorFlow; unset KERAS_BACKEND"),
        ({"TF_USE_LEGACY_KERAS": "1"}, b"fmnist-tf: fmnist_tf needs Keras 3; unset TF_USE_LEGACY_KERAS"),
    ],
)
def test_another_keras_is_one_line_and_status_2(environment, told, mess):
    done = run_command("report huge", ".", **environment)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert done.stderr.startswith(told)


def test_a_closed_stdout_is_one_line_and_status_1(mess):
    done = run_command("report huge", ".", redirect=">&-")
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert done.stderr.startswith(b"fmnist-tf: the standard output is closed")


@pytest.mark.heavy  # a process of its own
def test_names_that_the_terminal_cannot_show_are_replaced(mess):
    folder = RunFolder("huge")
    folder.write_info(Info({}, ["Katze", "Stör"], num_epochs=1, best_epoch=0))
    folder.write_report(Report(np.eye(2), ["Katze", "Stör"]))
    done = run_command("report huge", ".", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"St?r" in done.stdout


@pytest.mark.heavy  # a process of its own
def test_a_name_that_is_no_utf_8_is_no_obstacle(mess, capsys):
    page = os.fsdecode(b"p\xff.html")
    os.rename("huge", os.fsdecode(b"h\xff"))
    Path(os.fsdecode(b"h\xff"), "history.json").write_text("{}")
    done = run_command(f"report '{os.fsdecode(b'h' + bytes([255]))}' --html '{page}'", ".")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "h\ufffd" in Path(page).read_text()
