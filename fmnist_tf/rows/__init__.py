"""Tools on single rows: tags, slices, rows of a set, a ledger of the training rows, early stopping by pairs."""

from fmnist_tf.rows.ladder import LadderStopping
from fmnist_tf.rows.ledger import Ledger
from fmnist_tf.rows.receiver import accept_tags
from fmnist_tf.rows.slices import Slice
from fmnist_tf.rows.tags import tag

__all__ = ["LadderStopping", "Ledger", "Slice", "accept_tags", "tag"]
