"""The options of a training, as the command line and a stored run give them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Options:
    """The options of a training, under the names of the command line.

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
    label_noise: float | None = None

    def __post_init__(self):
        counts = (self.epochs, self.batch_size, self.train_size or 1, self.test_size or 1)
        if any(type(count) is not int or count < 1 for count in counts):
            raise ValueError(f"epochs, batch size and sizes must be at least 1, got {counts}")
        if type(self.seed) is not int or not 0 <= self.seed < 2**32:
            raise ValueError(f"`seed` must be from 0 to {2**32 - 1}, got {self.seed!r}")
        for name in ("val_split", "label_noise"):
            share = getattr(self, name)
            if share is not None and not (type(share) is float and 0 < share < 1):
                raise ValueError(f"`{name}` must be between 0 and 1, got {share!r}")
        if self.data is not None and not isinstance(self.data, str):
            raise ValueError(f"`data` must be None, 'keras' or a folder, got {self.data!r}")

    @classmethod
    def of(cls, given: Mapping[str, Any], stored: Mapping[str, Any] | None = None) -> "Options":
        """The given options (None: not given), completed by those of a stored run, which they must not contradict.

        Raises:
            ValueError: an option differs from the run's, or is out of its range.
        """
        given = {name: value for name, value in given.items() if value is not None}
        if stored is None:
            return cls(**given)
        stored = {"label_noise": None, **stored}  # which the first version did not have
        if stored.keys() != {option.name for option in fields(cls)}:
            raise ValueError("the arguments in run.json are not those of this version")
        for name, value in given.items():
            if value != stored[name]:
                flag = "--" + name.replace("_", "-")
                raise ValueError(f"{flag} {value} differs from the run's {stored[name]}; a run goes on as it began")
        return cls(**stored)
