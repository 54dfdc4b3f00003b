#!/usr/bin/env python3
"""Point-in-time joins, Parquet to Parquet: Provender beside what others do with the same files, and beside the bare scan.

    bench.py --bin build/bin/provender --floor build/release/bin/pit_floor [CASE…] [--scale 0.1] [--out build/bench/pit.json]

Runs are interleaved: each round runs every engine once, in an order of its own, and the median counts. Each answer is compared with Provender's, row by
row. Provender and the floor are timed as whole processes, Python's engines after their imports; memory is the process's peak.
    floor        DuckDB reads the same columns of the same files and drops them
    floor+write  the same, and writes the same result from memory
Seconds of all processors together are given too: on a machine that does other work, their ratios tell more.
Data is made once and kept in --data: several GB at full scale.
"""
import argparse
import dataclasses
import functools
import json
import operator
import os
import pathlib
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from cases import CASES  # noqa: E402
from machine import machine  # noqa: E402

COMPARE = {"<=": operator.le, ">=": operator.ge}


class Stopped(Exception):
    """A run that failed or passed a limit."""


def run(command, folder, limits):
    """Seconds, seconds of all processors, peak MB and output of a process, which is stopped when it takes too long or too much memory."""
    begin = time.monotonic()
    log = tempfile.TemporaryFile("w+")
    child = subprocess.Popen(list(map(str, command)), cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
    why, done = [], threading.Event()

    def watch():
        while not done.wait(0.1):
            resident = int(pathlib.Path(f"/proc/{child.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6
            if time.monotonic() - begin > limits.timeout:
                why.append(f"longer than {limits.timeout} s")
            elif resident > limits.max_rss_mb:
                why.append(f"more than {limits.max_rss_mb} MB")
            if why:
                return os.killpg(child.pid, signal.SIGKILL)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    out = child.stdout.read()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # until then its number is its own
    seconds = time.monotonic() - begin
    done.set()
    watcher.join()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        log.seek(0)
        raise Stopped(why[0] if why else f"exit {child.returncode}: " + (log.read() + out).strip()[-2000:])
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, out


class Work:
    """One case in one form: its files, and a project of Provender's over them."""

    def __init__(self, case, writer, args, folder):
        self.case, self.writer, self.args = case, writer, args
        self.folder = folder
        folder.mkdir(parents=True)
        self.spine = self.spec("spine", rows=case.spine, number=0, nulls=0, late=0, files=1)
        # Views that share a file take their features from it in turn.
        self.sources = [self.spec("view", rows=case.rows, number=i, features=case.features * case.views_per_file)
                        for i in range(case.views // case.views_per_file)]
        self.views = [self.view(i) for i in range(case.views)]
        self.make_data()
        self.write_project()
        self.case_file = folder / "case.json"
        self.case_file.write_text(json.dumps({"spine": self.spine["path"], "views": self.views, "threads": args.threads,
                                              "status": case.status, "time_ordered": case.order == "time" and not case.late}))

    def spec(self, what, **more):
        case = self.case
        out = {"what": what, "seed": self.args.seed, "writer": self.writer, "entities": case.entities, "key": case.key,
               "keys": case.spine_keys if what == "spine" else 0, "order": case.order if what == "view" else "random",
               "nulls": case.nulls, "late": case.late, "files": case.files, **more}
        name = "-".join(str(v) for v in out.values())
        return {**out, "path": str(self.args.data / f"{name}.parquet")}

    def view(self, number):
        case, source = self.case, self.sources[number // self.case.views_per_file]
        first = number % case.views_per_file * case.features
        path = pathlib.Path(source["path"])
        paths = [str(path)] if case.files == 1 else [str(path.with_name(f"{path.stem}-{i}.parquet")) for i in range(case.files)]
        out = {"name": f"v{number}", "paths": paths, "features": [f"v{source['number']}_f{i}" for i in range(first, first + case.features)]}
        return {**out, "ttl": case.ttl} if case.ttl else out

    def make_data(self):
        specs = self.folder / "files.json"
        specs.write_text(json.dumps([self.spine, *self.sources]))
        subprocess.run([sys.executable, HERE / "data.py", specs], check=True)

    def write_project(self):
        key = {"int": "int64", "string": "string"}[self.case.key]
        kinds = ["int64", "float64", "string"]
        lines = [f"entities: {{user_id: {{type: {key}}}}}", "feature_views:"]
        for view in self.views:
            files = view["paths"][0] if len(view["paths"]) == 1 else view["paths"][0].replace("-0.parquet", "-*.parquet")
            lines += [f"  {view['name']}:", "    entities: [user_id]", f"    source: {{parquet: '{files}'}}"]
            lines += [f"    ttl: {view['ttl']}d"] if "ttl" in view else []
            lines += ["    features:"] + [f"      {name}: {kinds[int(name.rsplit('f', 1)[1]) % 3]}" for name in view["features"]]
        (self.folder / "features.yaml").write_text("\n".join(lines) + "\n")
        (self.folder / "provender.yaml").write_text(
            "project: bench\ndefinitions: [features.yaml]\n"
            f"offline: {{memory_limit: {self.case.memory_limit}, threads: {self.args.threads}, roots: ['{self.args.data}']}}\n")
        run([self.args.bin, "apply", "--yes"], self.folder, self.args)

    def read_inputs(self):
        """Nobody is to wait for the disk: not who comes first, and so alone."""
        for path in [self.spine["path"], *(path for view in self.views for path in view["paths"])]:
            with open(path, "rb") as file:
                while file.read(1 << 24):
                    pass

    def provender(self, out):
        features = ",".join(name for view in self.views for name in view["features"])
        command = [self.args.bin, "historical", "--entities", self.spine["path"], "--features", features, "--out", out]
        seconds, cpu, rss, _ = run(command + ["--with-status"] * self.case.status, self.folder, self.args)
        return {"seconds": seconds, "cpu_seconds": cpu, "rss_mb": rss}

    def peer(self, engine, out):
        _, _, rss, text = run([sys.executable, HERE / "peers.py", engine, self.case_file, out], self.folder, self.args)
        answer = json.loads(text.splitlines()[-1])
        return {**answer, "rss_mb": rss}

    def floors(self, result):
        """The floor, and the floor with the writing of `result`: one process."""
        columns = {}  # of each file, those of all its views
        for view in self.views:
            columns.setdefault(tuple(view["paths"]), ["user_id", "event_timestamp"]).extend(view["features"])
        scans = [f"{self.glob(paths)}:{','.join(names)}" for paths, names in columns.items()]
        scans.append(f"{self.spine['path']}:user_id,event_timestamp,label")
        written = self.folder / "floor.parquet"
        seconds, _, _, text = run([self.args.floor, "--threads", self.args.threads, "--write", result, written, "zstd", *scans], self.folder, self.args)
        got = json.loads(text)
        rows = self.case.rows * len(self.sources) + self.case.spine
        if got["rows"] != rows:
            raise SystemExit(f"the floor read {got['rows']} rows, not {rows}")
        both = seconds - got["load_s"]
        # What it writes lies in memory: the process's peak says nothing of a floor.
        floor = {"seconds": both - got["write_s"], "cpu_seconds": got["read_cpu_s"], "rss_mb": got["read_rss_mb"]}
        return floor, {"seconds": both, "cpu_seconds": got["read_cpu_s"] + got["write_cpu_s"], "rss_mb": 0}

    @staticmethod
    def glob(paths):
        return paths[0] if len(paths) == 1 else paths[0].replace("-0.parquet", "-*.parquet")

    def check(self, provender, *others):
        """Without another result: the statuses, which no other engine gives."""
        subprocess.run([sys.executable, HERE / "check.py", self.case_file, provender, *others], check=True)


class Rounds:
    """The runs of one case: all engines in turn, round after round."""

    def __init__(self, case, writer, args, folder):
        self.case, self.args, self.folder = case, args, folder
        self.base = Work(case, writer, args, folder / "base")
        self.variants = {f"provender {name}": Work(dataclasses.replace(case, **change), writer, args, folder / name)
                         for name, change in case.variants.items()}
        self.figures = {}
        self.stopped = {}

    def measure(self):
        for work in [self.base, *self.variants.values()]:
            work.read_inputs()
        steps = [functools.partial(self.attempt, "provender", self.base.provender)]
        steps += [functools.partial(self.attempt, name, work.provender) for name, work in self.variants.items()]
        steps += [functools.partial(self.attempt, engine, functools.partial(self.base.peer, engine)) for engine in self.case.engines
                  if self.args.engines is None or engine in self.args.engines]
        steps += [self.run_floors] * self.case.floor
        for number in range(self.args.rounds):
            # What one leaves behind, memory and a file to be put on the disk, is not always the same one's burden. The first round
            # begins with the result that the others are compared with.
            order = random.Random(f"{self.args.seed}/{self.case.name}/{number}")
            for step in order.sample(steps, len(steps)) if number else steps:
                os.sync()
                step(number)
        return {name: self.median(runs) for name, runs in self.figures.items()}

    def run_floors(self, _number):
        if "provender" in self.stopped:
            return
        floor, write = self.base.floors(self.folder / "provender.parquet")
        self.figures.setdefault("floor", []).append(floor)
        self.figures.setdefault("floor+write", []).append(write)

    def attempt(self, name, work, number):
        """Runs what did not fail, and what takes long only once."""
        done = self.figures.get(name, [])
        if name in self.stopped or number and done[0]["seconds"] > self.args.slow:
            return
        out = self.folder / f"{name}.parquet"
        out.unlink(missing_ok=True)
        try:
            result = work(out)
        except Stopped as why:
            self.stopped[name] = str(why)
            self.figures.pop(name, None)
            return
        self.figures.setdefault(name, []).append(result)
        if number == 0:
            self.check(name, out)
        if name != "provender":
            out.unlink()

    def check(self, name, out):
        if name == "provender" and self.case.status:
            self.base.check(out)
        if name != "provender" and self.same_question(name):
            self.base.check(self.folder / "provender.parquet", out)
        elif self.case.check and (name in self.variants or not self.case.engines):
            work = self.variants.get(name, self.base)
            peer = self.folder / "check.parquet"
            try:
                work.peer("duckdb_asof", peer)
                work.check(out, peer)
            except Stopped as why:
                self.stopped[f"{name}, checked by duckdb_asof"] = str(why)
            peer.unlink(missing_ok=True)

    def same_question(self, name):
        change = self.case.variants.get(name.removeprefix("provender "), {})
        return "provender" not in self.stopped and not {"rows", "spine", "views_per_file"} & change.keys()

    @staticmethod
    def median(runs):
        seconds = [r["seconds"] for r in runs]
        cpu = statistics.median(r["cpu_seconds"] for r in runs)
        return {**runs[0], "seconds": statistics.median(seconds), "cpu_seconds": cpu, "min": min(seconds), "max": max(seconds), "rounds": len(runs),
                "rss_mb": max(r["rss_mb"] for r in runs)}


def figure(text, figures, unit="seconds"):
    """The value of "a / b" or "rss of a"; None where a run is missing."""

    def seconds(name):
        if name.startswith("best "):
            prefix = "duckdb" if name == "best duckdb" else ""
            found = [f[unit] for n, f in figures.items() if n.startswith(prefix) and not n.startswith(("provender", "floor"))]
            return min(found, default=None)
        return figures[name][unit] if name in figures else None

    if text.startswith("rss of "):
        return figures.get(text[7:], {}).get("rss_mb")
    a, b = map(seconds, text.split(" / "))
    return a / b if a and b else None


def report(case, writer, rounds, figures, scale):
    print(f"\n{case.name}, files by {writer}: {case.title()}")
    print(f"  {'':<22}{'seconds':>9}{'min–max':>16}{'CPU s':>9}{'rows/s':>14}{'MB':>8}{'× provender':>13}")
    for name, f in sorted(figures.items(), key=lambda item: item[1]["seconds"]):
        change = case.variants.get(name.removeprefix("provender "), {})
        rows = change.get("rows", case.rows) * case.views + change.get("spine", case.spine)
        f["rows_per_s"] = round(rows / f["seconds"])
        ratio = f["seconds"] / figures["provender"]["seconds"] if "provender" in figures else 0
        memory = f"{f['rss_mb']:,.0f}" if f["rss_mb"] else ""
        spread = f"{f['min']:.2f}–{f['max']:.2f}"
        print(f"  {name:<22}{f['seconds']:>9.3f}{spread:>16}{f['cpu_seconds']:>9.2f}{f['rows_per_s']:>14,}{memory:>8}{ratio:>13.2f}  {f.get('version', '')}")
    for name, why in rounds.stopped.items():
        print(f"  {name:<22} stopped: {why}")
    targets = []
    for text, comparison, limit in case.targets:
        value = figure(text, figures)
        met = None if scale < 1 or value is None else COMPARE[comparison](value, limit)
        cpu = None if value is None or text.startswith("rss") else figure(text, figures, "cpu_seconds")
        targets.append({"figure": text, "comparison": comparison, "limit": limit, "value": value, "met": met, "cpu_value": cpu})
        print(f"  {text} {comparison} {limit}: " + ("not measured" if value is None else f"{value:.2f}{'  MISSED' if scale >= 1 and not met else ''}")
              + ("" if cpu is None else f"   by CPU: {cpu:.2f}"))
    return {"case": case.name, "writer": writer, "title": case.title(), "figures": figures, "stopped": rounds.stopped, "targets": targets}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="all, if none is named: " + " ".join(c.name for c in CASES))
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--floor", required=True, type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("build/bench/data"))
    parser.add_argument("--scale", type=float, default=0.1, help="1 is the full size: 10 M rows a view")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--writers", default="pyarrow,duckdb", help="who writes the data: their files cost differently to read")
    parser.add_argument("--engines", type=lambda text: set(text.split(",")), help="only these peers")
    parser.add_argument("--slow", type=float, default=20, help="what takes more seconds runs once")
    parser.add_argument("--timeout", type=float, default=240)
    parser.add_argument("--max-rss-mb", type=float, default=14_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent.parent / "build/bench/pit.json")
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.bin, args.floor, args.data = args.bin.resolve(), args.floor.resolve(), args.data.resolve()
    args.data.mkdir(parents=True, exist_ok=True)
    os.environ["POLARS_MAX_THREADS"] = str(args.threads)
    unknown = set(args.cases) - {case.name for case in CASES}
    if unknown:
        parser.error("no case named " + ", ".join(sorted(unknown)))
    results = []
    print(f"{machine()}; {args.threads} threads, scale {args.scale}, median of {args.rounds}")
    for case in (case.at(args.scale) for case in CASES if not args.cases or case.name in args.cases):
        for writer in args.writers.split(","):
            work = pathlib.Path(tempfile.mkdtemp(prefix="provender-bench-"))
            try:
                rounds = Rounds(case, writer, args, work)
                results.append(report(case, writer, rounds, rounds.measure(), args.scale))
            finally:
                shutil.rmtree(work)
            args.out.write_text(json.dumps({"machine": machine(), "threads": args.threads, "scale": args.scale, "results": results}, indent=2) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
