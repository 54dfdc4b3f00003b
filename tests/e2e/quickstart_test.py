"""The running example, number for number, ending with the prompt."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

PROMPT = """System: You recommend shows for a streaming service.
User context: segment=power_user, watched 47 titles in last 30 days, last genre watched: documentary.
Task: suggest 3 titles in a friendly, short message.
"""

with harness.temporary_folder() as folder:
    folder = pathlib.Path(folder)
    done = subprocess.run([str(harness.EXAMPLES / "quickstart" / "run"), str(folder)], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "training.csv").read_text() == (folder / "expected_training.csv").read_text()
    assert (folder / "prompt.txt").read_text() == PROMPT, (folder / "prompt.txt").read_text()
    with harness.Server(folder) as server:
        names = ["user_segment", "watch_count_30d", "last_genre"]
        for user, values in {"8a2f": ["power_user", 47, "documentary"], "b13c": ["casual", 5, "thriller"],
                             "nobody": [None, None, None]}.items():
            assert server.features({"user_id": user, "features": names}) == {"user_id": user, "features": dict(zip(names, values))}
    as_of = harness.run(folder, "--output", "json", "get", "user_id=8a2f", "--service", "what_to_watch_next",
                        "--as-of", "2026-05-05T12:00:00Z")
    assert '"casual"' in as_of and "22" in as_of, as_of
print("ok")
