"""A project that may only be read: it is read, planned and served, and nothing in it is made or changed."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

NOBODY = 65534
FEATURES = ["user_segment", "watch_count_30d"]


def as_reader():
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def run(folder, *arguments, code=0):
    """As a user who may write nothing there; returns stdout, or stderr where it was to fail."""
    done = subprocess.run([harness.PROVENDER, *arguments], cwd=folder, capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL, preexec_fn=as_reader)
    assert done.returncode == code, (arguments, done)
    return done.stderr if code else done.stdout


def set_modes(folder, file_mode, folder_mode):
    for path in [folder, *folder.rglob("*")]:
        path.chmod(folder_mode if path.is_dir() else file_mode | (path.stat().st_mode & 0o111))


def content(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


def check_not_applied(folder):
    before = content(folder)
    assert json.loads(run(folder, "history", "--output", "json")) == {"versions": []}
    assert json.loads(run(folder, "features", "--output", "json")) == {"features": []}
    assert json.loads(run(folder, "status", "--output", "json")) == {"views": []}
    assert "nothing is applied yet" in run(folder, "plan")
    assert "nothing is applied yet" in run(folder, "doctor")
    assert "user_segment" in run(folder, "describe", "user_segment", code=3)
    assert "provender apply" in run(folder, "get", "user_id=8a2f", "--features", "user_segment", code=7)
    assert "ermission denied" in run(folder, "apply", "--yes", code=5)
    assert content(folder) == before


def check_materialized(folder):
    before = content(folder)
    assert "user_segment" in run(folder, "features")
    assert "user_segment" in run(folder, "describe", "user_segment")
    assert "fresh" in run(folder, "status") or "late" in run(folder, "status")
    assert len(json.loads(run(folder, "history", "--output", "json"))["versions"]) == 1
    assert "no changes" in run(folder, "plan")
    assert "power_user" in run(folder, "get", "user_id=8a2f", "--features", "user_segment")
    assert "casual" in run(folder, "get", "user_id=8a2f", "--features", "user_segment", "--as-of", "2026-05-05")
    assert ".provender" in run(folder, "materialize", code=5)
    with harness.Server(folder, preexec_fn=as_reader, log=folder.parent / "server.log") as server:
        assert server.request("/ready") == (200, "ready\n")
        assert server.features({"user_id": "8a2f", "features": FEATURES})["features"]["watch_count_30d"] == 47
        if os.geteuid() == 0:
            message = harness.run(folder, "materialize", ok=False)
            assert "is read by a process that may not write lock.mdb" in message, message
        assert server.features({"user_id": "8a2f", "features": FEATURES})["features"]["watch_count_30d"] == 47
    assert content(folder) == before


with harness.temporary_folder() as temporary:
    pathlib.Path(temporary).chmod(0o755)
    harness.let_everybody_run(pathlib.Path(temporary) / "program")
    folder = harness.copy_example("quickstart", pathlib.Path(temporary) / "project")
    try:
        set_modes(folder, 0o444, 0o555)
        check_not_applied(folder)
        set_modes(folder, 0o644, 0o755)
        harness.run(folder, "apply", "--yes")
        harness.run(folder, "materialize")
        set_modes(folder, 0o444, 0o555)
        check_materialized(folder)
    finally:
        set_modes(folder, 0o644, 0o755)
    harness.run(folder, "materialize")
print("ok")
