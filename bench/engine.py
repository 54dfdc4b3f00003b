#!/usr/bin/env python3
"""Measures the engine as a user runs it: materialize, serve, plan and apply. Checks the answers, prints a table, writes JSON.

    engine.py --bin build/bin/provender --load build/release/bin/http_load [--rows 1000000,10000000] [--out engine.json]

Needs the Python package duckdb to make its data (seeded: the same flags give the same values). Loopback only; stops by itself.
"""
import argparse
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

from machine import machine


def make_parquet(path, rows, features):
    """One row per entity, in random order: int64 keys, an event timestamp, features of int64 and float64."""
    import duckdb

    columns = ", ".join(
        f"CAST(k * {i + 1} % 1000003 AS BIGINT) AS f{i}" if i % 2 else f"CAST(k * 0.5 + {i} AS DOUBLE) AS f{i}" for i in range(features))
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.execute(
        f"COPY (SELECT k * 7919 AS entity_id, TIMESTAMP '2026-01-01' + INTERVAL (k % 86400) SECOND AS event_timestamp, {columns}"
        f" FROM (SELECT range AS k, hash(range) AS h FROM range({rows})) ORDER BY h) TO '{path}' (FORMAT parquet)")


def feature_lines(features):
    return "".join(f"      f{i}: {'int64' if i % 2 else 'float64'}\n" for i in range(features))


def make_project(folder, memory_limit, rows, features):
    folder.mkdir(parents=True)
    (folder / "provender.yaml").write_text(
        f"project: bench\ndefinitions: [features.yaml]\noffline: {{memory_limit: {memory_limit}, threads: 2}}\n")
    (folder / "features.yaml").write_text(
        "entities: {entity_id: {type: int64}}\nfeature_views:\n  stats:\n    entities: [entity_id]\n"
        f"    source: {{parquet: data.parquet}}\n    features:\n{feature_lines(features)}")
    make_parquet(folder / "data.parquet", rows, features)


class PeakMemory(threading.Thread):
    """Samples the memory of a process that is its own: RssAnon, so that mapped files do not count."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.done = pid, 0, threading.Event()

    def run(self):
        while not self.done.is_set():
            try:
                text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
            except OSError:
                return
            found = re.search(r"RssAnon:\s+(\d+)", text)
            self.peak = max(self.peak, int(found.group(1)) // 1024 if found else 0)
            self.done.wait(0.02)


def timed(command, folder):
    begin = time.monotonic()
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    memory = PeakMemory(child.pid)
    memory.start()
    out, err = child.communicate(timeout=1800)
    seconds = time.monotonic() - begin
    memory.done.set()
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{out}{err}")
    return seconds, memory.peak, out


class Server:
    def __init__(self, provender, folder):
        begin = time.monotonic()
        self.log = open(folder / "server.log", "w+")
        self.child = subprocess.Popen([provender, "--log-level", "info", "serve", "--port", "0", "--threads", "1"],
                                      cwd=folder, stderr=self.log)
        while True:
            found = re.search(r"http://[^:]+:(\d+)", (folder / "server.log").read_text())
            if found:
                self.port = int(found.group(1))
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5).read()
                    break
                except OSError:
                    pass
            if self.child.poll() is not None:
                raise SystemExit("serve ended: " + (folder / "server.log").read_text())
            time.sleep(0.001)
        self.start_ms = (time.monotonic() - begin) * 1000

    def memory_mb(self):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{self.child.pid}/status").read_text()).group(1)) / 1024

    def maps_duckdb(self):
        return "duckdb" in pathlib.Path(f"/proc/{self.child.pid}/maps").read_text()

    def ask(self, body):
        url = f"http://127.0.0.1:{self.port}/get-online-features"
        return json.loads(urllib.request.urlopen(url, json.dumps(body).encode(), timeout=10).read())

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(timeout=30) == 0


def request(key, features):
    return {"entity_id": key * 7919, "features": [f"stats:f{i}" for i in range(features)]}


def check_entity(server, key, features):
    got = server.ask(request(key, features))["features"]
    expected = {f"f{i}": key * (i + 1) % 1000003 if i % 2 else key * 0.5 + i for i in range(features)}
    assert got == expected, f"entity {key}: {got} is not {expected}"


def bench_materialize(args, work, rows, results):
    folder = work / f"materialize_{rows}"
    make_project(folder, args.memory_limit, rows, features=10)
    timed([args.bin, "apply", "--yes"], folder)
    for name in ("first fill", "again over the full store"):
        seconds, memory, _ = timed([args.bin, "materialize"], folder)
        results.append({"what": f"materialize {rows:,} entities, {name}", "value": round(rows / seconds), "unit": "entities/s",
                        "seconds": round(seconds, 2), "memory_mb": memory})
    server = Server(args.bin, folder)
    try:
        rng = random.Random(rows)
        for _ in range(200):
            check_entity(server, rng.randrange(rows), 10)
    finally:
        server.stop()


def bench_serve(args, work, results):
    folder = work / "serve"
    make_project(folder, args.memory_limit, 100_000, features=15)
    timed([args.bin, "apply", "--yes"], folder)
    timed([args.bin, "materialize"], folder)
    starts = []
    for _ in range(5):
        server = Server(args.bin, folder)
        starts.append(server.start_ms)
        server.stop()
    server = Server(args.bin, folder)
    try:
        idle = server.memory_mb()
        check_entity(server, 1, 15)
        body = json.dumps(request(1, 15))
        runs = [json.loads(subprocess.check_output([args.load, "--port", str(server.port), "--requests", "20000", "--body", body]))
                for _ in range(3)]
        assert not server.maps_duckdb(), "the server mapped DuckDB"
    finally:
        server.stop()
    best = sorted(runs, key=lambda run: run["p50_us"])[1]
    results.append({"what": "serve: from start to the first answer", "value": round(sorted(starts)[2], 1), "unit": "ms"})
    results.append({"what": "serve: idle memory", "value": round(idle, 1), "unit": "MB"})
    results.append({"what": "serve: one entity, 15 features, one connection, p50", "value": best["p50_us"], "unit": "µs"})
    results.append({"what": "serve: one entity, 15 features, one connection, p99", "value": best["p99_us"], "unit": "µs"})


def bench_apply(args, work, results):
    folder = work / "apply"
    folder.mkdir()
    make_parquet(folder / "data.parquet", 1000, 10)
    (folder / "provender.yaml").write_text("project: bench\ndefinitions: [features.yaml]\n")
    views = "".join(f"  v{n}:\n    entities: [entity_id]\n    source: {{parquet: data.parquet}}\n    features:\n{feature_lines(10)}" for n in range(200))
    (folder / "features.yaml").write_text("entities: {entity_id: {type: int64}}\nfeature_views:\n" + views)
    plan, _, _ = timed([args.bin, "plan"], folder)
    apply, _, _ = timed([args.bin, "apply", "--yes"], folder)
    results.append({"what": "plan + apply of 200 views × 10 features", "value": round(plan + apply, 3), "unit": "s"})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True, type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--load", required=True, type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--rows", default="1000000,10000000")
    parser.add_argument("--memory-limit", default="600MB")
    parser.add_argument("--out", default="engine.json")
    args = parser.parse_args()
    results = []
    work = pathlib.Path(tempfile.mkdtemp(prefix="provender-bench-"))
    try:
        sizes = [int(n) for n in args.rows.split(",")]
        for rows in sizes:
            bench_materialize(args, work, rows, results)
        bench_serve(args, work, results)
        bench_apply(args, work, results)
    finally:
        shutil.rmtree(work)
    report = {"machine": machine(), "results": results}
    pathlib.Path(args.out).write_text(json.dumps(report, indent=2) + "\n")
    print(report["machine"])
    for r in results:
        more = f"   {r['seconds']} s, {r['memory_mb']} MB" if "seconds" in r else ""
        print(f"{r['what']:<62} {r['value']:>12,} {r['unit']}{more}")


if __name__ == "__main__":
    main()
