"""What schemathesis needs to know of us: NDJSON and CSV bodies, and the key that stands in a path."""
import json
import os

import schemathesis


# The document calls these bodies texts. What is generated as no text is sent as what is neither.
@schemathesis.serializer("application/x-ndjson", "text/csv")
def text(context, value):
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    return b"\xff\"" + json.dumps(value).encode()


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if path_parameters and "sdk_key" in path_parameters:
        path_parameters["sdk_key"] = os.environ["SDK_KEY"]
    return path_parameters
