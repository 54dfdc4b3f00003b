"""Requests made from /openapi.json: none may be a 5xx, and each reply must be as the document says.

    fuzz_api.py PROVENDER_BIN [EXAMPLES]     in a Python that has schemathesis (make fuzz-api)
"""
import os
import pathlib
import subprocess
import sys

os.environ["PROVENDER_BIN"] = os.path.abspath(sys.argv[1])
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
import harness

CHECKS = "not_a_server_error,response_schema_conformance,status_code_conformance,content_type_conformance,response_headers_conformance"

with harness.temporary_folder() as folder:
    folder = harness.copy_example("quickstart", pathlib.Path(folder))
    harness.run(folder, "apply", "--yes")
    harness.run(folder, "materialize")
    with harness.Server(folder) as server:
        tool = pathlib.Path(sys.executable).parent / "schemathesis"
        done = subprocess.run([tool, "run", f"http://127.0.0.1:{server.port}/openapi.json", "--checks", CHECKS,
                               "--max-examples", sys.argv[2] if len(sys.argv) > 2 else "300"])
sys.exit(done.returncode)
