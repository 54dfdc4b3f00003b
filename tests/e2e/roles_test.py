"""One view in two roles, named by a service and by the request itself: training rows, the past, online and over HTTP."""
import csv
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import harness

ROLES = ["user:age as seller (user_id = seller_id)", "user:country as buyer (user_id = buyer_id)"]
ASKED = {"in a service": ["--service", "sale"], "in the request": ["--features", ", ".join(ROLES)]}
DEFINITIONS = """\
entities: {user_id: {type: int64}}
feature_views:
  user: {entities: [user_id], source: data/user.csv, features: {age: int32, country: string}}
feature_services:
  sale:
    features:
      - {view: user, as: seller, keys: {user_id: seller_id}, features: [age]}
      - {view: user, as: buyer, keys: {user_id: buyer_id}, features: [country]}
"""


def make_project(folder):
    (folder / "data").mkdir()
    (folder / "provender.yaml").write_text("project: market\ndefinitions: [features.yaml]\n")
    (folder / "features.yaml").write_text(DEFINITIONS)
    (folder / "data" / "user.csv").write_text(
        "user_id,event_timestamp,age,country\n1,2026-05-01,30,FR\n2,2026-05-01,40,DE\n1,2026-05-05,31,BE\n")
    (folder / "sales.csv").write_text("buyer_id,seller_id,event_timestamp\n1,2,2026-05-02\n2,1,2026-05-06\n")
    harness.run(folder, "apply", "--yes")
    harness.run(folder, "materialize")


def check_commands(folder, asked):
    harness.run(folder, "historical", "--entities", "sales.csv", *asked, "--full-names", "--out", "rows.csv", "--overwrite")
    with (folder / "rows.csv").open(newline="") as file:
        rows = [(row["seller__age"], row["buyer__country"]) for row in csv.DictReader(file)]
    assert rows == [("40", "FR"), ("31", "DE")], rows
    for more, expected in (([], "BE"), (["--as-of", "2026-05-02"], "FR")):
        got = json.loads(harness.run(folder, "--output", "json", "get", "seller_id=2", "buyer_id=1", *asked, "--full-names", *more))
        assert got["features"] == {"seller__age": 40, "buyer__country": expected}, got
    assert "'buyer_id' (int64) is missing" in harness.run(folder, "get", "seller_id=2", *asked, "--full-names", ok=False)


def check_server(server):
    for asked in ({"feature_service": "sale"}, {"features": ROLES}):
        one = server.features({"seller_id": 1, "buyer_id": 2, "options": {"full_feature_names": True}, **asked})
        assert one == {"seller_id": 1, "buyer_id": 2, "features": {"seller__age": 31, "buyer__country": "DE"}}, one
        many = server.features({"entities": {"seller_id": [1, 2], "buyer_id": [2, 9]}, "full_feature_names": True, **asked})
        assert many["metadata"]["feature_names"] == ["seller_id", "buyer_id", "seller__age", "buyer__country"], many
        assert [column["values"] for column in many["results"]] == [[1, 2], [2, 9], [31, 40], ["DE", None]], many


def check_errors(folder):
    def refused(*features, full_names=True):
        flags = ["--full-names"] if full_names else []
        return harness.run(folder, "historical", "--entities", "sales.csv", "--features", ",".join(features), *flags,
                           "--out", "none.csv", ok=False)
    assert "'usr_id' is not a join key of feature view 'user' (did you mean 'user_id'?)" in refused("user:age as x (usr_id = buyer_id)")
    assert "asked for twice" in refused(ROLES[0], ROLES[0])
    assert "another alias (as)" in refused(ROLES[0], "user:age as seller (user_id = buyer_id)")
    assert "ask for full names" in refused(ROLES[0], "user:age as buyer (user_id = buyer_id)", full_names=False)
    assert "expected KEY = COLUMN" in refused("user:age as buyer (user_id)")
    assert "the spine has no column 'seler_id'" in refused("user:age as seller (user_id = seler_id)")
    assert not (folder / "none.csv").exists()


with harness.temporary_folder() as folder:
    folder = pathlib.Path(folder)
    make_project(folder)
    for how, asked in ASKED.items():
        print(how)
        check_commands(folder, asked)
    check_errors(folder)
    with harness.Server(folder) as server:
        check_server(server)
print("ok")
