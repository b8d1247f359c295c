"""The rows of a run as a table in a Parquet file (extra `files`)."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np


def write_parquet(path: Path, rows: Mapping[str, np.ndarray]) -> None:
    """Writes one table, whose first column names the set; fields of several numbers become lists.

    Args:
        path: the file.
        rows: name of the set -> structured array.
    """
    import pyarrow as pa
    from pyarrow import parquet

    tables = []
    for name, of_set in rows.items():
        columns = {field: of_set[field] for field in of_set.dtype.names or ()}
        lists = {
            field: pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])
            if values.ndim > 1
            else values
            for field, values in columns.items()
        }
        tables.append(pa.table({"set": [name] * len(of_set), **lists}))
    parquet.write_table(pa.concat_tables(tables, promote_options="default"), path)
