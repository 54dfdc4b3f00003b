"""The processes of a serving benchmark: pinned, on loopback, stopped by their own handles; and what they use."""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent


class Cores:
    """One core for the server that is looked at, another for what asks it; of one core both get it."""

    def __init__(self):
        cores = sorted(os.sched_getaffinity(0))
        self.server, self.load = cores[0], cores[-1]


def pinned(core, command):
    return ["taskset", "-c", str(core), *map(str, command)]


def cpu_seconds(pid):
    """What all threads of a process have used, from its own clock (clock_getcpuclockid)."""
    return time.clock_gettime((~pid << 3) | 2)


def run(command, folder=None):
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, timeout=900)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


class Server:
    """`provender serve` with one event loop."""

    def __init__(self, provender, folder, core):
        self.log = folder / "server.log"
        with open(self.log, "w") as log:
            command = pinned(core, [provender, "serve", "--port", "0", "--threads", "1"])
            self.child = subprocess.Popen(command, cwd=folder, stderr=log)
        self.pid = self.child.pid
        while not (found := re.search(r"http://[^:]+:(\d+)", self.log.read_text())):
            if self.child.poll() is not None:
                raise SystemExit("serve ended: " + self.log.read_text())
            time.sleep(0.005)
        self.port = int(found[1])

    def ask(self, body, accept="application/json"):
        """Status line and headers as bytes, and the body, exactly as they came."""
        text = json.dumps(body).encode()
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as link:
            link.sendall(f"POST /get-online-features HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n"
                         f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
            got = b""
            while b"\r\n\r\n" not in got:
                got += self.received(link)
            head, _, body = got.partition(b"\r\n\r\n")
            size = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
            while len(body) < size:
                body += self.received(link)
        return head, body

    def received(self, link):
        chunk = link.recv(1 << 20)
        if not chunk:
            raise SystemExit("the server closed a connection: " + self.log.read_text()[-2000:])
        return chunk

    def metric(self, name):
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10).read().decode()
        return float(re.search(rf"^{name} (\S+)$", text, re.M)[1])

    def stop(self):
        self.child.terminate()
        if self.child.wait(timeout=30) != 0:
            raise SystemExit("serve did not end well: " + self.log.read_text()[-2000:])


class Bare:
    """The bare server, which sends one answer's bytes."""

    def __init__(self, program, answer, core, folder):
        file = folder / "answer.bin"
        file.write_bytes(answer)
        self.child = subprocess.Popen(pinned(core, [program, file]), stdout=subprocess.PIPE, text=True)
        self.pid, self.port = self.child.pid, int(self.child.stdout.readline())

    def stop(self):
        self.child.kill()
        self.child.wait()


class Redis:
    """A Redis of its own: a port that was free, a folder that goes, nothing on disk."""

    def __init__(self, core, folder):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        folder.mkdir()
        options = ["--port", self.port, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no", "--loglevel", "warning"]
        self.child = subprocess.Popen(pinned(core, ["redis-server", *options]), stdout=subprocess.DEVNULL)
        self.pid = self.child.pid
        if not self.answers():
            self.stop()
            raise SystemExit("redis-server does not answer")

    def answers(self):
        for _ in range(500):
            if subprocess.run(["redis-cli", "-p", str(self.port), "PING"], capture_output=True).stdout == b"PONG\n":
                return True
            time.sleep(0.01)
        return False

    def cli(self, *words):
        return run(["redis-cli", "-p", self.port, *words]).strip()

    def stop(self):
        self.child.kill()
        self.child.wait()


class Load:
    """Requests to a server from the other core."""

    def __init__(self, program, core, bodies, accept):
        self.program, self.core, self.bodies, self.accept = program, core, bodies, accept

    def command(self, port, connections, *more):
        options = ["--port", port, "--connections", connections, "--bodies", self.bodies, "--accept", self.accept, *more]
        return pinned(self.core, [self.program, *options])

    def run(self, server, connections, requests):
        """What http_load prints, and what the server used for a request."""
        before = cpu_seconds(server.pid)
        got = json.loads(run(self.command(server.port, connections, "--requests", requests)))
        if got["failed"]:
            raise SystemExit(f"{got['failed']} requests failed")
        used = cpu_seconds(server.pid) - before
        return {**got, "server_cpu_us": used / got["requests"] * 1e6, "server_share": used / got["seconds"]}

    def wrk(self, server, connections, seconds):
        """Requests a second by wrk, and what it used of its core; None where it is not installed."""
        if not shutil.which("wrk"):
            return None
        environment = {**os.environ, "BODIES": str(self.bodies), "ACCEPT": self.accept}
        url = f"http://127.0.0.1:{server.port}/get-online-features"
        command = pinned(self.core, ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", HERE / "wrk.lua", url])
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        out = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0 or "Non-2xx" in out or "Socket errors" in out:
            raise SystemExit("wrk failed:\n" + out)
        rate = float(re.search(r"Requests/sec:\s+(\S+)", out)[1])
        return {"requests_per_second": rate, "cpu_share": (usage.ru_utime + usage.ru_stime) / seconds}
