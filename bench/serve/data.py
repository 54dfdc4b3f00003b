"""What the serving benchmarks ask about: a formula for every value, and the files, definitions and requests made from it.

Entity k of `user_id` has five views v0…v4 of ten features of mixed types, entity k of `viewer_id` the view `profile` of three;
one value in 17 is null. DuckDB computes the formula where files are made, Python where answers are checked.
"""
import datetime
import json
import random

VIEWS = ("v0", "v1", "v2", "v3", "v4")
KINDS = ("int64", "float64", "string", "int32", "float32", "string", "bool", "int64", "float64", "timestamp")
WORDS = ("action", "comedy", "crime", "documentary", "drama", "family", "fantasy", "history",
         "horror", "music", "mystery", "romance", "science_fiction", "sport", "thriller", "western")
PROFILE = (("user_segment", 990, "string"), ("watch_count_30d", 991, "int64"), ("last_genre", 992, "string"))
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
KEYS = {"fifty": "user_id", "three": "viewer_id"}  # feature service: its key

# A value from the number that stands for it, as DuckDB and as Python see it.
SQL = {"int64": "{n}", "float64": "{n} / 1000.0::DOUBLE", "int32": "({n} % 100000)::INTEGER", "float32": "(({n} % 1000) / 4.0)::FLOAT",
       "bool": "{n} % 2 = 1", "string": f"{list(WORDS)}[{{n}} % {len(WORDS)} + 1]", "timestamp": "TIMESTAMP '2026-01-01' + to_seconds({n})"}
PYTHON = {"int64": lambda n: n, "float64": lambda n: n / 1000.0, "int32": lambda n: n % 100000, "float32": lambda n: n % 1000 / 4.0,
          "bool": lambda n: n % 2 == 1, "string": lambda n: WORDS[n % len(WORDS)], "timestamp": lambda n: START + datetime.timedelta(seconds=n)}


def columns(view):
    """A view's features: name, number among all, type."""
    return PROFILE if view == "profile" else [(f"{view}_f{i}", 100 * int(view[1]) + i, kind) for i, kind in enumerate(KINDS)]


SERVICES = {"fifty": [c for view in VIEWS for c in columns(view)], "three": list(PROFILE)}


def value(k, number, kind):
    return None if (k + 3 * number) % 17 == 0 else PYTHON[kind]((k * (7919 + 104729 * number) + number) % 1000003)


def event_time(k, number):
    return START + datetime.timedelta(seconds=(k * 31 + number // 100) % 86400)


def key(k):
    return f"u{k:08d}"


def make_file(path, view, entities):
    """One row an entity, in random order."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 2; CREATE MACRO n(k, number) AS (k * (7919 + 104729 * number) + number) % 1000003")
    items = [f"CASE WHEN (k + {3 * number}) % 17 <> 0 THEN {SQL[kind].format(n=f'n(k, {number})')} END AS {name}"
             for name, number, kind in columns(view)]
    first = columns(view)[0][1]
    connection.execute(
        f"COPY (SELECT printf('u%08d', k) AS {'viewer_id' if view == 'profile' else 'user_id'}, "
        f"TIMESTAMP '2026-01-01' + to_seconds((k * 31 + {first // 100}) % 86400) AS event_timestamp, {', '.join(items)} "
        f"FROM (SELECT range AS k FROM range({entities})) ORDER BY hash(k)) TO '{path}' (FORMAT parquet)")


def definitions(description="One of five."):
    lines = ["entities: {user_id: {type: string}, viewer_id: {type: string}}", "feature_views:"]
    for view in (*VIEWS, "profile"):
        lines += [f"  {view}:", f"    description: {description}", f"    entities: [{'viewer_id' if view == 'profile' else 'user_id'}]",
                  f"    source: {{parquet: ../{view}.parquet}}", "    features:"]
        lines += [f"      {name}: {kind}" for name, _, kind in columns(view)]
    lines.append("feature_services:")
    for service, features in SERVICES.items():
        lines += [f"  {service}: {{features: [{', '.join(name for name, _, _ in features)}]}}"]
    return "\n".join(lines) + "\n"


def make_project(folder, online):
    """A project over the files beside its folder."""
    folder.mkdir()
    (folder / "features.yaml").write_text(definitions())
    (folder / "provender.yaml").write_text(
        f"project: bench\ndefinitions: [features.yaml]\noffline: {{threads: 2, roots: ['{folder.parent}']}}\nonline: {online}\n")


def request(case, entities):
    """The request for these entities: one in the short form, a list in the column form."""
    asked = {"features": [name for name, _, _ in SERVICES[case.service]]} if case.by_name else {"feature_service": case.service}
    name = KEYS[case.service]
    if case.form == "short":
        return {name: key(entities[0]), **asked}
    return {"entities": {name: [key(k) for k in entities]}, **asked}


def requests(case, entities, seed):
    """Requests over all entities, as a file's lines; answered in turn they touch up to 20,000 of them."""
    rng = random.Random(seed)
    count = max(20_000 // case.rows, 40)
    return "".join(json.dumps(request(case, rng.choices(range(entities), k=case.rows)), separators=(",", ":")) + "\n" for _ in range(count))
