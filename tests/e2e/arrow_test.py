"""Training rows as Arrow IPC: a result is a file that others know, and a spine for the next request, with nothing lost."""
import csv
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

ROWS = 5000  # of several batches
SERVICE = ["--service", "what_to_watch_next"]


def make_spine(folder):
    lines = ["user_id,event_timestamp,label,note"]
    for i in range(ROWS):
        user = ["8a2f", "b13c", "nobody", ""][i % 4]
        lines.append(f"{user},2026-05-07T{20 + i % 3}:30:00.00000{i % 10}Z,{i},\"é, {i}\"")
    (folder / "spine.csv").write_text("\n".join(lines) + "\n")


def historical(folder, spine, out, *asked):
    harness.run(folder, "historical", "--entities", spine, *asked, "--out", out, "--overwrite")


def check_form(path):
    """The file form of Arrow IPC: its mark on both ends, the length of the footer before the last one."""
    data = path.read_bytes()
    assert data.startswith(b"ARROW1\0\0") and data.endswith(b"ARROW1"), data[:8]
    footer = int.from_bytes(data[-10:-6], "little")
    assert 0 < footer < len(data), footer


def check_stream(folder):
    """The stream form is the same without the marks and the footer: what stands between them."""
    data = (folder / "one.arrow").read_bytes()
    footer = int.from_bytes(data[-10:-6], "little")
    (folder / "stream.arrow").write_bytes(data[8:-10 - footer])
    historical(folder, "stream.arrow", "streamed.csv", "--features", "last_genre")
    assert (folder / "streamed.csv").read_text() == (folder / "two.csv").read_text()


def check_errors(folder):
    data = (folder / "one.arrow").read_bytes()
    for name, damaged in {"cut": data[:len(data) // 2], "other": b"no Arrow at all", "empty": b""}.items():
        (folder / f"{name}.arrow").write_bytes(damaged)
        said = harness.run(folder, "historical", "--entities", f"{name}.arrow", *SERVICE, "--out", "none.arrow", ok=False)
        assert f"{name}.arrow" in said, said
        assert not (folder / "none.arrow").exists()


with harness.temporary_folder() as folder:
    folder = harness.copy_example("quickstart", pathlib.Path(folder) / "project")
    harness.run(folder, "apply", "--yes")
    make_spine(folder)
    historical(folder, "spine.csv", "straight.csv", *SERVICE)
    historical(folder, "spine.csv", "one.arrow", "--features", "user_segment,watch_count_30d")
    check_form(folder / "one.arrow")
    historical(folder, "one.arrow", "two.arrow", "--features", "last_genre")
    historical(folder, "one.arrow", "two.csv", "--features", "last_genre")
    check_form(folder / "two.arrow")
    with (folder / "two.csv").open(newline="") as two, (folder / "straight.csv").open(newline="") as straight:
        got, expected = list(csv.DictReader(two)), list(csv.DictReader(straight))
    assert len(got) == ROWS and list(got[0]) == list(expected[0]), (got[0], expected[0])
    for row, (one, other) in enumerate(zip(got, expected)):
        for times in (one, other):  # the text of CSV stays as it is, a time is written in our form
            times["event_timestamp"] = times["event_timestamp"].rstrip("Z").replace("T", " ")
        one["event_timestamp"] += "" if "." in one["event_timestamp"] else ".000000"
        assert one == other, (row, one, other)
    check_stream(folder)
    check_errors(folder)
print("ok")
