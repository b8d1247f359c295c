"""`Options`: what a training is started with, and whether a stored run can go on with them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True)
class Options:
    """The options of a training, under the names of the command line.

    Attributes:
        label_noise: the share of the training labels that is made wrong.
        planned_epochs: the `epochs` that a run began with, if it has been extended since: the learning rate follows it.

    Raises:
        ValueError: a value is out of its range.
    """

    data: str | None = None
    epochs: int = 10
    batch_size: int = 32
    train_size: int | None = None
    test_size: int | None = None
    val_split: float | None = None
    seed: int = 0
    ladder: bool = False
    planned_epochs: int | None = None
    label_noise: float | None = None

    def __post_init__(self):
        sizes = (self.train_size, self.test_size, self.planned_epochs)
        counts = (self.epochs, self.batch_size, *(1 if size is None else size for size in sizes))
        if any(type(count) is not int or count < 1 for count in counts):
            raise ValueError(f"epochs, batch size and sizes must be at least 1, got {counts}")
        if type(self.seed) is not int or not 0 <= self.seed < 2**32:
            raise ValueError(f"`seed` must be from 0 to {2**32 - 1}, got {self.seed!r}")
        for name in ("val_split", "label_noise"):
            share = getattr(self, name)
            if share is not None and not (type(share) is float and 0 < share < 1):
                raise ValueError(f"`{name}` must be between 0 and 1, got {share!r}")
        if type(self.ladder) is not bool:
            raise ValueError(f"`ladder` must be true or false, got {self.ladder!r}")
        if self.data is not None and not isinstance(self.data, str):
            raise ValueError(f"`data` must be None, 'keras' or a folder, got {self.data!r}")

    @classmethod
    def of(cls, given: Mapping[str, Any], stored: Mapping[str, Any] | None = None) -> "Options":
        """The given options (None: not given), completed by those of a stored run, which they must not contradict.

        More epochs than the run's extend it.

        Raises:
            ValueError: an option differs from the run's, or is out of its range.
        """
        given = {name: value for name, value in given.items() if value is not None}
        if stored is None:
            return cls(**given)
        if stored.keys() != {option.name for option in fields(cls)}:
            raise ValueError("the arguments in run.json are not those of this version")
        run = cls(**stored)
        more = given.pop("epochs", run.epochs)
        if more < run.epochs:
            raise ValueError(f"--epochs {more} is less than the run's {run.epochs}; a run can be extended alone")
        for name, value in given.items():
            if value != stored[name]:
                flag = "--" + name.replace("_", "-")
                raise ValueError(f"{flag} {value} differs from the run's {stored[name]}; a run goes on as it began")
        return run if more == run.epochs else replace(run, epochs=more, planned_epochs=run.planned_epochs or run.epochs)
