#!/usr/bin/env python3
"""Whether a result has the same rows as Provender's, in any order, and whether Provender's are in the spine's.

    check.py CASE.json PROVENDER.parquet OTHER.parquet     returns 1 and says what differs
    check.py CASE.json PROVENDER.parquet                   the same of the statuses, which are worked out here
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


def statuses(case, view):
    """What the status of each feature of a view must be, by label."""
    paths = ", ".join(f"'{path}'" for path in view["paths"])
    old = f"v.event_timestamp < s.event_timestamp - INTERVAL {view['ttl']} DAY" if "ttl" in view else "false"
    items = [f"CASE WHEN v.event_timestamp IS NULL THEN 'NOT_FOUND' WHEN {old} THEN 'OUTSIDE_MAX_AGE' "
             f"WHEN v.{name} IS NULL THEN 'NULL_VALUE' ELSE 'PRESENT' END AS {name}__status" for name in view["features"]]
    # No row that could be taken for a match: nulls match nothing.
    return (f"(SELECT s.label, {', '.join(items)} FROM '{case['spine']}' s ASOF LEFT JOIN "
            f"(FROM read_parquet([{paths}]) WHERE user_id IS NOT NULL AND event_timestamp IS NOT NULL) v "
            "ON s.user_id = v.user_id AND s.event_timestamp >= v.event_timestamp)")


def check_statuses(session, case, provender):
    for view in case["views"]:
        names = ", ".join(f"{name}__status" for name in view["features"])
        different = session.execute(f"SELECT a, b FROM (SELECT label, {names} FROM read_parquet('{provender}')) a FULL JOIN {statuses(case, view)} b "
                                    "USING (label) WHERE a IS DISTINCT FROM b LIMIT 3").fetchall()
        if different:
            sys.exit(f"statuses of {view['name']} differ, Provender's first:\n" + "\n".join(map(str, different)))


def main():
    case, provender = json.loads(pathlib.Path(sys.argv[1]).read_text()), sys.argv[2]
    session = duckdb.connect()
    session.execute("SET threads = 2; SET TimeZone = 'UTC'")
    out_of_order, = session.execute(
        f"SELECT count(*) FROM read_parquet('{provender}', file_row_number = true) WHERE label <> file_row_number").fetchone()
    if out_of_order:
        sys.exit(f"{out_of_order} of Provender's rows are not where the spine has them")
    if len(sys.argv) == 3:
        return check_statuses(session, case, provender)
    other = sys.argv[3]
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
