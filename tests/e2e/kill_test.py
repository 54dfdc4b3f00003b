"""Killed at any moment, repeated, stopped: the online store converges and nothing is left behind."""
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

ROWS = 200_000
CANCELLED = 130


def make_project(folder):
    (folder / "provender.yaml").write_text("project: kill\ndefinitions: [features.yaml]\n")
    (folder / "features.yaml").write_text(
        "entities: {user: {type: int64}}\n"
        "features:\n  score: {entity: user, dtype: int, source: data.csv, cadence: hourly}\n")
    with (folder / "data.csv").open("w") as file:
        file.write("user,event_timestamp,score\n")
        for user in range(ROWS):
            file.write(f"{user * 7919 % ROWS},2026-05-01 00:00:00,{user * 7919 % ROWS * 3}\n")
    harness.run(folder, "apply", "--yes")


def start(folder, *arguments):
    return subprocess.Popen([harness.PROVENDER, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def scores(server, users):
    return [server.features({"user": user, "features": ["score"]})["features"]["score"] for user in users]


def check_kills(folder, rng):
    """A value is right or not there yet, at every moment; after a whole run all are there."""
    for _ in range(6):
        child = start(folder, "materialize")
        time.sleep(rng.uniform(0.02, 0.8))
        child.kill()
        child.communicate()
        with harness.Server(folder) as server:
            users = [rng.randrange(ROWS) for _ in range(50)]
            assert all(score in (None, user * 3) for user, score in zip(users, scores(server, users)))
    harness.run(folder, "materialize")
    with harness.Server(folder) as server:
        users = [rng.randrange(ROWS) for _ in range(300)]
        assert scores(server, users) == [user * 3 for user in users]


def check_kill_of_rebuild(folder, rng):
    """The old values serve until a new generation is complete."""
    child = start(folder, "materialize", "--full")
    time.sleep(rng.uniform(0.2, 0.6))
    child.kill()
    child.communicate()
    with harness.Server(folder) as server:
        users = [rng.randrange(ROWS) for _ in range(100)]
        assert scores(server, users) == [user * 3 for user in users]
        harness.run(folder, "materialize", "--full")
        assert scores(server, users) == [user * 3 for user in users]
        time.sleep(1.1)  # by then every reader has noticed the switch
        assert scores(server, users) == [user * 3 for user in users]


def stop(child, begun):
    """Stops a command once `begun` says that it is at work; returns its exit code."""
    until = time.monotonic() + 60
    while not begun() and child.poll() is None:
        assert time.monotonic() < until, "it never began"
        time.sleep(0.001)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode in (0, CANCELLED), (child.returncode, err)
    return child.returncode


def check_stops(folder):
    """A stopped command says so and leaves nothing behind; one that was quicker has done all."""
    (folder / "spine.csv").write_text("user,event_timestamp\n" + "".join(f"{n},2026-06-01\n" for n in range(ROWS)))
    before = set(folder.iterdir())
    store = folder / ".provender" / "online" / "data.mdb"
    written = store.stat().st_mtime_ns
    stop(start(folder, "materialize", "--full"), lambda: store.stat().st_mtime_ns != written)
    assert set(folder.iterdir()) == before, set(folder.iterdir()) - before
    with harness.Server(folder) as server:
        assert scores(server, [0, ROWS - 1]) == [0, (ROWS - 1) * 3]

    out = folder / "out.parquet"
    historical = ["historical", "--entities", "spine.csv", "--features", "score", "--out", out.name]
    code = stop(start(folder, *historical), lambda: set(folder.iterdir()) != before)
    assert out.exists() == (code == 0), code
    assert set(folder.iterdir()) - before == ({out} if code == 0 else set()), set(folder.iterdir()) - before
    out.unlink(missing_ok=True)


def check_stops_of_endless_work(folder):
    """What would never end by itself ends at once, in each command."""
    definitions = folder / "features.yaml"
    text = definitions.read_text()
    definitions.write_text(text + "feature_views:\n  endless:\n    entities: [user]\n"
                           "    source: {sql: \"SELECT a.user, a.event_timestamp, max(b.score + c.score) AS most FROM 'data.csv' a, 'data.csv' b, "
                           "'data.csv' c GROUP BY ALL\"}\n    features: {most: int64}\n")
    harness.run(folder, "apply", "--yes")
    before = set(folder.iterdir())
    temporary = folder / ".provender" / "tmp"
    for arguments in (["materialize", "endless"],
                      ["historical", "--entities", "spine.csv", "--features", "most", "--out", "out.parquet"]):
        begun = time.monotonic() + 1  # by then it listens to signals
        assert stop(start(folder, *arguments), lambda: time.monotonic() > begun) == CANCELLED, arguments
        assert set(folder.iterdir()) == before, set(folder.iterdir()) - before
        assert not temporary.is_dir() or not any(temporary.iterdir()), list(temporary.iterdir())
    assert "stopped" in harness.run(folder, "status"), "the stopped run is recorded"
    definitions.write_text(text)
    harness.run(folder, "apply", "--yes")


def check_run(folder):
    """The scheduler does what is due, once or until it is told to stop."""
    harness.run(folder, "run", "--once")
    child = start(folder, "--log-level", "info", "run")
    for line in child.stderr:
        if "leading" in line:
            break
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=20)
    assert child.returncode == 0, child.returncode


with harness.temporary_folder() as folder:
    folder = pathlib.Path(folder)
    rng = random.Random(20261123)
    make_project(folder)
    check_kills(folder, rng)
    check_kill_of_rebuild(folder, rng)
    check_stops(folder)
    check_stops_of_endless_work(folder)
    check_run(folder)
print("ok")
