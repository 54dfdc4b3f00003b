"""Answers against the formula that made the data: every value, status and event timestamp, as each form writes them."""
import datetime
import io

import data

NEVER = "1970-01-01T00:00:00Z"


class Wrong(Exception):
    """An answer that is not what the formula says."""


def expect(what, got, expected):
    if got != expected or type(got) is not type(expected):
        raise Wrong(f"{what}: {got!r} is not {expected!r}")


def cell(k, entities, number, kind):
    """(value, status, event timestamp) of a feature; an entity past the last is not there."""
    if k >= entities:
        return None, "NOT_FOUND", None
    value = data.value(k, number, kind)
    return value, "PRESENT" if value is not None else "NULL_VALUE", data.event_time(k, number)


def text_of_time(time, digits=""):
    return time.strftime(f"%Y-%m-%dT%H:%M:%S{digits}Z")


def short(answer, case, ks, entities):
    expected = {}
    for name, number, kind in data.SERVICES[case.service]:
        value, _, _ = cell(ks[0], entities, number, kind)
        expected[name] = text_of_time(value, ".000000") if isinstance(value, datetime.datetime) else value
    expect("the answer", answer, {data.KEYS[case.service]: data.key(ks[0]), "features": expected})


def columns(answer, case, ks, entities):
    features = data.SERVICES[case.service]
    expect("names", answer["metadata"]["feature_names"], [data.KEYS[case.service], *(name for name, _, _ in features)])
    keys, *results = answer["results"]
    expect("keys", keys["values"], [data.key(k) for k in ks])
    for (name, number, kind), result in zip(features, results, strict=True):
        cells = [cell(k, entities, number, kind) for k in ks]
        times = [text_of_time(time) if time else NEVER for _, _, time in cells]
        values = [int(v.timestamp()) if isinstance(v, datetime.datetime) else v for v, _, _ in cells]
        expect(f"statuses of {name}", result["statuses"], [status for _, status, _ in cells])
        expect(f"times of {name}", result["event_timestamps"], times)
        for k, got, value in zip(ks, result["values"], values, strict=True):
            expect(f"{name} of {data.key(k)}", got, value)


def arrow(body, case, ks, entities):
    import pyarrow.ipc

    table = pyarrow.ipc.open_stream(io.BytesIO(body)).read_all()
    expect("keys", table[data.KEYS[case.service]].to_pylist(), [data.key(k) for k in ks])
    for name, number, kind in data.SERVICES[case.service]:
        told = [table[column].to_pylist() for column in (name, f"{name}__status", f"{name}__event_timestamp")]
        for k, *got in zip(ks, *told, strict=True):
            for what, one, expected in zip(("value", "status", "time"), got, cell(k, entities, number, kind), strict=True):
                expect(f"{what} of {name} of {data.key(k)}", one, expected)


def shown(text, ks, entities):
    """What in_process shows: a line an entity, "STATUS text" a value."""
    for k, line in zip(ks, text.splitlines(), strict=True):
        for (name, number, kind), got in zip(data.SERVICES["fifty"], line.split("\t"), strict=True):
            value, status, _ = cell(k, entities, number, kind)
            if isinstance(value, datetime.datetime):
                value = text_of_time(value)
            text = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            expect(f"{name} of {data.key(k)}", got, f"{status} {text}")
