"""What the end-to-end tests share: running the CLI, and a server with a project."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

PROVENDER = os.environ["PROVENDER_BIN"]
EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"


def run(folder, *arguments, ok=True):
    """Runs the CLI in a folder; returns stdout, or stderr where it was to fail."""
    done = subprocess.run([PROVENDER, *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL)
    if (done.returncode == 0) != ok:
        raise AssertionError(f"provender {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout if ok else done.stderr


def until(step, seconds=60):
    """Returns when `step()` is true."""
    end = time.monotonic() + seconds
    while not step():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def let_everybody_run(folder):
    """From now on PROVENDER is a copy below `folder`: a clone in a home folder is its owner's alone."""
    global PROVENDER
    built = pathlib.Path(PROVENDER).parent
    shutil.copytree(built.parent / "lib", folder / "lib", symlinks=True)
    (folder / "bin").mkdir()
    PROVENDER = str(shutil.copy(built / "provender", folder / "bin"))


def copy_example(name, folder):
    shutil.copytree(EXAMPLES / name, folder, dirs_exist_ok=True)
    return folder


class Server:
    """provender serve, on a port that the system chooses, until the block ends; it must then exit with 0."""

    def __init__(self, folder, preexec_fn=None, log=None):
        self.folder = pathlib.Path(folder)
        self.preexec_fn = preexec_fn
        self.log = log or self.folder / "server.log"

    def __enter__(self):
        log = self.log
        self.child = subprocess.Popen([PROVENDER, "--log-level", "info", "serve", "--port", "0"], cwd=self.folder,
                                      stderr=log.open("w"), preexec_fn=self.preexec_fn)
        until = time.monotonic() + 30
        while not (found := re.search(r"https?://[^:\s]+:(\d+)", log.read_text())):
            if self.child.poll() is not None or time.monotonic() > until:
                raise AssertionError("the server did not start: " + log.read_text())
            time.sleep(0.01)
        self.port = int(found.group(1))
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(timeout=30) == 0, "the server did not exit with 0"

    def request(self, path, body=None, headers=None, method=None):
        """Returns (status, body as text)."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def features(self, body):
        status, text = self.request("/get-online-features", body)
        assert status == 200, text
        return json.loads(text)

    def maps(self):
        return pathlib.Path(f"/proc/{self.child.pid}/maps").read_text()


def temporary_folder():
    return tempfile.TemporaryDirectory(prefix="provender-e2e-")
