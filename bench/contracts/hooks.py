"""What schemathesis needs to know of us: NDJSON and CSV bodies, and the key that stands in a path."""
import json
import os

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    rows = value if isinstance(value, list) else [value]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@schemathesis.serializer("text/csv")
def table(context, value):
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if path_parameters and "sdk_key" in path_parameters:
        path_parameters["sdk_key"] = os.environ["SDK_KEY"]
    return path_parameters
