#!/usr/bin/env python3
"""Prints what a run of examples/streaming measured: rows, seconds, rows per second, bytes, and latencies."""
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
seconds = {name: int(ms) / 1000 for name, ms in (line.split() for line in (folder / "timings.txt").read_text().splitlines())}
load = json.loads((folder / "load.json").read_text())
status = json.loads((folder / "status.json").read_text())
entities = sum(view["rows"] for view in status["views"])
online = sum(file.stat().st_size for file in (folder / ".provender" / "online").iterdir())


def row(what, rows, took, size):
    print(f"{what:<46} {rows:>9,} {took:>9.2f} {rows / took:>12,.0f} {size:>13,}")


print(f"{'':<46} {'rows':>9} {'seconds':>9} {'rows/s':>12} {'bytes':>13}")
row("training set: 9 features at each rating", 100_000, seconds["historical"], (folder / "training.parquet").stat().st_size)
row("materialize: latest rows of 6 views", entities, seconds["materialize"], online)
print(f"\n{load['requests']:,} requests over one connection: p50 {load['p50_us'] / 1000:.3f} ms, p99 {load['p99_us'] / 1000:.3f} ms,"
      f" {load['requests_per_second']:,.0f} requests/s")
