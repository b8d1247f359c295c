"""Files: written whole or not at all, and read without trust. Nothing here depends on metrics."""

from fmnist_tf.files.arrays import read_array, read_arrays, read_bytes, save_arrays
from fmnist_tf.files.atomic import atomic_write, clear_drafts, ensure_folder
from fmnist_tf.files.lock import lock_folder
from fmnist_tf.files.plain_csv import guard, to_csv
from fmnist_tf.files.plain_json import to_json, to_null

__all__ = [
    "atomic_write",
    "clear_drafts",
    "ensure_folder",
    "guard",
    "lock_folder",
    "read_array",
    "read_arrays",
    "read_bytes",
    "save_arrays",
    "to_csv",
    "to_json",
    "to_null",
]
