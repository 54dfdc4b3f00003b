#!/usr/bin/env python3
"""Whether a result has the same rows as Provender's, in any order, and whether Provender's are in the spine's.

    check.py CASE.json PROVENDER.parquet OTHER.parquet     returns 1 and says what differs
"""
import json
import pathlib
import sys

import duckdb

KINDS = {0: "BIGINT", 1: "DOUBLE", 2: "VARCHAR"}  # pandas gives integers with nulls as floats


def rows(case, path):
    items = ["label", "user_id", "epoch_us(event_timestamp) AS t"]
    for view in case["views"]:
        items += [f"CAST({name} AS {KINDS[int(name.rsplit('f', 1)[1]) % 3]}) AS {name}" for name in view["features"]]
    return f"(SELECT {', '.join(items)} FROM read_parquet('{path}'))"


def main():
    case, provender, other = json.loads(pathlib.Path(sys.argv[1]).read_text()), sys.argv[2], sys.argv[3]
    session = duckdb.connect()
    session.execute("SET threads = 2; SET TimeZone = 'UTC'")
    out_of_order, = session.execute(
        f"SELECT count(*) FROM read_parquet('{provender}', file_row_number = true) WHERE label <> file_row_number").fetchone()
    if out_of_order:
        sys.exit(f"{out_of_order} of Provender's rows are not where the spine has them")
    counts = [session.execute(f"SELECT count(*) FROM read_parquet('{path}')").fetchone()[0] for path in (case["spine"], provender, other)]
    if len(set(counts)) > 1:
        sys.exit(f"the spine has {counts[0]} rows, Provender's result {counts[1]}, the other one {counts[2]}")
    # Label is unique: rows that agree on it must agree on the rest.
    different = session.execute(f"SELECT a, b FROM {rows(case, provender)} a FULL JOIN {rows(case, other)} b USING (label) "
                                "WHERE a IS DISTINCT FROM b LIMIT 3").fetchall()
    if different:
        sys.exit("rows differ, Provender's first:\n" + "\n".join(map(str, different)))


if __name__ == "__main__":
    main()
