"""The command line: `entry` reads the arguments, `commands` runs the command."""

from fmnist_tf.cli.commands import main, run

__all__ = ["main", "run"]
