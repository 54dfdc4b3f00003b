"""The cases of the point-in-time benchmark as data: what is joined, by whom, and what must be reached."""
import dataclasses

M = 1_000_000
DUCKDB = ("duckdb_asof", "duckdb_asof_serial", "duckdb_qualify")
FRAMES = ("polars", "polars_told_sorted", "pandas")
UNORDERED = (*DUCKDB, "polars", "pandas")
SMALL = ("duckdb_keys_first", *DUCKDB, *FRAMES)


@dataclasses.dataclass(frozen=True)
class Case:
    """Sizes are those of the full scale. `variants` are further runs of Provender: what differs from the case by name."""

    name: str
    engines: tuple = ()
    targets: tuple = ()  # (figure, comparison, limit); a figure is "a / b" of two runs' seconds, or "rss of a" in MB
    views: int = 5
    rows: int = 10 * M  # of each view
    features: int = 3  # of each view
    entities: int = 100_000
    key: str = "int"
    order: str = "time"
    spine: int = M
    spine_keys: int = 0  # the spine asks for that many keys only; 0: for all
    files: int = 1  # of each view
    views_per_file: int = 1
    nulls: float = 0  # share of null keys, times and values
    late: float = 0  # share of rows that stand behind newer ones in the file
    ttl: int = 0  # days; 0: none
    memory_limit: str = "4GB"
    status: bool = False
    floor: bool = True
    check: bool = True  # answers that no engine of the case is asked for are compared with duckdb_asof's, once
    variants: dict = dataclasses.field(default_factory=dict)

    def title(self):
        text = f"{self.views} × {self.rows:,} rows × {self.features} features, {self.spine:,} spine rows, {self.entities:,} {self.key} keys, {self.order} order"
        if self.spine_keys:
            text += f", {self.spine_keys} of them asked for"
        if self.files > 1:
            text += f", {self.files} files a view"
        if self.ttl:
            text += f", ttl, status, {self.nulls:.0%} null, {self.late:.0%} late"
        return text

    def at(self, scale):
        """The case with sizes times `scale`, so that an entity keeps its number of rows; the targets are those of scale 1."""

        def sized(numbers):
            return {name: max(int(n * scale), 10) if name != "entities" or self.entities > 1000 else n for name, n in numbers.items()}

        own = sized({"rows": self.rows, "entities": self.entities, "spine": self.spine})
        variants = {name: {**change, **sized({k: v for k, v in change.items() if k in own})} for name, change in self.variants.items()}
        return dataclasses.replace(self, **own, variants=variants)


def smaller(case, **change):
    return dataclasses.replace(case, **change)


FIVE = Case(
    "five_views", (*DUCKDB, *FRAMES),
    (("provender / floor", "<=", 1.5), ("provender / floor+write", "<=", 1.3), ("polars_told_sorted / provender", ">=", 1.9),
     ("best duckdb / provender", ">=", 3.5), ("rss of provender", "<=", 700)))
ONE = smaller(FIVE, name="one_view", views=1,
              targets=(("provender / floor+write", "<=", 1.5), ("polars_told_sorted / provender", ">=", 1.8)))
SMALL_TARGETS = (("provender / floor", "<=", 1.05), ("best peer / provender", ">=", 1.0))
TEN_KEYS = {"spine": 10_000, "spine_keys": 10, "order": "clustered", "engines": ("duckdb_keys_first", "duckdb_asof"),
            "targets": (("provender / floor", "<=", 0.15),)}

CASES = (
    FIVE,
    smaller(FIVE, name="string_keys", key="string", entities=M, engines=(*DUCKDB, "polars", "polars_told_sorted"),
            targets=(("provender / floor+write", "<=", 2.0), ("best duckdb / provender", ">=", 3.0))),
    smaller(FIVE, name="random_order", order="random", engines=UNORDERED, targets=(("provender / floor+write", "<=", 2.0),)),
    smaller(FIVE, name="clustered", order="clustered", engines=UNORDERED, targets=(("provender / floor+write", "<=", 1.5),)),
    ONE,
    smaller(ONE, name="small_spine_one", spine=10_000, engines=SMALL, targets=SMALL_TARGETS),
    smaller(FIVE, name="small_spine_five", spine=10_000, engines=SMALL, targets=SMALL_TARGETS),
    smaller(ONE, name="ten_keys", **TEN_KEYS),
    smaller(FIVE, name="ten_keys_five", **TEN_KEYS),
    smaller(ONE, name="fan_out", entities=1000, spine=200_000, engines=("duckdb_asof", "polars", "polars_told_sorted"),
            targets=(("duckdb_asof / provender", ">=", 2.0), ("provender / provender half", "<=", 2.2)),
            variants={"half": {"rows": 5 * M, "spine": 100_000}}),
    smaller(FIVE, name="shared_file", views=2, views_per_file=2, engines=(),
            targets=(("provender / provender two files", "<=", 0.85),), variants={"two files": {"views_per_file": 1}}),
    smaller(FIVE, name="big_spine", spine=20 * M, memory_limit="1GB", engines=(), floor=False, check=False,
            targets=(("provender / provender unlimited", "<=", 3.0), ("rss of provender", "<=", 1200)),
            variants={"unlimited": {"memory_limit": "16GB"}}),
    smaller(ONE, name="history", rows=100 * M, engines=(),
            targets=(("provender / provender tenth", "<=", 12.0), ("provender tenth / provender hundredth", "<=", 12.0)),
            variants={"tenth": {"rows": 10 * M}, "hundredth": {"rows": M}}),
    smaller(FIVE, name="all_on", files=4, nulls=0.01, late=0.01, ttl=30, status=True, engines=("duckdb_asof", "duckdb_asof_serial"),
            targets=(("provender / floor+write", "<=", 1.3), ("best duckdb / provender", ">=", 3.5))),
)
