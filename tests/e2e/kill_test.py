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


def check_stops(folder):
    (folder / "spine.csv").write_text("user,event_timestamp\n" + "".join(f"{n},2026-06-01\n" for n in range(ROWS)))
    for arguments in (["materialize"], ["historical", "--entities", "spine.csv", "--features", "score", "--out", "out.parquet"]):
        before = set(folder.iterdir())
        child = start(folder, *arguments)
        time.sleep(0.15)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=20)
        assert child.returncode != 0 or "out.parquet" in [p.name for p in folder.iterdir()] or arguments[0] == "materialize", err
        assert {p for p in folder.iterdir() if p.suffix == ".tmp" or p.name.startswith(".out")} == set(), "left behind"
        if child.returncode != 0:
            assert set(folder.iterdir()) == before, set(folder.iterdir()) - before


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
    check_run(folder)
print("ok")
