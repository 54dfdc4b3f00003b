"""A project whose latest values are in Redis, as a user meets it: served, away, stopped, back again; secrets stay secret."""
import atexit
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

ASK = {"user_id": "8a2f", "features": ["user_segment", "watch_count_30d", "last_genre"]}
ANSWER = {"user_id": "8a2f", "features": {"user_segment": "power_user", "watch_count_30d": 47, "last_genre": "documentary"}}
PASSWORD = "hunter2-is-no-secret"


class Redis:
    """redis-server on a unix socket, with a password; its rows survive a restart."""

    def __init__(self, folder):
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.child = None

    def start(self):
        self.child = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder), "--appendonly", "yes",
             "--appendfsync", "no", "--requirepass", PASSWORD, "--logfile", "redis.log"])
        atexit.register(self.child.kill)  # also where a check fails
        harness.until(lambda: self.cli("PING") == "PONG")

    def cli(self, *words):
        done = subprocess.run(["redis-cli", "-s", str(self.socket), "--no-auth-warning", "-a", PASSWORD, *words],
                              capture_output=True, text=True)
        return done.stdout.strip()

    def kill(self):
        self.child.kill()
        self.child.wait()


def check_away(server, reason):
    """Requests end with 503 and say why; the server itself goes on."""
    status, text = server.request("/get-online-features", ASK)
    assert status == 503, (status, text)
    error = json.loads(text)["error"]
    assert error["code"] == "unavailable" and reason in error["message"], text
    status, text = server.request("/ready")
    assert status == 503 and "redis" in text, (status, text)
    assert server.request("/health") == (200, "ok\n")


def check_health_while_stopped(server, redis):
    """/health answers on the same loops that wait for a stopped server."""
    redis.child.send_signal(signal.SIGSTOP)
    waiting = [threading.Thread(target=server.request, args=("/get-online-features", ASK)) for _ in range(8)]
    for thread in waiting:
        thread.start()
    for _ in range(20):
        assert server.request("/health") == (200, "ok\n")
    for thread in waiting:
        thread.join()
    check_away(server, "redis")
    redis.child.send_signal(signal.SIGCONT)
    harness.until(lambda: server.request("/get-online-features", ASK)[0] == 200)


def check_json_layout(folder, config, redis):
    """People read Redis themselves."""
    text = config.read_text()
    config.write_text(text.replace("store: redis", "store: redis, layout: json, key_prefix: 'people:'"))
    harness.run(folder, "materialize", "--full")
    assert redis.cli("HGET", "people:user_id:8a2f", "user_segment") == '"power_user"'
    assert redis.cli("HGET", "people:user_id:8a2f", "watch_count_30d") == "47"
    with harness.Server(folder) as server:
        assert server.features(ASK) == ANSWER
    config.write_text(text)


with harness.temporary_folder() as folder:
    folder = harness.copy_example("quickstart", pathlib.Path(folder) / "project")
    config = folder / "provender.yaml"
    redis = Redis(folder.parent)
    redis.start()
    os.environ["REDIS_PASSWORD"] = PASSWORD
    config.write_text(config.read_text() + f"\nonline: {{store: redis, url: 'unix://{redis.socket}', password: {{env: REDIS_PASSWORD}}}}\n")
    harness.run(folder, "apply", "--yes")
    harness.run(folder, "materialize")
    assert "power_user" in harness.run(folder, "get", "user_id=8a2f", "--features", "user_segment")
    with harness.Server(folder) as server:
        assert server.features(ASK) == ANSWER
        assert server.request("/ready") == (200, "ready\n")
        check_health_while_stopped(server, redis)
        redis.kill()
        harness.until(lambda: server.request("/get-online-features", ASK)[0] == 503)
        check_away(server, "redis")
        redis.start()
        harness.until(lambda: server.request("/ready")[0] == 200)
        assert server.features(ASK) == ANSWER
    harness.run(folder, "materialize", "--full")
    assert redis.cli("DBSIZE") == "3", redis.cli("--scan")  # two users and the header
    check_json_layout(folder, config, redis)
    os.environ["REDIS_PASSWORD"] = "wrong-" + PASSWORD
    message = harness.run(folder, "get", "user_id=8a2f", "--features", "user_segment", ok=False)
    assert "check the user and the password" in message and PASSWORD not in message, message
    assert PASSWORD not in (folder / "server.log").read_text()
    redis.kill()
print("ok")
