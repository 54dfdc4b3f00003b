"""The cases of the serving benchmark as data: what is asked, how, and what must be reached.

A target is (figure, comparison, limit). A figure is one that a case measured, "a / b" or "a - b" of two; in each round, and then
the median. Times are in µs; `bare …` is the floor's, measured in the same round.
"""
import dataclasses

JSON, ARROW = "application/json", "application/vnd.apache.arrow.stream"
LOADS = {1: {1: 15_000, 16: 70_000, 64: 20_000}, 100: {1: 1_000, 16: 1_000, 64: 1_000}, 500: {1: 400, 16: 200, 64: 200}}


@dataclasses.dataclass(frozen=True)
class Http:
    """Requests to `provender serve`, beside the same requests to a server that sends the same bytes."""

    name: str
    store: str = "lmdb"
    service: str = "fifty"  # which features: data.SERVICES
    form: str = "columns"  # or short
    rows: int = 1
    accept: str = JSON
    by_name: bool = False  # lists the features, instead of naming the service
    targets: tuple = ()

    @property
    def loads(self):
        """Requests a round, by connections. In three rounds over 200,000 at 16, but for batches."""
        return LOADS[self.rows]

    def title(self):
        features = {"fifty": "50 features", "three": "3 features"}[self.service]
        how = {"short": "short form", "columns": "column form"}[self.form] + (", by name" if self.by_name else ", feature service")
        return f"{self.rows} × {features}, {how}, {'Arrow' if self.accept == ARROW else 'JSON'}, {self.store}"


@dataclasses.dataclass(frozen=True)
class InProcess:
    """Reads through the C++ interface. On Redis beside a bare HMGET of the same bytes over the same transport."""

    name: str
    store: str
    targets: tuple

    def title(self):
        return f"in process, C++, {self.store}"


@dataclasses.dataclass(frozen=True)
class Materialize:
    """`provender materialize` into an empty Redis, the whole command, beside plain pipelined HSET of the same bytes."""

    name: str
    views: tuple
    targets: tuple

    def title(self):
        return f"materialize {len(self.views)} view{'s' * (len(self.views) > 1)} × 10 features into Redis"


@dataclasses.dataclass(frozen=True)
class Reload:
    """Load at 16 connections while new versions are applied, and while as many plans are made: they use the machine alike."""

    name: str
    times: int
    targets: tuple

    def title(self):
        return f"{self.times} new versions applied under load, 1 × 50 features, lmdb"


MS = 1_000
LEAN = (("cpu c=16 / bare cpu c=16", "<=", 2.0), ("a core's requests/s c=16", ">=", 40_000), ("p50 c=1 - bare p50 c=1", "<=", 25),
        ("p99 c=16", "<=", 0.5 * MS))

CASES = (
    InProcess("in_process", "lmdb", (("1×50 p50", "<=", 2), ("100×50 p50", "<=", 150))),
    Http("1x3", service="three", form="short", by_name=True,
         targets=(("cpu c=16 / bare cpu c=16", "<=", 1.55), ("p50 c=1 - bare p50 c=1", "<=", 15))),
    Http("1x50", targets=LEAN),
    Http("1x50_by_name", by_name=True, targets=LEAN),
    Http("100x50", rows=100, targets=(("p50 c=1", "<=", 1 * MS), ("p99 c=1", "<=", 2 * MS))),
    Http("100x50_arrow", rows=100, accept=ARROW, targets=(("p50 c=1", "<=", 0.5 * MS),)),
    Http("500x50", rows=500, targets=(("p99 c=1", "<=", 8 * MS),)),
    Http("500x50_arrow", rows=500, accept=ARROW, targets=(("p99 c=1", "<=", 8 * MS),)),
    Reload("reload", 20, (("failed", "<=", 0), ("p99 / p99 beside plans", "<=", 1.2))),
    Materialize("redis_materialize_1", ("v0",), (("rows/s / bare rows/s", ">=", 0.35),)),
    Materialize("redis_materialize_5", ("v0", "v1", "v2", "v3", "v4"), (("rows/s / bare rows/s", ">=", 0.35),)),
    InProcess("redis_in_process", "redis", (("1×50 p50 - bare 1×50 p50", "<=", 15), ("100×50 keys/s / bare 100×50 keys/s", ">=", 0.8),
                                            ("100×50 keys/s / redis-benchmark keys/s", ">=", 0.8))),
    Http("redis_1x3", "redis", service="three", form="short", by_name=True),
    Http("redis_1x50", "redis"),
    Http("redis_100x50", "redis", rows=100),
    Http("redis_100x50_arrow", "redis", rows=100, accept=ARROW),
    Http("redis_500x50", "redis", rows=500),
)
