"""Each route of a running server, errors included: status, content type and body are as its /openapi.json says."""
import json
import pathlib
import sys
import urllib.error
import urllib.request

import jsonschema

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
import harness

ONE = {"user_id": "8a2f", "features": ["user_segment", "watch_count_30d"]}
MANY = {"entities": {"user_id": ["8a2f", "nobody"]}, "features": ["user_segment"]}
READ = "/get-online-features"
ARROW = {"Accept": "application/vnd.apache.arrow.stream"}
REQUESTS = [  # method, path, body, headers, the status that is expected
    ("GET", "/health", None, {}, 200),
    ("GET", "/ready", None, {}, 200),
    ("GET", "/metrics", None, {}, 200),
    ("GET", "/openapi.json", None, {}, 200),
    ("POST", READ, ONE, {}, 200),
    ("POST", READ, ONE | {"options": {"include": ["status", "event_timestamp", "age"]}}, {"X-Request-Id": "mine"}, 200),
    ("POST", READ, {"user_id": "nobody", "feature_service": "what_to_watch_next"}, {}, 200),
    ("POST", READ, MANY, {}, 200),
    ("POST", READ, MANY | {"full_feature_names": True}, {}, 200),
    ("POST", READ, ONE, ARROW, 200),
    ("POST", READ, MANY, ARROW, 200),
    ("POST", READ, b"", ARROW, 400),
    ("POST", READ, b"", {}, 400),
    ("POST", READ, b"[]", {}, 400),
    ("POST", READ, b'{"user_id":NaN}', {}, 400),
    ("POST", READ, {"user_ids": "8a2f", "features": ["user_segment"]}, {}, 400),
    ("POST", READ, {"user_id": 8, "features": ["user_segment"]}, {}, 400),
    ("POST", READ, {"user_id": "x" * 481, "features": ["user_segment"]}, {}, 400),
    ("POST", READ, MANY | {"entities": {"user_id": "8a2f"}}, {}, 400),
    ("POST", READ, ONE | {"features": ["user_segmen"]}, {}, 404),
    ("POST", READ, MANY | {"features": ["user_segment:segmen"]}, {}, 404),
    ("POST", READ, {"user_id": "8a2f", "feature_service": "nothing"}, {}, 404),
    ("POST", READ, ONE, {"Origin": "http://evil.example"}, 403),
    ("POST", READ, ONE, {"Expect": "something"}, 417),
    ("POST", READ, ONE, {"X-Long": "x" * 100_000}, 431),
    *[(method, path, None, {}, 405) for method, path in
      [("GET", READ), ("PUT", READ), ("POST", "/health"), ("POST", "/ready"), ("DELETE", "/metrics"), ("POST", "/openapi.json")]],
    *[("GET", path, None, {"Host": "evil.example"}, 403) for path in ["/health", "/ready", "/metrics", "/openapi.json"]],
]


def ask(port, method, path, body, headers):
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def resolved(document, part):
    while "$ref" in part:
        target = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        part = target
    return part


def check(document, schema, value):
    jsonschema.Draft202012Validator({"components": document["components"], **schema}).validate(value)


def check_reply(document, method, path, status, headers, body):
    """A method that a route does not have is answered as its others say."""
    operations = document["paths"][path]
    operation = operations.get(method.lower()) or next(iter(operations.values()))
    assert str(status) in operation["responses"], f"{status} is not documented"
    response = resolved(document, operation["responses"][str(status)])
    for name, header in response.get("headers", {}).items():
        header = resolved(document, header)
        assert name in headers or not header.get("required"), f"there is no header {name}"
        if name in headers:
            check(document, header["schema"], headers[name])
    content_type = headers.get_content_type()
    assert content_type in response["content"], f"{content_type} is not documented"
    if content_type == ARROW["Accept"]:
        assert body.startswith(b"\xff\xff\xff\xff"), "this is no Arrow stream"
        return
    text = body.decode()
    value = json.loads(text) if content_type == "application/json" else text
    check(document, response["content"][content_type]["schema"], value)


with harness.temporary_folder() as temporary:
    folder = harness.copy_example("quickstart", pathlib.Path(temporary))
    harness.run(folder, "apply", "--yes")
    harness.run(folder, "materialize")
    with harness.Server(folder) as server:
        document = json.loads(ask(server.port, "GET", "/openapi.json", None, {})[2])
        for schema in document["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)
        asked = set()
        for method, path, body, headers, expected in REQUESTS:
            what = f"{method} {path} {str(body)[:80]} {str(headers)[:80]}"
            try:
                status, reply_headers, reply = ask(server.port, method, path, body, headers)
            except (ConnectionError, urllib.error.URLError) as error:
                raise AssertionError(f"{what}: {error}") from error
            try:
                assert status == expected, f"status {status}, expected {expected}"
                assert (reply_headers.get_content_type() == ARROW["Accept"]) == (headers == ARROW and status == 200)
                check_reply(document, method, path, status, reply_headers, reply)
            except (AssertionError, jsonschema.ValidationError) as error:
                raise AssertionError(f"{what}: {reply[:300]}") from error
            asked.add(path)
        assert asked == set(document["paths"]), set(document["paths"]) - asked
        broken = json.loads(json.dumps(document))
        broken["components"]["schemas"]["EntityReply"]["required"].append("nothing")
        try:
            check_reply(broken, "POST", READ, *ask(server.port, "POST", READ, ONE, {}))
        except jsonschema.ValidationError:
            pass
        else:
            raise AssertionError("a reply that is not as the document says was taken")
print("ok")
