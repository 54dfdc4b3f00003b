"""The server in operation: tokens, TLS, access log, request ids, metrics; a reload and a drain under load lose no request."""
import http.client
import json
import pathlib
import re
import signal
import sqlite3
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

ASK = json.dumps({"user_id": "8a2f", "feature_service": "what_to_watch_next"})


def configure(folder, server):
    text = (folder / "provender.yaml").read_text()
    text = re.sub(r"^server:.*\n(?:[ #].*\n)*", "", text, flags=re.M)
    (folder / "provender.yaml").write_text(text + "server:\n" + server)


def ask(server, context=None, headers=None, method="POST", path="/get-online-features", body=ASK):
    """Returns (status, header fields, body as text)."""
    kind = http.client.HTTPSConnection if context else http.client.HTTPConnection
    connection = kind("127.0.0.1", server.port, timeout=30, **({"context": context} if context else {}))
    connection.request(method, path, body, headers or {})
    reply = connection.getresponse()
    answer = reply.status, dict(reply.getheaders()), reply.read().decode()
    connection.close()
    return answer


def make_certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-keyout", folder / "new.key", "-out", folder / "new.crt", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    (folder / "new.key").replace(folder / "server.key")
    (folder / "new.crt").replace(folder / "server.crt")
    return ssl.create_default_context(cafile=folder / "server.crt")


def check_tokens_and_tls(folder):
    web = json.loads(harness.run(folder, "--output", "json", "token", "web"))
    (folder / "hash").write_text(web["hash"] + "\n")
    context = make_certificate(folder, "first")
    configure(folder, "  host: 0.0.0.0\n  tokens: [{name: web, hash: {file: hash}}]\n  access_log: access.log\n"
                      "  tls: {certificate: server.crt, key: server.key}\n")
    with harness.Server(folder) as server:
        assert ask(server, context, method="GET", path="/health")[0] == 200
        status, head, text = ask(server, context)
        assert status == 401 and head["WWW-Authenticate"] == 'Bearer realm="provender"', (status, head)
        assert ask(server, context, {"Authorization": "Bearer wrong"})[0] == 401
        status, head, text = ask(server, context, {"Authorization": "Bearer " + web["token"], "X-Request-Id": "job-1"})
        assert status == 200 and head["X-Request-Id"] == "job-1", (status, head, text)
        try:
            ask(server)
            raise AssertionError("plain HTTP was answered")
        except (http.client.HTTPException, ConnectionError):
            pass
        renewed = make_certificate(folder, "second")
        until = time.monotonic() + 20
        while True:
            try:
                ask(server, renewed, method="GET", path="/health")
                break
            except ssl.SSLError:
                assert time.monotonic() < until, "the certificate was not renewed"
                time.sleep(0.1)
    lines = [json.loads(line) for line in (folder / "access.log").read_text().splitlines()]
    named = [line for line in lines if line["id"] == "job-1"]
    assert len(named) == 1 and named[0]["token"] == "web" and named[0]["service"] == "what_to_watch_next", named
    assert web["token"] not in (folder / "access.log").read_text() + (folder / "server.log").read_text()


def check_refusals(folder):
    """What would be unsafe does not start, and says why."""
    configure(folder, "  host: 0.0.0.0\n")
    assert "server.tokens" in harness.run(folder, "serve", "--port", "0", ok=False)
    configure(folder, "  tls: {certificate: server.crt, key: server.crt}\n")
    assert "expected a private key" in harness.run(folder, "serve", "--port", "0", ok=False)
    configure(folder, "  tokens: [{name: web, hash: {env: NO_SUCH_VARIABLE}}]\n")
    assert "NO_SUCH_VARIABLE" in harness.run(folder, "serve", "--port", "0", ok=False)


class Load(threading.Thread):
    """Asks over and over on one connection; every answer must be a right one."""

    def __init__(self, port, stop):
        super().__init__()
        self.port, self.stop, self.answers, self.failures = port, stop, 0, []

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not self.stop.is_set():
            try:
                connection.request("POST", "/get-online-features", ASK)
                reply = connection.getresponse()
                text, closes = reply.read().decode(), reply.will_close
                if reply.status != 200 or '"power_user"' not in text:
                    self.failures.append((reply.status, text))
                self.answers += 1
                if closes:
                    return
            except (http.client.HTTPException, OSError) as error:
                if not getattr(self, "may_end", False):
                    self.failures.append(repr(error))
                return


def check_locked_registry(folder):
    """A writer that stops in the middle of a commit holds the registry's lock: nobody who reads waits for it."""
    configure(folder, "  threads: 1\n")
    with harness.Server(folder) as server:
        writer = sqlite3.connect(folder / ".provender" / "registry.db", isolation_level=None)
        writer.execute("BEGIN EXCLUSIVE")
        slowest, began = 0, time.monotonic()
        while time.monotonic() < began + 3:
            for path, body, good in [("/health", None, 200), ("/ready", None, 200), ("/get-online-features", ASK.encode(), 200),
                                     ("/get-online-features", {"user_id": "8a2f", "feature_service": "what_to_watch_next@1"}, 503)]:
                asked = time.monotonic()
                status, text = server.request(path, body)
                assert status == good, (path, status, text)
                slowest = max(slowest, time.monotonic() - asked)
            time.sleep(0.05)
        assert slowest < 3, slowest  # who waited for the lock would have waited five seconds
        assert not re.search(r"provender_registry_errors_total 0\n", server.request("/metrics")[1])
        writer.execute("ROLLBACK")
        writer.close()
        until = time.monotonic() + 20
        while server.request("/get-online-features", {"user_id": "8a2f", "feature_service": "what_to_watch_next@1"})[0] != 200:
            assert time.monotonic() < until, "the registry is not read again"
            time.sleep(0.05)


def check_reload_and_drain(folder):
    configure(folder, "  threads: 2\n")
    definitions = folder / "features.yaml"
    with harness.Server(folder) as server:
        stop = threading.Event()
        loads = [Load(server.port, stop) for _ in range(4)]
        for load in loads:
            load.start()
        for i in range(3):
            text = definitions.read_text()
            definitions.write_text(text.replace("features:\n", f"features:\n  copy_{i}: {{entity: user_id, dtype: str, source: "
                                                f"{{csv: data/last_genre.csv, columns: {{copy_{i}: last_genre}}}}}}\n", 1))
            harness.run(folder, "apply", "--yes")
            harness.run(folder, "materialize", "--full")
        until = time.monotonic() + 20
        while server.request("/get-online-features", {"user_id": "8a2f", "features": ["copy_2"]})[0] != 200:
            assert time.monotonic() < until, "the reload was not noticed"
            time.sleep(0.05)
        # The metric follows the served version within a tick.
        while not re.search(r"provender_registry_version [45]\n", metrics := server.request("/metrics")[1]):
            assert time.monotonic() < until, metrics
            time.sleep(0.05)
        for load in loads:
            load.may_end = True  # an idle connection is closed without an answer
        server.child.send_signal(signal.SIGTERM)
        for load in loads:
            load.join(timeout=30)
        server.child.wait(timeout=30)  # a second SIGTERM would end it at once
        failures = [failure for load in loads for failure in load.failures]
        assert not failures, failures[:3]
        assert sum(load.answers for load in loads) > 100
    ok = re.search(r'requests_total\{route="/get-online-features",service="what_to_watch_next",status="2xx"\} (\d+)', metrics)
    assert int(ok.group(1)) > 100, metrics
    assert 'provender_feature_age_seconds_bucket{view="last_genre",le="+Inf"}' in metrics, metrics


with harness.temporary_folder() as folder:
    folder = harness.copy_example("quickstart", pathlib.Path(folder))
    harness.run(folder, "apply", "--yes")
    harness.run(folder, "materialize")
    make_certificate(folder, "refused")
    check_refusals(folder)
    check_tokens_and_tls(folder)
    check_locked_registry(folder)
    check_reload_and_drain(folder)
print("ok")
