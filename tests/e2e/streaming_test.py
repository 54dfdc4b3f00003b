"""MovieLens 100k: the example runs, and no label leaks into the features of its own event."""
import csv
import os
import pathlib
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
    harness.run(folder, "historical", "--entities", "data/spine.csv", "--service", "rating_model", "--out", "training.csv", *flags)
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

    done = subprocess.run([str(harness.EXAMPLES / "streaming" / "run"), str(top / "run")], capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    prompt = (top / "run" / "prompt.txt").read_text()
    assert "User context: segment=power_user, watched " in prompt, prompt
    assert (top / "run" / "training.parquet").stat().st_size > 100_000
print("ok")
