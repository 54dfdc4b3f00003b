"""MovieLens 100k: the example runs, and no label leaks into the features of its own event."""
import collections
import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

MOVIELENS = pathlib.Path(os.environ["MOVIELENS"])


def project(folder):
    harness.copy_example("streaming", folder)
    data = folder / "data"
    data.mkdir()
    for name in ("inter", "item", "user"):
        shutil.copy(MOVIELENS / f"ml-100k.{name}", data)
    subprocess.run([sys.executable, "make_spine.py", "data"], cwd=folder, check=True, timeout=60)
    return folder


def training_rows(folder, *flags):
    harness.run(folder, "apply", "--yes")
    harness.run(folder, "historical", "--entities", "data/spine.csv", "--service", "rating_model", "--out", "training.csv", "--overwrite", *flags)
    with (folder / "training.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def change_a_rating(folder):
    """Turns a 5 into a 1 where the same user rated several titles in the same second; returns user and second."""
    path = folder / "data" / "ml-100k.inter"
    lines = path.read_text().splitlines()
    seen = {}
    for at, line in enumerate(lines[1:], 1):
        user, movie, rating, second = line.split("\t")
        seen.setdefault((user, second), []).append(at)
    for (user, second), places in sorted(seen.items()):
        for at in places:
            _, movie, rating, _ = lines[at].split("\t")
            if len(places) >= 3 and rating == "5":
                lines[at] = "\t".join([user, movie, "1", second])
                path.write_text("\n".join(lines) + "\n")
                return user, int(second)
    raise AssertionError("no rating to change")


def features_of(rows, user, second):
    import datetime
    time = datetime.datetime.fromtimestamp(second, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    return [{k: v for k, v in row.items() if k != "label"} for row in rows if row["user_id"] == user and row["event_timestamp"] == time]


def check_shared_seconds(folder):
    """What the README says of why a label needs --strictly-before."""
    readme = (harness.EXAMPLES.parent / "README.md").read_text()
    lines = (folder / "data" / "ml-100k.inter").read_text().splitlines()[1:]
    seconds = collections.Counter((line.split("\t")[0], line.split("\t")[3]) for line in lines)
    shared = sum(count for count in seconds.values() if count > 1)
    assert f"{shared:,} of the {len(lines):,} ratings share user and second" in readme, shared


def check_one_row_per_entity_and_time(folder):
    """Of each SQL source: a range has each key and time once, as many as the source has rows."""
    sources = {}
    for feature in json.loads(harness.run(folder, "--output", "json", "features"))["features"]:
        sources.setdefault(feature["view"], []).append(f"{feature['view']}:{feature['name']}")
    assert len(sources) >= 6, sources
    for view, features in sources.items():
        done = json.loads(harness.run(folder, "--output", "json", "historical", "--start", "1990-01-01", "--end", "2000-01-01",
                                      "--features", ",".join(features), "--out", f"{view}.parquet"))
        counts, = done["views"]
        assert done["rows"] == counts["source_rows"] - counts["skipped_rows"] > 0, (view, done)


with harness.temporary_folder() as top:
    top = pathlib.Path(top)
    before_project, after_project = project(top / "before"), project(top / "after")
    user, second = change_a_rating(after_project)
    before = training_rows(before_project, "--strictly-before")
    after = training_rows(after_project, "--strictly-before")
    assert len(before) == len(after) == 100_000
    assert len(features_of(before, user, second)) >= 3
    assert features_of(before, user, second) == features_of(after, user, second), "the label leaked"
    assert before != after, "the change of a rating is seen nowhere"
    # Without --strictly-before it does leak: the test can fail.
    leaking = features_of(training_rows(before_project), user, second)
    assert leaking != features_of(training_rows(after_project), user, second), "this test shows nothing"

    check_shared_seconds(before_project)
    check_one_row_per_entity_and_time(before_project)

    done = subprocess.run([str(harness.EXAMPLES / "streaming" / "run"), str(top / "run")], capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    prompt = (top / "run" / "prompt.txt").read_text()
    assert "User context: segment=power_user, watched " in prompt, prompt
    assert (top / "run" / "training.parquet").stat().st_size > 100_000
    figures = subprocess.run([sys.executable, harness.EXAMPLES / "figures.py", top / "run"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"training set: 9 features at each rating +100,000 +[0-9.]+ +[0-9,]+ +[0-9,]+\n", figures), figures
    assert re.search(r"\n10,000 requests over one connection: p50 [0-9.]+ ms, p99 [0-9.]+ ms, [0-9,]+ requests/s\n", figures), figures
print("ok")
