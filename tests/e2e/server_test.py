"""The server as a user meets it: replies in both forms, errors that name the field, who may ask, and a clean end."""
import json
import pathlib
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

FEATURES = ["user_segment", "watch_count_30d"]


def error_of(server, body, status=400, code=None, **more):
    got, text = server.request("/get-online-features", body, **more)
    assert got == status, (got, text)
    error = json.loads(text)["error"]
    assert code in (None, error["code"]), text
    return error["message"]


def check_replies(server):
    reply = server.features({"entities": {"user_id": ["8a2f", "nobody"]}, "features": FEATURES, "full_feature_names": True})
    assert reply["metadata"]["feature_names"] == ["user_id", "user_segment__user_segment", "watch_count_30d__watch_count_30d"]
    assert reply["results"][2] == {"values": [47, None], "statuses": ["PRESENT", "NOT_FOUND"],
                                   "event_timestamps": ["2026-05-07T21:00:00Z", "1970-01-01T00:00:00Z"]}
    reply = server.features({"user_id": "8a2f", "feature_service": "what_to_watch_next", "options": {"include": ["status", "age"]}})
    assert reply["metadata"]["last_genre"]["status"] == "PRESENT" and reply["metadata"]["last_genre"]["age_seconds"] > 0


def check_arrow(server):
    """Its columns and values are tested beside the sources: here, that it is one, in both forms, and that errors are none."""
    arrow = "application/vnd.apache.arrow.stream"
    headers = {"Accept": f"application/json, {arrow}"}
    for body in ({"user_id": "8a2f", "features": FEATURES}, {"entities": {"user_id": ["8a2f", "nobody"]}, "features": FEATURES}):
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}/get-online-features", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as reply:
            assert reply.headers["Content-Type"] == arrow, reply.headers
            stream = reply.read()
        assert stream.startswith(b"\xff\xff\xff\xff") and stream.endswith(b"\xff\xff\xff\xff\0\0\0\0"), stream
        assert b"watch_count_30d__event_timestamp" in stream and b"power_user" in stream, stream
    assert "did you mean" in error_of(server, {"user_ids": "8a2f", "features": FEATURES}, headers=headers)


def check_errors(server):
    assert "body is empty" in error_of(server, b"")
    assert "did you mean" in error_of(server, {"user_ids": "8a2f", "features": FEATURES})
    assert "watch_count_30d" in error_of(server, {"user_id": "8a2f", "features": ["watch_count_30"]}, 404)
    assert "what_to_watch_next" in error_of(server, {"user_id": "8a2f", "feature_service": "what_to_watch_nxt"}, 404)
    status, text = server.request("/get-online-features", {"entities": {"user_id": ["8a2f"]}, "features": ["user_segment:segmnt"]})
    assert status == 404 and json.loads(json.loads(text))["class"] == "FeatureViewNotFoundException", text
    assert "integer" in error_of(server, {"user_id": 8, "features": FEATURES})
    assert "list" in error_of(server, {"user_id": ["8a2f"], "features": FEATURES})
    assert "twice" in error_of(server, b'{"user_id":"a","user_id":"b","features":["user_segment"]}')
    assert "not JSON" in error_of(server, b'{"user_id":"a","features":[NaN]}', code="invalid_argument")
    assert "not JSON: the text is not UTF-8" == error_of(server, b'{"user_id":"\xff\xfe","features":["user_segment"]}', code="invalid_argument")
    assert "not JSON" in error_of(server, b"[" * 100_000, code="invalid_argument")
    for inside in (b"1", b""):
        assert "nested too deep: at most 32 levels" in error_of(server, b"[" * 33 + inside + b"]" * 33, code="invalid_argument")
        assert "must be a JSON object" in error_of(server, b"[" * 32 + inside + b"]" * 32, code="invalid_argument")
    assert "bytes" in error_of(server, {"user_id": "x" * 1_000_000, "features": FEATURES}, code="invalid_argument")
    status, text = server.request("/get-online-features", {"entities": {"user_id": ["x"] * 10_001}, "features": FEATURES})
    assert status == 400, (status, text)
    assert "10001 entities asked for, at most 10000 are answered at once" in json.loads(json.loads(text))["message"], text
    assert server.request("/get-online-features", {"entities": {"user_id": ["x"] * 10_000}, "features": FEATURES})[0] == 200
    assert server.request("/get-online-features", method="GET")[0] == 405
    assert server.request("/nothing")[0] == 404
    body = {"user_id": "8a2f", "features": FEATURES}
    assert "host" in error_of(server, body, 403, headers={"Host": "evil.example"})
    assert "origin" in error_of(server, body, 403, headers={"Origin": "http://evil.example"})


def check_operations(server):
    assert server.request("/health")[0] == 200
    assert server.request("/ready") == (200, "ready\n")
    metrics = server.request("/metrics")[1]
    assert "provender_registry_version 1\n" in metrics, metrics
    assert 'provender_feature_values_total{status="PRESENT"}' in metrics
    assert "duckdb" not in server.maps(), "the server mapped DuckDB"


def check_new_version(folder, server):
    """A running server notices an apply and a materialization."""
    definitions = folder / "features.yaml"
    definitions.write_text(definitions.read_text().replace("  last_genre: ", "  favourite:       {entity: user_id, dtype: str, source: {csv: data/last_genre.csv, columns: {favourite: last_genre}}}\n  last_genre: "))
    harness.run(folder, "apply", "--yes")
    harness.run(folder, "materialize", "favourite")
    for _ in range(200):
        status, text = server.request("/get-online-features", {"user_id": "8a2f", "features": ["favourite"]})
        if status == 200:
            assert json.loads(text)["features"] == {"favourite": "documentary"}, text
            return
        time.sleep(0.05)
    raise AssertionError(text)


def check_new_type(folder, server):
    """A feature that changes its type goes on serving its old values until the new ones are complete."""
    ask = {"user_id": "8a2f", "features": ["watch_count_30d"]}
    definitions = folder / "features.yaml"
    definitions.write_text(definitions.read_text().replace("watch_count_30d: {entity: user_id, dtype: int,", "watch_count_30d: {entity: user_id, dtype: float,"))
    harness.run(folder, "apply", "--yes")
    time.sleep(1.1)  # by then the server has noticed
    assert server.request("/get-online-features", ask)[1].endswith('{"watch_count_30d":47}}'), server.features(ask)
    harness.run(folder, "materialize", "watch_count_30d")
    time.sleep(1.1)
    assert server.request("/get-online-features", ask)[1].endswith('{"watch_count_30d":47.0}}'), server.features(ask)


with harness.temporary_folder() as folder:
    folder = harness.copy_example("quickstart", pathlib.Path(folder))
    with harness.Server(folder) as server:
        assert server.request("/health")[0] == 200
        assert server.request("/ready")[0] == 503
    harness.run(folder, "apply", "--yes")
    harness.run(folder, "materialize")
    with harness.Server(folder) as server:
        check_replies(server)
        check_arrow(server)
        check_errors(server)
        check_operations(server)
        check_new_version(folder, server)
        check_replies(server)
        check_new_type(folder, server)
print("ok")
