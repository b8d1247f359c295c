"""`score`: runs `fmnist-tf score` in this process and reads its JSON."""

import json
from types import SimpleNamespace

import pytest

from fmnist_tf import cli


@pytest.fixture
def score(capsys):
    """score(*arguments): exit status, accuracy, support of each class, and stderr."""

    def run(*arguments):
        status = cli.main(["score", *map(str, arguments), "--format", "json"])
        out, err = capsys.readouterr()
        report = json.loads(out) if out else {"overall": {"accuracy": {"value": None}}, "classes": {}}
        support = {name: cells["support"] for name, cells in report["classes"].items()}
        return SimpleNamespace(
            status=status, accuracy=report["overall"]["accuracy"]["value"], support=support, err=err, report=report
        )

    return run
