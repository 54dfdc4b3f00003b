"""Feast's own client reads from Provender: feature_store.yaml says where, the program stays as it is.

    feast_client.py PROVENDER_BIN       in a Python that has feast (make feast)
"""
import datetime
import os
import pathlib
import sys
import tempfile

os.environ["PROVENDER_BIN"] = os.path.abspath(sys.argv[1])
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
import harness

from feast import Entity, FeatureService, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.errors import FeastError
from feast.types import Array, Bool, Bytes, Float32, Float64, Int32, Int64, String, UnixTimestamp

DEFINITIONS = """
entities: {user_id: {type: string}, trip: {keys: {vendor: int32, id: int64}}}
feature_views:
  everything:
    entities: [user_id]
    source: {csv: data.csv, event_timestamp: event_timestamp}
    features: {b: bool, i: int32, l: int64, f: float32, d: float64, s: string, t: timestamp}
  lists:
    entities: [user_id]
    source:
      sql: "SELECT 'a' AS user_id, TIMESTAMP '2026-05-01 00:00:00.25' AS event_timestamp, [1, 2, 3]::BIGINT[] AS ints, ['x', 'y'] AS texts, '\\\\x00\\\\xFF'::BLOB AS raw"
    features: {ints: list<int64>, texts: list<string>, raw: bytes}
  trips:
    entities: [trip]
    source: {sql: "SELECT 1::INTEGER AS vendor, 11::BIGINT AS id, TIMESTAMP '2026-05-01' AS event_timestamp, 3.5::DOUBLE AS fare"}
    features: {fare: float64}
feature_services:
  model: {features: ["everything:i", "everything:s"]}
"""
DATA = """user_id,event_timestamp,b,i,l,f,d,s,t
a,2026-05-01 00:00:00,true,-7,9223372036854775807,0.1,5.0,é,2026-05-01 12:00:00
b,2026-05-02 00:00:00,,,,,,,
"""


def make_project(folder):
    (folder / "provender.yaml").write_text("project: feast_reads\ndefinitions: [features.yaml]\n")
    (folder / "features.yaml").write_text(DEFINITIONS)
    (folder / "data.csv").write_text(DATA)
    harness.run(folder, "apply", "--yes")
    harness.run(folder, "materialize")


def feast_store(folder, url, **online):
    """A Feast repository that declares the same views; what it reads is decided by one URL."""
    (folder / "feature_store.yaml").write_text(
        "project: feast_reads\nregistry: registry.db\nprovider: local\nentity_key_serialization_version: 3\n"
        f"offline_store: {{type: file}}\nonline_store: {{type: remote, path: '{url}', connection_retries: 1}}\n")
    store = FeatureStore(str(folder))
    user = Entity(name="user_id", join_keys=["user_id"], value_type=ValueType.STRING)
    vendor = Entity(name="vendor", join_keys=["vendor"], value_type=ValueType.INT32)
    trip_id = Entity(name="trip_id", join_keys=["id"], value_type=ValueType.INT64)
    source = lambda name: FileSource(name=name, path=str(folder / f"{name}.parquet"), timestamp_field="event_timestamp")

    def view(name, entities, **types):
        return FeatureView(name=name, entities=entities, source=source(name), online=True, ttl=datetime.timedelta(0),
                           schema=[Field(name=e.join_key, dtype={"user_id": String, "vendor": Int32, "id": Int64}[e.join_key])
                                   for e in entities] + [Field(name=n, dtype=t) for n, t in types.items()])

    everything = view("everything", [user], b=Bool, i=Int32, l=Int64, f=Float32, d=Float64, s=String, t=UnixTimestamp)
    lists = view("lists", [user], ints=Array(Int64), texts=Array(String), raw=Bytes)
    trips = view("trips", [vendor, trip_id], fare=Float64)
    for thing in (user, vendor, trip_id):
        store.registry.apply_entity(thing, "feast_reads", commit=False)
    for thing in (everything, lists, trips):
        store.registry.apply_feature_view(thing, "feast_reads", commit=False)
    store.registry.apply_feature_service(FeatureService(name="model", features=[everything[["i", "s"]]]), "feast_reads", commit=True)
    return store


def check_reads(store):
    names = ["b", "i", "l", "f", "d", "s", "t"]
    reply = store.get_online_features(features=[f"everything:{n}" for n in names],
                                      entity_rows=[{"user_id": u} for u in ("a", "b", "nobody", "a")])
    got = reply.to_dict()
    assert list(got) == ["user_id", *names], list(got)
    assert got["user_id"] == ["a", "b", "nobody", "a"], got
    noon = int(datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.timezone.utc).timestamp())
    for name, value in zip(names, [True, -7, 2**63 - 1, 0.10000000149011612, 5.0, "é", noon]):
        assert got[name] == [value, None, None, value], (name, got[name])
    statuses = [[s for s in vector.statuses] for vector in reply.proto.results]
    assert statuses[0] == [1, 1, 1, 1] and statuses[1] == [1, 3, 2, 1] or statuses[1] == [1, 2, 3, 1], statuses
    assert store.get_online_features(features=["lists:ints", "lists:texts", "lists:raw"], entity_rows=[{"user_id": "a"}]).to_dict() == {
        "user_id": ["a"], "ints": [[1, 2, 3]], "texts": [["x", "y"]], "raw": ["AP8="]}


def check_forms(store):
    service = store.get_feature_service("model")
    got = store.get_online_features(features=service, entity_rows=[{"user_id": "a"}]).to_dict()
    assert got == {"user_id": ["a"], "i": [-7], "s": ["é"]}, got
    got = store.get_online_features(features=["everything:i"], entity_rows=[{"user_id": "a"}], full_feature_names=True).to_dict()
    assert got == {"user_id": ["a"], "everything__i": [-7]}, got
    got = store.get_online_features(features=["trips:fare"], entity_rows=[{"vendor": 1, "id": 11}, {"vendor": 11, "id": 1}]).to_dict()
    assert got == {"vendor": [1, 11], "id": [11, 1], "fare": [3.5, None]}, got


def check_low_level(store):
    """online_read, which older SDKs call for each view."""
    from feast.protos.feast.types.EntityKey_pb2 import EntityKey
    from feast.protos.feast.types.Value_pb2 import Value
    key = EntityKey(join_keys=["user_id"], entity_values=[Value(string_val="a")])
    view = store.get_feature_view("lists")
    rows = store._get_provider().online_store.online_read(store.config, view, [key], ["ints"])
    time, values = rows[0]
    assert list(values["ints"].int64_list_val.val) == [1, 2, 3], rows
    assert time == datetime.datetime(2026, 5, 1, 0, 0, 0, 250000, tzinfo=datetime.timezone.utc), time


def check_errors(store):
    """The classes of Feast's errors, from the server's text."""
    from feast.infra.online_stores.remote import get_remote_online_features
    for body, name, words in [
            ({"entities": {"user_id": ["a"]}, "features": ["nothing:x"]}, "FeatureViewNotFoundException", "nothing"),
            ({"entities": {"user_id": ["a"]}, "feature_service": "modle"}, "FeatureServiceNotFoundException", "modle"),
            ({"entities": {"user_id": [1]}, "features": ["everything:i"]}, "FeastError", "user_id"),
            ({"entities": {"user": ["a"]}, "features": ["everything:i"]}, "FeastError", "user_id")]:
        try:
            get_remote_online_features(config=store.config, req_body=body)
            raise AssertionError(f"no error for {body}")
        except FeastError as error:
            assert type(error).__name__ == name and words in str(error), (body, type(error), str(error))


with tempfile.TemporaryDirectory(prefix="provender-feast-") as top:
    project = pathlib.Path(top) / "project"
    repository = pathlib.Path(top) / "feast"
    project.mkdir()
    repository.mkdir()
    make_project(project)
    with harness.Server(project) as server:
        store = feast_store(repository, f"http://127.0.0.1:{server.port}")
        check_reads(store)
        check_forms(store)
        check_low_level(store)
        check_errors(store)
print("ok")
