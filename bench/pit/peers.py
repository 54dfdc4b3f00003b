#!/usr/bin/env python3
"""Point-in-time joins by others: Parquet files in, one Parquet file out. One process a run.

    peers.py ENGINE CASE.json OUT       prints one line of JSON: the version, and the seconds after imports, of the clock and of all processors

Each gives every spine row the newest row of each view at or before it, in the way that its own documents show; where there is
a choice, the quicker one: rows need not come out in the spine's order. OUT is zstd, as Provender's is.
"""
import json
import pathlib
import sys
import time


def now():
    return time.perf_counter(), time.process_time()


def since(start):
    return {"seconds": time.perf_counter() - start[0], "cpu_seconds": time.process_time() - start[1]}


def duckdb_session(case, out):
    import duckdb

    def begin():
        session = duckdb.connect()
        session.execute(f"SET threads = {case['threads']}; SET preserve_insertion_order = false;"
                        f"SET temp_directory = '{out.parent}/duckdb_tmp'; SET TimeZone = 'UTC'")
        return session

    return begin, "DuckDB " + duckdb.__version__


def source(view):
    return f"read_parquet({json.dumps(view['paths']).replace(chr(34), chr(39))})"


def picks(view, alias):
    """A view's features as SELECT items, null where its ttl has passed."""
    if "ttl" not in view:
        return [f"{alias}.{name}" for name in view["features"]]
    fresh = f"{alias}.event_timestamp >= s.event_timestamp - INTERVAL {view['ttl']} DAY"
    return [f"CASE WHEN {fresh} THEN {alias}.{name} END AS {name}" for name in view["features"]]


def asof(view, alias, history):
    return (f"ASOF LEFT JOIN {history} {alias} ON s.user_id = {alias}.user_id "
            f"AND s.event_timestamp >= {alias}.event_timestamp")


def copy(select, out):
    return f"COPY ({select}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)"


def asof_at_once(session, case, out, spine, history):
    items, joins = ["s.*"], []
    for i, view in enumerate(case["views"]):
        items += picks(view, f"v{i}")
        joins.append(asof(view, f"v{i}", history(view)))
    session.execute(copy(f"SELECT {', '.join(items)} FROM {spine} s {' '.join(joins)}", out))


def duckdb_asof(case, out):
    """All joins in one query."""
    begin, version = duckdb_session(case, out)
    start = now()
    asof_at_once(begin(), case, out, f"'{case['spine']}'", source)
    return version, since(start)


def duckdb_asof_keys_first(case, out):
    """All joins in one query, of views that are first cut to the spine's keys."""
    begin, version = duckdb_session(case, out)
    start = now()
    session = begin()
    session.execute(f"CREATE TEMP TABLE spine AS FROM '{case['spine']}'")
    asof_at_once(session, case, out, "spine", lambda view: f"(FROM {source(view)} WHERE user_id IN (SELECT user_id FROM spine))")
    return version, since(start)


def duckdb_asof_serial(case, out):
    """One join at a time through temporary tables, which needs less memory."""
    begin, version = duckdb_session(case, out)
    start = now()
    session = begin()
    session.execute(f"CREATE TEMP TABLE joined AS FROM '{case['spine']}'")
    for view in case["views"]:
        session.execute(f"CREATE OR REPLACE TEMP TABLE joined AS SELECT {', '.join(['s.*', *picks(view, 'v')])} "
                        f"FROM joined s {asof(view, 'v', source(view))}")
    session.execute(copy("FROM joined", out))
    return version, since(start)


def duckdb_qualify(case, out):
    """Joins each view with all rows at or before, and keeps the newest of each spine row."""
    begin, version = duckdb_session(case, out)
    start = now()
    session = begin()
    session.execute(f"CREATE TEMP TABLE spine AS FROM '{case['spine']}'")
    items, joins = ["s.*"], []
    for i, view in enumerate(case["views"]):
        session.execute(
            f"CREATE TEMP TABLE newest{i} AS SELECT {', '.join(['s.label', *picks(view, 'v')])} FROM spine s JOIN {source(view)} v "
            "ON s.user_id = v.user_id AND s.event_timestamp >= v.event_timestamp "
            "QUALIFY row_number() OVER (PARTITION BY s.label ORDER BY v.event_timestamp DESC) = 1")
        items += [f"newest{i}.{name}" for name in view["features"]]
        joins.append(f"LEFT JOIN newest{i} ON newest{i}.label = s.label")
    session.execute(copy(f"SELECT {', '.join(items)} FROM spine s {' '.join(joins)}", out))
    return version, since(start)


def polars_asof(case, out, told_sorted):
    import polars as pl

    start = now()
    frame = pl.scan_parquet(case["spine"]).sort("event_timestamp")
    for view in case["views"]:
        history = pl.scan_parquet(view["paths"]).select("user_id", "event_timestamp", *view["features"])
        history = history.set_sorted("event_timestamp") if told_sorted else history.sort("event_timestamp")
        frame = frame.join_asof(history, on="event_timestamp", by="user_id", strategy="backward", check_sortedness=False)
    frame.collect().write_parquet(out, compression="zstd")
    return "polars " + pl.__version__, since(start)


def pandas_merge_asof(case, out):
    import pandas as pd

    start = now()
    frame = pd.read_parquet(case["spine"]).sort_values("event_timestamp")
    for view in case["views"]:
        history = pd.concat([pd.read_parquet(path, columns=["user_id", "event_timestamp", *view["features"]]) for path in view["paths"]])
        if not case["time_ordered"]:
            history = history.sort_values("event_timestamp")
        frame = pd.merge_asof(frame, history, on="event_timestamp", by="user_id", direction="backward")
    frame.to_parquet(out, compression="zstd")
    return "pandas " + pd.__version__, since(start)


ENGINES = {
    "duckdb_asof": duckdb_asof,
    "duckdb_asof_serial": duckdb_asof_serial,
    "duckdb_qualify": duckdb_qualify,
    "duckdb_keys_first": duckdb_asof_keys_first,
    "polars": lambda case, out: polars_asof(case, out, told_sorted=False),
    "polars_told_sorted": lambda case, out: polars_asof(case, out, told_sorted=True),
    "pandas": pandas_merge_asof,
}


def main():
    engine, case, out = sys.argv[1], json.loads(pathlib.Path(sys.argv[2]).read_text()), pathlib.Path(sys.argv[3])
    version, seconds = ENGINES[engine](case, out)
    print(json.dumps({"version": version, **seconds}))


if __name__ == "__main__":
    main()
