#!/usr/bin/env python3
"""Serving: what a request takes from the embedded store and from Redis, beside a bare server that sends the same bytes.

    bench.py --bin build/bin/provender --tools build/release/bin [CASE…] [--quick] [--out build/bench/serve.json]

The server has one core, what asks it the other. Rounds are interleaved: each asks the bare server and then ours, and medians
count. Latencies are raw, by a client of our own; CPU is the server's own clock over all requests of a run. Rates are marked
where the client, not the server, was at its limit. Each case's answers are checked against the formula that made the data.
"""
import argparse
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
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import check  # noqa: E402
import data  # noqa: E402
from cases import ARROW, CASES, Http, InProcess, Materialize, Reload  # noqa: E402
from machine import machine  # noqa: E402
from processes import Bare, Cores, Load, Redis, Server, cpu_seconds, pinned, run  # noqa: E402

COMPARE = {"<=": operator.le, ">=": operator.ge}


class Skipped(Exception):
    """A case that cannot be measured here, and why."""


class Stores:
    """The data, and what serves it: each is made when it is first asked for."""

    def __init__(self, args, work):
        self.args, self.work, self.cores = args, work, Cores()
        self.bare_hmget = None

    def provender(self, folder, *words, prefix=()):
        return run([*prefix, self.args.bin, *words], folder)

    @functools.cached_property
    def files(self):
        for view in (*data.VIEWS, "profile"):
            data.make_file(self.work / f"{view}.parquet", view, self.args.entities)
        return True

    @functools.cached_property
    def lmdb(self):
        folder = self.project("lmdb", "{store: lmdb}")
        self.materialize(folder)
        return folder

    @functools.cached_property
    def redis(self):
        return Redis(self.cores.server, self.work / "redis-server")

    @functools.cached_property
    def empty_redis(self):
        # 64 clients with 500 entities each are more than a second of a busy machine's Redis: slow is a figure here, no failure.
        return self.project("redis", f"{{store: redis, url: 'redis://127.0.0.1:{self.redis.port}', timeout: 20s, write_timeout: 60s}}")

    @functools.cached_property
    def full_redis(self):
        self.materialize(self.empty_redis)
        return self.empty_redis

    def project(self, name, online):
        assert self.files
        folder = self.work / name
        data.make_project(folder, online)
        self.provender(folder, "apply", "--yes")
        return folder

    def materialize(self, folder, *views):
        """Seconds of the whole command, which must have written a row of each entity and view."""
        begin = time.monotonic()
        out = json.loads(self.provender(folder, "--output", "json", "materialize", *views))
        seconds = time.monotonic() - begin
        written = sum(one["rows_written"] for one in out["runs"])
        check.expect("rows written", written + sum(one["rows_kept"] for one in out["runs"]), len(out["runs"]) * self.args.entities)
        return seconds

    def folder(self, store):
        return self.lmdb if store == "lmdb" else self.full_redis

    @functools.cached_property
    def lmdb_server(self):
        return Server(self.args.bin, self.lmdb, self.cores.server)

    @functools.cached_property
    def redis_server(self):
        return Server(self.args.bin, self.full_redis, self.cores.server)

    def server(self, store):
        if store == "redis":  # beside the load, so that the server's core is the server's
            os.sched_setaffinity(self.redis.pid, {self.cores.load})
        return self.lmdb_server if store == "lmdb" else self.redis_server

    def stop(self):
        for name in ("lmdb_server", "redis_server", "redis"):
            if name in self.__dict__:
                self.__dict__.pop(name).stop()


def check_http(case, server, args):
    """Asks for entities from both ends and one that is not there; the answer to a request of the load's form."""
    ks = [0, 16, args.entities - 1, args.entities, *random.Random(case.name).choices(range(args.entities), k=max(case.rows - 4, 8))]
    questions = [[k] for k in ks] if case.form == "short" else [ks[:max(case.rows, 4)]]
    for asked in questions:
        head, body = server.ask(data.request(case, asked), case.accept)
        if case.accept == ARROW and ARROW.encode() not in head:
            raise Skipped("the server does not answer as Arrow")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{case.name}: {head.decode()}\n{body[:2000].decode()}")
        form = check.arrow if case.accept == ARROW else check.short if case.form == "short" else check.columns
        form(body if case.accept == ARROW else json.loads(body), case, asked, args.entities)
    head, body = server.ask(data.request(case, ks[-1:] if case.rows == 1 else ks[4:][:case.rows] + ks[:4]), case.accept)
    return head + b"\r\n\r\n" + body


def http(case, stores, args):
    server = stores.server(case.store)
    answer = check_http(case, server, args)
    bodies = stores.work / "bodies"
    bodies.write_text(data.requests(case, args.entities, args.seed))
    load = Load(args.tools / "http_load", stores.cores.load, bodies, case.accept)
    bare = Bare(args.tools / "bare_server", answer, stores.cores.server, stores.work)
    rounds = []
    try:
        load.run(server, 16, max(case.loads[16] // args.divisor // 10, 20))  # warm
        for _ in range(args.rounds):
            figures = {}
            for connections, requests in case.loads.items():
                for who, of in (("bare ", bare), ("", server)):
                    got = load.run(of, connections, max(requests // args.divisor, 50))
                    figures |= {f"{who}{figure} c={connections}": got[name] for figure, name in HTTP_FIGURES.items()}
                figures[f"a core's requests/s c={connections}"] = 1e6 / figures[f"cpu c={connections}"]
            rounds.append(figures)
        for connections in (16, 64):
            if got := load.wrk(server, connections, args.wrk_seconds):
                rounds[0] |= {f"wrk rate c={connections}": got["requests_per_second"], f"wrk share c={connections}": got["cpu_share"]}
    finally:
        bare.stop()
    return rounds, {"answer_bytes": len(answer), "requests_a_round": {c: n // args.divisor for c, n in case.loads.items()}}


HTTP_FIGURES = {"p50": "p50_us", "p99": "p99_us", "p99.9": "p999_us", "rate": "requests_per_second", "cpu": "server_cpu_us",
                "client": "cpu_share", "server": "server_share"}


def in_process(case, stores, args):
    rng = random.Random(args.seed)
    ks = [rng.randrange(args.entities) for _ in range(50_000)]
    keys = stores.work / "keys"
    keys.write_text("".join(data.key(k) + "\n" for k in ks))
    command = pinned(stores.cores.load, [args.tools / "in_process", stores.folder(case.store), "fifty", keys])
    check.shown(run([*command, 100, "show"]), ks[:100], args.entities)
    ones, batches = (100_000, 3_000) if case.store == "lmdb" else (20_000, 1_000)
    rounds = []
    for _ in range(args.rounds):
        figures = {}
        if case.store == "redis":
            figures |= redis_floor(stores, args, ones // args.divisor, batches // args.divisor)
        for rows, reads in ((1, ones), (100, batches)):
            got = json.loads(run([*command, rows, reads // args.divisor]))
            figures |= {f"{rows}×50 p50": got["p50_us"], f"{rows}×50 p99": got["p99_us"], f"{rows}×50 keys/s": got["keys_per_s"]}
        rounds.append(figures)
    return rounds, {}


def redis_floor(stores, args, ones, batches):
    """A bare client's reads of the same bytes, and redis-benchmark's: the same HMGETs of copies of all entities' hashes, drawn as ours are. Of one
    key it gets more: the key's bytes are in the processor's cache then, which no store's are that serves more than some thousand entities."""
    port = stores.redis.port
    os.sched_setaffinity(stores.redis.pid, {stores.cores.server})
    floor = pinned(stores.cores.load, [args.tools / "redis_floor", port, len(data.VIEWS)])
    got = json.loads(run([*floor, "reads", ones, batches]))
    copies = json.loads(run([*floor, "copy"]))
    pipelined = pinned(stores.cores.load, ["redis-benchmark", "-p", port, "--dbnum", 15, "-c", 1, "-P", 100, "-n", batches * 100, "-r", copies["keys"], "--csv"])

    def rate(key):
        out = run([*pipelined, "HMGET", key, *copies["fields"]])
        return float(out.splitlines()[-1].split('","')[1])

    figures = {"bare 1×50 p50": got["one_p50_us"], "bare 1×50 p99": got["one_p99_us"], "bare 100×50 p50": got["batch_p50_us"],
               "bare 100×50 p99": got["batch_p99_us"], "bare 100×50 keys/s": got["keys_per_s"],
               "redis-benchmark keys/s": rate("floor:__rand_int__"), "redis-benchmark keys/s, one key": rate("floor:000000000000")}
    stores.redis.cli("-n", 15, "FLUSHDB")
    return figures


def materialize(case, stores, args):
    """Neither is pinned: a command may use what the machine has."""
    os.sched_setaffinity(stores.redis.pid, os.sched_getaffinity(0))
    rounds = []
    for _ in range(min(args.rounds, 2)):
        stores.redis.cli("FLUSHALL")
        start = cpu_seconds(stores.redis.pid)
        seconds = stores.materialize(stores.empty_redis, *case.views)
        used = cpu_seconds(stores.redis.pid) - start
        floor = json.loads(run([args.tools / "redis_floor", stores.redis.port, len(case.views), "writes"]))
        check.expect("rows in Redis", floor["rows"], len(case.views) * args.entities)
        rounds.append({"rows/s": floor["rows"] / seconds, "bare rows/s": floor["rows_per_s"], "seconds": seconds,
                       "Redis's CPU, share of the time": used / seconds, "Redis's CPU µs a row": used / floor["rows"] * 1e6})
    return rounds, {"rows": floor["rows"]}


def reload(case, stores, args):
    """The CLI runs beside the load with the least priority: it is the reload that is looked at, not the CLI's use of a core."""
    server, folder = stores.server("lmdb"), stores.lmdb
    like = next(c for c in CASES if c.name == "1x50")
    bodies = stores.work / "bodies"
    bodies.write_text(data.requests(like, args.entities, args.seed))
    load = Load(args.tools / "http_load", stores.cores.load, bodies, like.accept)
    prefix = pinned(stores.cores.load, ["nice", "-n", "19"])
    times = max(case.times // args.divisor, 3)

    def apply(number):
        (folder / "features.yaml").write_text(data.definitions(f"Version {number}."))
        version = json.loads(stores.provender(folder, "--output", "json", "apply", "--yes", prefix=prefix))["applied"]["version"]
        until = time.monotonic() + 5
        while server.metric("provender_registry_version") != version:
            if time.monotonic() > until:
                raise SystemExit("the server did not notice a new version")
            time.sleep(0.05)

    def beside(work, count):
        child = subprocess.Popen(load.command(server.port, 16, "--seconds", 600), stdout=subprocess.PIPE, text=True)
        begin = time.monotonic()
        for number in range(count):
            work(number)
        took = time.monotonic() - begin
        child.send_signal(signal.SIGINT)
        return json.loads(child.communicate()[0]), took

    figures = {}
    plans, seconds = beside(lambda _: stores.provender(folder, "plan", prefix=prefix), times)
    quiet, _ = beside(lambda _: time.sleep(seconds), 1)
    applies, _ = beside(apply, times)
    for name, got in ((" quiet", quiet), (" beside plans", plans), ("", applies)):
        figures |= {f"p50{name}": got["p50_us"], f"p99{name}": got["p99_us"], f"p99.9{name}": got["p999_us"],
                    f"failed{name}": got["failed"], f"requests{name}": got["requests"]}
    check_http(like, server, args)
    return [figures], {"versions": times}


MEASURE = {Http: http, InProcess: in_process, Materialize: materialize, Reload: reload}


def figure(text, rounds):
    """The median over the rounds of a figure, or of "a / b" or "a - b"; None where one is missing."""

    def of(figures):
        for sign, combine in ((" / ", operator.truediv), (" - ", operator.sub)):
            if sign in text:
                a, b = (figures.get(name) for name in text.split(sign))
                return combine(a, b) if a is not None and b else None
        return figures.get(text)

    values = [value for value in map(of, rounds) if value is not None]
    return statistics.median(values) if values else None


def print_http(case, rounds, more):
    print(f"  an answer has {more['answer_bytes']:,} bytes; requests a round: "
          + ", ".join(f"{n:,} at c={c}" for c, n in more["requests_a_round"].items()))
    print(f"  {'':<8}{'p50 µs':>10}{'p99':>10}{'p99.9':>10}{'req/s':>10}{'CPU µs':>9}   {'bare p50':>10}{'p99':>10}{'p99.9':>10}{'req/s':>10}{'CPU µs':>9}{'CPU ×':>8}")
    for c in case.loads:
        row = f"  c={c:<6}"
        for who in ("", "bare "):
            row += "".join(f"{figure(f'{who}{name} c={c}', rounds):>10,.0f}" for name in ("p50", "p99", "p99.9", "rate"))
            row += f"{figure(f'{who}cpu c={c}', rounds):>9.1f}" + "   " * (not who)
        print(row + f"{figure(f'cpu c={c} / bare cpu c={c}', rounds):>8.2f}" + limits(c, rounds))
    for c in (16, 64):
        if (rate := figure(f"wrk rate c={c}", rounds)) is not None:
            print(f"  wrk c={c}: {rate:,.0f} req/s" + "  client-bound" * (figure(f"wrk share c={c}", rounds) > 0.95))


def limits(c, rounds):
    """Whose core was full, where it was not the server's."""
    bound = [f"{who or 'our '}rate client-bound" for who in ("", "bare ")
             if c > 1 and figure(f"{who}client c={c}", rounds) > 0.95 > figure(f"{who}server c={c}", rounds)]
    return "  " * bool(bound) + ", ".join(bound)


def print_figures(_case, rounds, _more):
    for name in rounds[0]:
        value = figure(name, rounds)
        print(f"  {name:<32}{value:>14,.0f}" if abs(value) >= 100 else f"  {name:<32}{value:>14,.2f}")


def report(case, rounds, more):
    (print_http if isinstance(case, Http) else print_figures)(case, rounds, more)
    targets = []
    for text, comparison, limit in case.targets:
        value = figure(text, rounds)
        met = None if value is None else COMPARE[comparison](value, limit)
        targets.append({"figure": text, "comparison": comparison, "limit": limit, "value": value, "met": met})
        print(f"  {text} {comparison} {limit:,}: " + ("not measured" if value is None else f"{value:,.2f}{'' if met else '  MISSED'}"))
    return {"case": case.name, "title": case.title(), **more, "figures": {name: figure(name, rounds) for name in rounds[0]}, "rounds": rounds,
            "targets": targets}


def measure(case, stores, args):
    print(f"\n{case.name}: {case.title()}")
    try:
        rounds, more = MEASURE[type(case)](case, stores, args)
    except Skipped as why:
        print(f"  skipped: {why}")
        return {"case": case.name, "title": case.title(), "skipped": str(why)}
    return report(case, rounds, more)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="all, if none is named: " + " ".join(c.name for c in CASES))
    parser.add_argument("--bin", required=True, type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--tools", required=True, type=lambda p: pathlib.Path(p).resolve(), help="the folder of http_load and the floors")
    parser.add_argument("--entities", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--wrk-seconds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="one small round of everything: whether it runs, not how fast")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent.parent / "build/bench/serve.json")
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.divisor = 50 if args.quick else 1
    if args.quick:
        args.entities, args.rounds, args.wrk_seconds = min(args.entities, 5_000), 1, 1
    if unknown := set(args.cases) - {case.name for case in CASES}:
        parser.error("no case named " + ", ".join(sorted(unknown)))
    return args


def main():
    args = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that nothing stays behind
    work = pathlib.Path(tempfile.mkdtemp(prefix="provender-bench-"))
    stores, results = Stores(args, work), []
    print(f"{machine()}; {args.entities:,} entities, median of {args.rounds}")
    try:
        for case in CASES:
            if not args.cases or case.name in args.cases:
                results.append(measure(case, stores, args))
                sys.stdout.flush()
                args.out.write_text(json.dumps({"machine": machine(), "entities": args.entities, "results": results}, indent=2) + "\n")
    finally:
        try:
            stores.stop()
        finally:
            shutil.rmtree(work)
    missed = [f"{one['case']}: {t['figure']}" for one in results for t in one.get("targets", ()) if t["met"] is False]
    print("\nall targets are met" if not missed else "\nmissed:\n  " + "\n  ".join(missed))


if __name__ == "__main__":
    main()
