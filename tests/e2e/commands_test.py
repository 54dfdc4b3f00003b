"""Every command of the CLI on one project, in the order in which a user comes to them; two who apply at once."""
import csv
import json
import os
import pathlib
import pty
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

CONFLICT = 6


def as_json(folder, *arguments):
    return json.loads(harness.run(folder, "--output", "json", *arguments))


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def add_feature(folder, name):
    """One more feature of the service, from a CSV file below key=value folders."""
    part = folder / "data" / "country" / "country=de"
    part.mkdir(parents=True, exist_ok=True)
    (part / "users.csv").write_text("user_id,event_timestamp\n8a2f,2026-05-02T00:00:00Z\n")
    definitions = folder / "features.yaml"
    text = definitions.read_text()
    text = text.replace("  last_genre: ", f"  {name}: {{entity: user_id, dtype: str, source: {{csv: 'data/country/*/*.csv', hive: true, columns: {{{name}: country}}}}}}\n  last_genre: ", 1)
    definitions.write_text(text.replace("last_genre]", f"last_genre, {name}]"))


def check_catalog(folder):
    names = [feature["name"] for feature in as_json(folder, "features")["features"]]
    assert names == ["last_genre", "user_segment", "watch_count_30d"], names
    assert "Titles watched in the last 30 days." in harness.run(folder, "describe", "watch_count_30d")
    assert "What the message writer knows of a user." in harness.run(folder, "describe", "what_to_watch_next")
    assert "did you mean" in harness.run(folder, "describe", "watch_count_30", ok=False)


def check_pinned_service(folder):
    """service@N is the service as version N declared it, in training rows and in the past."""
    spine = folder / "ask.csv"
    spine.write_text("user_id,event_timestamp\n8a2f,2026-05-07T22:00:00Z\nb13c,2026-05-07T20:00:00Z\n")
    expected = {1: {"user_segment": "power_user", "watch_count_30d": "47", "last_genre": "documentary"}}
    expected[2] = {**expected[1], "country": "de"}
    for version, features in expected.items():
        service = f"what_to_watch_next@{version}"
        harness.run(folder, "historical", "--entities", spine.name, "--service", service, "--out", f"out{version}.csv")
        got = rows(folder / f"out{version}.csv")
        assert {k: v for k, v in got[0].items() if k not in ("user_id", "event_timestamp")} == features, got
        assert got[1]["watch_count_30d"] == "5" and got[1].get("country", "") == "", got
        seen = as_json(folder, "get", "user_id=8a2f", "--service", service, "--as-of", "2026-05-07T22:00:00Z")
        assert sorted(seen["features"]) == sorted(features), seen
        now = as_json(folder, "get", "user_id=8a2f", "--service", service)
        assert sorted(now["features"]) == sorted(features), now
    assert "version" in harness.run(folder, "get", "user_id=8a2f", "--service", "what_to_watch_next@9", ok=False)


def check_conflict(folder):
    """Who answers the question after another has applied gets a conflict, and changes nothing."""
    definitions = folder / "features.yaml"
    text = definitions.read_text()
    definitions.write_text(text.replace("Genre of the title watched last.", "The genre watched last."))
    ours, theirs = pty.openpty()
    child = subprocess.Popen([harness.PROVENDER, "apply"], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    while b"apply these changes?" not in said:
        said += os.read(ours, 4096)
    harness.run(folder, "apply", "--yes")
    os.write(ours, b"y\n")
    try:
        while more := os.read(ours, 4096):
            said += more
    except OSError:
        pass  # the other end is closed
    os.close(ours)
    assert child.wait(timeout=60) == CONFLICT, said
    assert len(as_json(folder, "history")["versions"]) == 3


with harness.temporary_folder() as folder:
    folder = pathlib.Path(folder)
    harness.run(folder, "init", "new")
    harness.run(folder / "new", "plan")
    folder = harness.copy_example("quickstart", folder / "project")
    plan = harness.run(folder, "plan")
    assert "+ feature view user_segment" in plan, plan
    harness.run(folder, "apply", "--yes")
    assert "no changes" in harness.run(folder, "plan").lower()
    check_catalog(folder)
    harness.run(folder, "materialize")
    add_feature(folder, "country")
    harness.run(folder, "apply", "--yes")
    assert len(as_json(folder, "history")["versions"]) == 2
    harness.run(folder, "materialize", "country")
    check_pinned_service(folder)
    check_conflict(folder)
    assert {view["view"] for view in as_json(folder, "status")["views"]} == {"country", "last_genre", "user_segment", "watch_count_30d"}
    harness.run(folder, "run", "--once")
    harness.run(folder, "doctor")
    assert "provender" in harness.run(folder, "version")
print("ok")
