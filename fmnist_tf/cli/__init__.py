"""The command line: `entry` reads the arguments, `commands` runs what was asked for."""

from fmnist_tf.cli.commands import main, run

__all__ = ["main", "run"]
