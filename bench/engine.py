#!/usr/bin/env python3
"""Measures the engine as a user runs it: materialize, serve, plan and apply. Checks the answers, judges each figure by its target, prints a table,
writes JSON.

    engine.py --bin build/bin/provender --load build/release/bin/http_load [--rows 1000000,10000000] [--out build/bench/engine.json]

Needs the Python package duckdb to make its data (seeded: the same flags give the same values). Loopback only; stops by itself.
"""
import argparse
import json
import operator
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

HERE = pathlib.Path(__file__).resolve().parent
FULL = 1_000_000  # entities from which on rates are judged: fewer take no longer than the start
COMPARE = {"<=": operator.le, ">=": operator.ge}


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


def result(what, value, unit, target=None, **more):
    """A line of the report; `target` is (comparison, limit)."""
    met = None if target is None else COMPARE[target[0]](value, target[1])
    return {"what": what, "value": value, "unit": unit, "target": target, "met": met, **more}


def bench_materialize(args, work, rows, results):
    folder = work / f"materialize_{rows}"
    make_project(folder, f"{args.memory_mb}MB", rows, features=10)
    timed([args.bin, "apply", "--yes"], folder)
    for name, rate in (("first fill", 500_000), ("again over the full store", 250_000)):
        seconds, memory, _ = timed([args.bin, "materialize"], folder)
        what = f"materialize {rows:,} entities, {name}"
        results.append(result(what, round(rows / seconds), "entities/s", (">=", rate) if rows >= FULL else None, seconds=round(seconds, 2)))
        results.append(result(f"{what}: memory", memory, "MB", ("<=", 800 if rows <= FULL else args.memory_mb)))
    server = Server(args.bin, folder)
    try:
        rng = random.Random(rows)
        for _ in range(200):
            check_entity(server, rng.randrange(rows), 10)
    finally:
        server.stop()


def linear(sizes, results):
    """What an entity takes among the most of them, beside what it takes among the fewest."""
    rates = [one["value"] for one in results if one["what"].endswith("first fill")]
    if len(sizes) > 1:
        what = f"first fill: time an entity of {sizes[-1]:,}, × that of {sizes[0]:,}"
        results.append(result(what, round(rates[0] / rates[-1], 2), "", ("<=", 1.5)))


def bench_serve(args, work, results):
    folder = work / "serve"
    make_project(folder, f"{args.memory_mb}MB", 100_000, features=15)
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
    median = sorted(runs, key=lambda run: run["p50_us"])[1]
    results.append(result("serve: from start to the first answer", round(sorted(starts)[2], 1), "ms", ("<=", 50)))
    results.append(result("serve: idle memory", round(idle, 1), "MB", ("<=", 30)))
    results.append(result("serve: one entity, 15 features, one connection, p50", median["p50_us"], "µs", ("<=", 100)))
    results.append(result("serve: one entity, 15 features, one connection, p99", median["p99_us"], "µs"))


def bench_apply(args, work, results):
    folder = work / "apply"
    folder.mkdir()
    make_parquet(folder / "data.parquet", 1000, 10)
    (folder / "provender.yaml").write_text("project: bench\ndefinitions: [features.yaml]\n")
    views = "".join(f"  v{n}:\n    entities: [entity_id]\n    source: {{parquet: data.parquet}}\n    features:\n{feature_lines(10)}" for n in range(200))
    (folder / "features.yaml").write_text("entities: {entity_id: {type: int64}}\nfeature_views:\n" + views)
    plan, _, planned = timed([args.bin, "--output", "json", "plan"], folder)
    apply, _, applied = timed([args.bin, "--output", "json", "apply", "--yes"], folder)
    check_apply(args, folder, json.loads(planned), json.loads(applied))
    results.append(result("plan + apply of 200 views × 10 features", round(plan + apply, 3), "s", ("<=", 1)))


def check_apply(args, folder, planned, applied):
    """The plan creates an entity and each view, apply does just that as version 1, and then nothing is left to do."""
    created = sorted((change["kind"], change["name"]) for change in planned["changes"] if change["action"] == "create")
    assert created == sorted([("entity", "entity_id"), *(("feature view", f"v{n}") for n in range(200))]), f"{len(created)} created"
    assert applied["plan"] == planned and applied["applied"]["version"] == 1, applied["applied"]
    _, _, features = timed([args.bin, "--output", "json", "features"], folder)
    got = {(one["view"], one["name"], one["type"]) for one in json.loads(features)["features"]}
    assert got == {(f"v{n}", f"f{i}", "int64" if i % 2 else "float64") for n in range(200) for i in range(10)}, f"{len(got)} features"
    _, _, again = timed([args.bin, "--output", "json", "plan"], folder)
    assert json.loads(again)["changes"] == [], again


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True, type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--load", required=True, type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--rows", default="1000000,10000000")
    parser.add_argument("--memory-mb", type=int, default=600, help="offline.memory_limit")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "build/bench/engine.json")
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    results = []
    work = pathlib.Path(tempfile.mkdtemp(prefix="provender-bench-"))
    try:
        sizes = [int(n) for n in args.rows.split(",")]
        for rows in sizes:
            bench_materialize(args, work, rows, results)
        linear(sizes, results)
        bench_serve(args, work, results)
        bench_apply(args, work, results)
    finally:
        shutil.rmtree(work)
    report = {"machine": machine(), "results": results}
    args.out.write_text(json.dumps(report, indent=2) + "\n")
    print(report["machine"])
    for r in results:
        judged = "" if r["target"] is None else f"   {r['target'][0]} {r['target'][1]:,}{'' if r['met'] else '  MISSED'}"
        print(f"{r['what']:<66} {r['value']:>12,} {r['unit']:<10}{judged}")


if __name__ == "__main__":
    main()
