#!/usr/bin/env python3
"""Makes the files of a point-in-time benchmark: feature views and spines as Parquet.

    data.py SPEC.json       a list of files to make (cases.py); those that are there are kept

The same specification gives the same values. A view's rows have the key `user_id`, `event_timestamp` (microseconds, UTC,
evenly over 90 days) and features v<n>_f<i> that cycle through int64, double and string; `label` numbers a spine's rows.
Times are drawn so finely that no key has two rows of one time: peers break such ties in other ways than we do.
"""
import json
import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

START_US = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
SPAN_US = 90 * 86_400_000_000
SPINE_FROM = 0.1  # spine rows lie in the last nine tenths, so that most find a row
ROW_GROUP = 122_880
CHUNK = 5_000_000
GENRES = pa.array(["action", "comedy", "crime", "documentary", "drama", "family", "fantasy", "history",
                   "horror", "music", "mystery", "romance", "science_fiction", "sport", "thriller", "western"])
TIME = pa.timestamp("us", tz="UTC")


def some_null(column, rng, share):
    return pc.if_else(pa.array(rng.random(len(column)) < share), pa.scalar(None, column.type), column) if share else column


def key_column(numbers, spec):
    if spec["key"] == "int":
        return pa.array(numbers)
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), 16, "0")
    return pc.binary_join_element_wise("u", digits, "")


def feature(rng, index, count):
    if index % 3 == 0:
        return pa.array(rng.integers(0, 100_000, count, dtype=np.int64))
    if index % 3 == 1:
        return pa.array(np.round(rng.random(count) * 1000, 3))
    return pa.DictionaryArray.from_arrays(pa.array(rng.integers(0, len(GENRES), count, dtype=np.int32)), GENRES).dictionary_decode()


def keys_and_times(rng, spec, chunk, chunks, count):
    """One chunk of a view's keys and times: a slice of time or of keys where the rows are in that order."""
    low, high, entities = chunk / chunks, (chunk + 1) / chunks, spec["entities"]
    share = rng.random(count)
    if spec["order"] == "clustered":
        numbers = rng.integers(int(low * entities), max(int(high * entities), int(low * entities) + 1), count, dtype=np.int64)
    else:
        numbers = rng.integers(0, entities, count, dtype=np.int64)
        share = low + share * (high - low) if spec["order"] == "time" else share
    times = START_US + (share * SPAN_US).astype(np.int64)
    if spec["order"] == "time":
        order = np.argsort(times, kind="stable")
    elif spec["order"] == "clustered":
        order = np.lexsort((times, numbers))
    else:
        return numbers, times
    return numbers[order], times[order]


def late(rng, times, share):
    """Moves a share of the rows up to a day into the past: they stand in the file behind rows that are newer."""
    moved = rng.random(len(times)) < share
    return np.where(moved, times - rng.integers(0, 86_400_000_000, len(times), dtype=np.int64), times)


def view_chunk(spec, chunk, chunks, count):
    rng = np.random.Generator(np.random.PCG64([spec["seed"], spec["number"], chunk]))
    numbers, times = keys_and_times(rng, spec, chunk, chunks, count)
    times = late(rng, times, spec["late"]) if spec["late"] else times
    columns = {"user_id": some_null(key_column(numbers, spec), rng, spec["nulls"]),
               "event_timestamp": some_null(pa.array(times, TIME), rng, spec["nulls"])}
    for index in range(spec["features"]):
        columns[f"v{spec['number']}_f{index}"] = some_null(feature(rng, index, count), rng, spec["nulls"])
    return pa.table(columns)


def spine_chunk(spec, chunk, chunks, count):
    rng = np.random.Generator(np.random.PCG64([spec["seed"], 10_000, chunk]))
    numbers = rng.integers(0, spec["entities"], count, dtype=np.int64)
    if spec["keys"]:
        numbers = (numbers % spec["keys"]) * (spec["entities"] // spec["keys"])
    share = SPINE_FROM + rng.random(count) * (1 - SPINE_FROM)
    first = sum(sizes(spec["rows"], chunks)[:chunk])
    return pa.table({"user_id": key_column(numbers, spec), "event_timestamp": pa.array(START_US + (share * SPAN_US).astype(np.int64), TIME),
                     "label": pa.array(np.arange(first, first + count, dtype=np.int64))})


def sizes(rows, parts):
    return [rows * (i + 1) // parts - rows * i // parts for i in range(parts)]


class Writer:
    """Writes tables one behind the other: with pyarrow's defaults and zstd, or rewritten by DuckDB with its own."""

    def __init__(self, path, writer, schema):
        self.path, self.writer, self.temporary = path, writer, path.with_suffix(".part")
        self.file = pq.ParquetWriter(self.temporary, schema, compression="zstd")

    def write(self, table):
        self.file.write_table(table, row_group_size=ROW_GROUP)

    def close(self):
        self.file.close()
        if self.writer == "duckdb":
            import duckdb

            connection = duckdb.connect()
            connection.execute("SET threads = 2; SET memory_limit = '4GB'; SET TimeZone = 'UTC'")
            rewritten = self.path.with_suffix(".duckdb")
            connection.execute(f"COPY (FROM read_parquet('{self.temporary}')) TO '{rewritten}' (FORMAT parquet, ROW_GROUP_SIZE {ROW_GROUP})")
            self.temporary.unlink()
            self.temporary = rewritten
        self.temporary.rename(self.path)


def make(spec):
    path = pathlib.Path(spec["path"])
    paths = [path] if spec["files"] == 1 else [path.with_name(f"{path.stem}-{i}.parquet") for i in range(spec["files"])]
    if all(p.exists() for p in paths):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    chunks = max(-(-spec["rows"] // CHUNK), len(paths))
    of_chunk = view_chunk if spec["what"] == "view" else spine_chunk
    writers = {}
    for chunk, count in enumerate(sizes(spec["rows"], chunks)):
        table = of_chunk(spec, chunk, chunks, count)
        file = paths[chunk * len(paths) // chunks]
        if file not in writers:
            writers[file] = Writer(file, spec["writer"], table.schema)
        writers[file].write(table)
    for writer in writers.values():
        writer.close()


if __name__ == "__main__":
    for one in json.loads(pathlib.Path(sys.argv[1]).read_text()):
        make(one)
