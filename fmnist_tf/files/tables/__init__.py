"""Tables of columns from files, read in pieces.

Files are not trusted: nothing is unpickled, and one piece at a time is held in memory.
"""

from fmnist_tf.files.tables.opening import find_files, open_table
from fmnist_tf.files.tables.table import Column, Kind, Reading, Table, Texts, Values, WiderColumn

__all__ = ["Column", "Kind", "Reading", "Table", "Texts", "Values", "WiderColumn", "find_files", "open_table"]
