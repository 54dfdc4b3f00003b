"""A broken installation and a broken disk, as a user meets them: each is said, nothing is lost, what serves goes on serving."""
import ctypes
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

ROWS = 20_000
NOBODY = 65534
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
LONGEST_KEY = 478  # and two bytes that end a text
MARKED = 1234567890123456789  # the score of the user ROWS: found again among the bytes of the store


def failure(folder, *arguments, program=None, code=None, **more):
    """Runs what must fail and returns its last line on stderr."""
    done = subprocess.run([program or harness.PROVENDER, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, **more)
    assert done.returncode == code if code else done.returncode > 0, (arguments, done)
    return done.stderr


def write_data(folder, factor):
    with (folder / "data.csv").open("w") as file:
        file.write("user,event_timestamp,score\n")
        for user in range(ROWS):
            file.write(f"{user},2026-05-01 00:00:0{factor},{user * factor}\n")
        file.write(f"{ROWS},2026-05-01,{MARKED}\n")


def make_project(folder):
    folder.mkdir()
    (folder / "provender.yaml").write_text("project: disk\ndefinitions: [features.yaml]\n")
    (folder / "features.yaml").write_text(
        "entities: {user: {type: int64}}\nfeatures:\n  score: {entity: user, dtype: int, source: data.csv}\n")
    (folder / "spine.csv").write_text("user,event_timestamp\n" + "".join(f"{n},2026-06-01\n" for n in range(ROWS)))
    write_data(folder, 3)
    harness.run(folder, "apply", "--yes")
    harness.run(folder, "materialize")
    return folder


def score(server, user):
    return server.features({"user": user, "features": ["score"]})["features"]["score"]


def check_plug_in(folder, project):
    """Without the offline engine, or with one of another build: what needs it says so, the rest works."""
    built = pathlib.Path(harness.PROVENDER).resolve().parent.parent
    (folder / "bin").mkdir()
    program = shutil.copy(harness.PROVENDER, folder / "bin")
    plug_in = folder / "lib" / "provender" / "libprovender_duckdb.so"
    historical = ["historical", "--entities", "spine.csv", "--features", "score", "--out", "out.csv"]
    assert "the DuckDB plug-in is not installed: looked for" in failure(project, *historical, program=program, code=7)
    assert str(plug_in) in failure(project, "plan", program=program, code=7)

    plug_in.parent.mkdir(parents=True)
    for library in ["libduckdb.so", plug_in.name]:
        shutil.copy(built / "lib" / "provender" / library, plug_in.parent)
    whole = plug_in.read_bytes()
    assert subprocess.run([program, "plan"], cwd=project, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0
    check_missing_library(folder, program, plug_in.parent / "libduckdb.so")
    plug_in.write_bytes(whole.replace(b"provender 0.", b"provender 9."))
    message = failure(project, *historical, program=program, code=7)
    assert "libprovender_duckdb.so is of another build (provender 9." in message and "install both anew" in message, message
    plug_in.write_bytes(whole.replace(b"provender_offline_plugin", b"provender_another_plugin"))
    assert "another build (unknown)" in failure(project, *historical, program=program, code=7)
    plug_in.write_bytes(b"no library")
    message = failure(project, *historical, program=program, code=7)
    assert f"load {plug_in}: " in message, message
    shutil.rmtree(plug_in.parent)
    got = subprocess.run([program, "get", "user=7", "--features", "score"], cwd=project, capture_output=True, text=True)
    assert got.returncode == 0 and " 21 " in got.stdout, got
    assert not (project / "out.csv").exists()


def check_missing_library(folder, program, library):
    """DuckDB is loaded while Parquet files are read without it: that it cannot be is said all the same, where it is needed."""
    project = make_project(folder / "parquet")
    harness.run(project, "historical", "--entities", "spine.csv", "--features", "score", "--out", "data.parquet")
    (project / "features.yaml").write_text(
        "entities: {user: {type: int64}}\nfeatures:\n  score: {entity: user, dtype: int, source: data.parquet}\n")
    harness.run(project, "apply", "--yes")

    def historical(spine, out):
        return ["historical", "--entities", spine, "--features", "score", "--full-names", "--out", out]

    away = library.rename(folder / "away.so")
    for spine, out in [("spine.csv", "out.parquet"), ("data.parquet", "out.csv")]:
        message = failure(project, *historical(spine, out), program=program, code=7)
        assert f"load DuckDB: {library} is not there: install Provender anew" in message, message
    library.write_bytes(b"no library")
    message = failure(project, *historical("data.parquet", "out.csv"), program=program, code=7)
    assert f"load DuckDB: {library}: " in message, message
    assert not (project / "out.csv").exists() and not (project / "out.parquet").exists()
    # From Parquet to Parquet nobody asks for it.
    done = subprocess.run([program, *historical("data.parquet", "out.parquet")], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0 and f"{ROWS:,} rows in out.parquet" in done.stdout, done
    away.replace(library)


def check_full_disk(project, server):
    """No file may grow beyond a limit: a write fails as on a full disk does, with EFBIG in place of ENOSPC."""
    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    (project / "out.csv").write_text("the old one")
    message = failure(project, "historical", "--entities", "spine.csv", "--features", "score", "--out", "out.csv", "--overwrite",
                      preexec_fn=small_files)
    assert 'write file "out.csv": File too large' in message, message
    assert (project / "out.csv").read_text() == "the old one"
    write_data(project, 4)
    assert "File too large" in failure(project, "materialize", "--full", preexec_fn=small_files)
    assert score(server, 7) == 21
    harness.run(project, "materialize", "--full")
    harness.until(lambda: score(server, 7) != 21)  # the server notices the new store within a second
    assert score(server, 7) == 28


def without_override():
    """Root, too, may then only do what the permissions of a file say."""
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def check_unreadable_source(project):
    historical = ["historical", "--entities", "spine.csv", "--features", "score", "--out", "new.csv"]
    (project / "data.csv").chmod(0)
    try:
        for arguments in (["plan"], ["materialize"], historical):
            message = failure(project, *arguments, preexec_fn=without_override)
            assert "data.csv: Permission denied" in message, (arguments, message)
    finally:
        (project / "data.csv").chmod(0o644)
    assert not (project / "new.csv").exists()


def check_permissions(project, server):
    def nobody():
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    check_unreadable_source(project)
    if os.geteuid() == 0:
        message = failure(project, "materialize", preexec_fn=nobody)
        assert ".provender" in message and ("Permission denied" in message or "read-only" in message), message
        message = failure(project, "historical", "--entities", "spine.csv", "--features", "score", "--out", "new.csv", preexec_fn=nobody)
        assert "Permission denied" in message, message
        assert not (project / "new.csv").exists()
    else:
        print("not root: what another user may not do is not tested")
    assert score(server, 7) == 28


def check_long_key(folder):
    """A key that no store takes is said with the source that has it; the other views go on."""
    folder.mkdir()
    (folder / "provender.yaml").write_text("project: keys\ndefinitions: [features.yaml]\n")
    (folder / "features.yaml").write_text(
        "entities: {user: {type: string}}\nfeatures:\n"
        "  long: {entity: user, dtype: int, source: long.csv}\n  short: {entity: user, dtype: int, source: short.csv}\n")
    (folder / "long.csv").write_text("user,event_timestamp,long\n" + "x" * LONGEST_KEY + "y,2026-05-01,1\n")
    (folder / "short.csv").write_text("user,event_timestamp,short\n" + "x" * LONGEST_KEY + ",2026-05-01,1\n")
    harness.run(folder, "apply", "--yes")
    message = failure(folder, "materialize")
    assert "481 bytes encoded, more than the 480 allowed" in message and "long" in message, message
    assert " 1 " in harness.run(folder, "get", "user=" + "x" * LONGEST_KEY, "--features", "short")
    (folder / "spine.csv").write_text("user,event_timestamp\n" + "x" * LONGEST_KEY + "y,2026-05-02\n")
    message = failure(folder, "historical", "--entities", "spine.csv", "--features", "short", "--out", "out.csv", code=2)
    assert "spine.csv: row 1: the entity key (user) takes 481 bytes encoded" in message, message
    assert not (folder / "out.csv").exists()


def check_online_folder(folder, project):
    """The online store is a cache: what cannot be trusted is refused, with the way to make it anew."""
    online = project / ".provender" / "online"
    data = online / "data.mdb"
    get = ["get", "user=7", "--features", "score"]
    whole = {path: path.read_bytes() for path in (data, online / "synced")}

    def restore():
        for path, content in whole.items():
            path.write_bytes(content)

    data.write_bytes(whole[data][:len(whole[data]) // 2])
    message = failure(project, *get, code=10)
    assert str(data) in message and "provender materialize --full" in message, message
    data.write_bytes(b"something else" * 1000)
    assert "no LMDB file" in failure(project, *get, code=7)
    restore()

    newer = bytearray(whole[online / "synced"])
    for slot in (0, 4096):
        if newer[slot:slot + 6] == b"PVSYNC":
            newer[slot + 6] = 9
    (online / "synced").write_bytes(newer)
    assert "format 9" in failure(project, *get, code=7)
    restore()

    other = make_project(folder / "other")
    shutil.rmtree(other / ".provender" / "online")
    shutil.copytree(online, other / ".provender" / "online")
    message = failure(other, *get, code=7)
    assert "belongs to" in message or "another" in message, message

    value = MARKED.to_bytes(8, "little")
    assert value in whole[data]
    data.write_bytes(whole[data].replace(value, bytes([value[0] ^ 1]) + value[1:]))
    with harness.Server(project) as server:
        reply = server.features({"user": ROWS, "features": ["score"], "options": {"include": ["status"]}})
        assert reply["features"] == {"score": None} and reply["metadata"]["score"]["status"] == "INVALID", reply
        assert 'provender_unreadable_rows_total{reason="checksum"} 1\n' in server.request("/metrics")[1]
        assert score(server, 7) == 28
    harness.run(project, "materialize", "--full")
    with harness.Server(project) as server:
        assert score(server, ROWS) == MARKED


with harness.temporary_folder() as folder:
    folder = pathlib.Path(folder)
    folder.chmod(0o755)
    harness.let_everybody_run(folder / "program")
    project = make_project(folder / "project")
    check_plug_in(folder, project)
    with harness.Server(project) as server:
        check_full_disk(project, server)
        check_permissions(project, server)
    check_online_folder(folder, project)
    check_long_key(folder / "keys")
print("ok")
