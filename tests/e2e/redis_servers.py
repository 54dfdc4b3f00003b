"""Redis servers for end-to-end tests: one with a password, a cluster, and a network in front of them that misbehaves."""
import atexit
import os
import socket
import subprocess
import threading
import time

import harness


def is_free(port):
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    """A port that, like that of a cluster's bus, 10,000 above, is free: below those that the system gives to clients, and
    not of those that the servers of other tests take (src/online/redis/testing)."""
    first, count = 16_000, 5_000
    free_port.taken = getattr(free_port, "taken", set())
    for i in range(count):
        port = first + (os.getpid() * 37 + i) % count
        if port not in free_port.taken and is_free(port) and is_free(port + 10_000):
            free_port.taken.add(port)
            return port
    raise AssertionError("no port is free")


class Redis:
    """redis-server on loopback and on a unix socket; its rows survive a restart."""

    def __init__(self, folder, *options, password=None, port=None):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.socket = folder / "redis.sock"
        self.password = password
        self.port = free_port() if port is None else port
        self.options = [*options, *(["--requirepass", password] if password else [])]
        self.child = None

    def launch(self):
        self.child = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--unixsocket", str(self.socket), "--dir", str(self.folder), "--appendonly", "yes",
             "--appendfsync", "no", "--logfile", "redis.log", *self.options])
        atexit.register(self.child.kill)  # also where a check fails

    def start(self):
        self.launch()
        harness.until(self.answers)

    def answers(self):
        return self.cli("PING") == "PONG"

    def cli(self, *words):
        login = ["--no-auth-warning", "-a", self.password] if self.password else []
        return subprocess.run(["redis-cli", "-s", str(self.socket), *login, *words], capture_output=True, text=True).stdout.strip()

    def kill(self):
        self.child.kill()
        self.child.wait()


class Cluster:
    """Three masters, each with a replica. With certificates, `tls` being a folder of them, they speak TLS only."""

    def __init__(self, folder, replicas=1, tls=None):
        options = ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "1000",
                   "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0"]
        self.login = []
        if tls:
            options += ["--tls-cluster", "yes", "--tls-replication", "yes", "--tls-auth-clients", "no", "--tls-cert-file", str(tls / "server.crt"),
                        "--tls-key-file", str(tls / "server.key"), "--tls-ca-cert-file", str(tls / "server.crt")]
            self.login = ["--tls", "--cacert", str(tls / "server.crt")]
        self.servers = []
        for i in range(3 * (1 + replicas)):
            port = free_port()
            server = Redis(folder / str(i), *options, *(["--tls-port", str(port)] if tls else []), port=0 if tls else port)
            server.start()
            server.port = port
            self.servers.append(server)
        self.run("--cluster", "create", *[f"127.0.0.1:{server.port}" for server in self.servers],
                 "--cluster-replicas", str(replicas), "--cluster-yes")
        harness.until(lambda: all(self.is_well(server) for server in self.servers))

    def run(self, *words):
        return subprocess.run(["redis-cli", *self.login, *words], capture_output=True, text=True, check=True).stdout.strip()

    def is_well(self, server):
        info = server.cli("CLUSTER", "INFO")
        role = server.cli("INFO", "replication")
        return ("cluster_state:ok" in info and f"cluster_known_nodes:{len(self.servers)}" in info
                and ("role:slave" not in role or "master_link_status:up" in role))

    def url(self):
        return ",".join(f"127.0.0.1:{server.port}" for server in self.servers)

    def masters(self):
        return [server for server in self.servers if server.child.poll() is None and server.cli("ROLE").startswith("master")]

    def move_slots(self, count):
        first, second = self.masters()[:2]
        self.run("--cluster", "reshard", f"127.0.0.1:{first.port}", "--cluster-from", first.cli("CLUSTER", "MYID"),
                 "--cluster-to", second.cli("CLUSTER", "MYID"), "--cluster-slots", str(count), "--cluster-yes")


class Proxy:
    """A network that delays, cuts and splits what a server says."""

    def __init__(self, port):
        self.target = port
        self.delay, self.cut_after, self.split = 0.0, 0, 65536
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.target))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.pass_on, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self.pass_on, args=(server, client, True), daemon=True).start()

    def pass_on(self, source, target, is_reply):
        count = 0
        try:
            while some := source.recv(self.split):
                if is_reply:
                    time.sleep(self.delay)
                    count += len(some)
                    if self.cut_after and count >= self.cut_after:
                        some = some[:1]
                target.sendall(some)
                if is_reply and self.cut_after and count >= self.cut_after:
                    break
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
