"""tools/bootstrap takes only what has the right hash, needs no network twice, and says what it cannot do.

It runs in a folder of its own, with packages and downloads played by small programs found first in PATH.
"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parent.parent
MARKER = "network used"


class Bootstrap(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.deps = self.root / "build" / "deps"
        (self.root / "tools").mkdir()
        shutil.copy(ROOT / "tools" / "bootstrap", self.root / "tools")
        self.program("dpkg-query", 'for last; do [[ $last == -* ]] || echo "installed $last"; done')
        self.program("apt-get", "exit 0")
        # python3 -m venv FOLDER: a Python whose pip download leaves the source packages in the folder asked for.
        self.program("python3", rf'''
            mkdir -p "$3/bin"
            printf '#!/bin/bash\necho "{MARKER}" >&2; while [[ $1 != -d ]]; do shift; done; cp {self.root}/sdist/* "$2"\n' >"$3/bin/python"
            chmod +x "$3/bin/python"''')
        # npm pack … --pack-destination FOLDER …: the package that carries libduckdb.so
        self.program("npm", f'echo "{MARKER}" >&2; while [[ $1 != --pack-destination ]]; do shift; done; cp {self.root}/node/* "$2"')
        self.expect("duckdb/snappy", self.source_package("header"))
        self.expect("nanoarrow", self.nanoarrow_package("sources"))
        self.node_package("library")
        self.expect("duckdb/include/duckdb.h", "header")
        self.expect("duckdb/LICENSE", "licence")
        for machine in ("x64", "arm64"):
            self.expect(f"duckdb/lib/libduckdb.so/{machine}", "library")

    def program(self, name, text):
        path = self.root / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/bash\n" + text + "\n")
        path.chmod(0o755)

    def archive(self, archive, files):
        for file, text in files.items():
            path = self.root / "content" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        archive.parent.mkdir(exist_ok=True)
        subprocess.run(["tar", "-czf", archive, "-C", self.root / "content", *files], check=True)

    def source_package(self, header, snappy="snappy"):
        """Makes DuckDB's source package; returns the names and hashes of what is to be taken of snappy."""
        top = "duckdb-1.5.5/external/duckdb"
        self.archive(self.root / "sdist" / "duckdb-1.5.5.tar.gz",
                     {f"{top}/src/include/duckdb.h": header, f"{top}/LICENSE": "licence",
                      f"{top}/third_party/snappy/LICENSE": snappy, f"{top}/third_party/snappy/snappy.cc": snappy})
        return self.hashes(snappy, ["./LICENSE", "./snappy.cc"])

    @staticmethod
    def hashes(text, places):
        return "".join(f"{hashlib.sha256(text.encode()).hexdigest()}  {place}\n" for place in places)

    def nanoarrow_package(self, sources):
        """Makes nanoarrow's source package; returns the names and hashes of what is to be taken of it."""
        top = "nanoarrow-0.9.0/subprojects"
        arrow, flatcc = f"{top}/arrow-nanoarrow/src", f"{top}/flatcc-fd3c4ae5cd39f0651eda6a3a1a374278070135d6"
        wanted = [f"{arrow}/nanoarrow/{file}" for file in
                  ("nanoarrow.h", "nanoarrow_ipc.h", "nanoarrow_config.h.in", "common/array.c", "ipc/reader.c")]
        wanted += [f"{flatcc}/{file}" for file in
                   ("LICENSE", "NOTICE", "include/flatcc/flatcc.h", "src/runtime/builder.c", "src/runtime/emitter.c",
                    "src/runtime/refmap.c", "src/runtime/verifier.c")]
        unwanted = [f"{arrow}/nanoarrow/common/array_test.cc", f"{flatcc}/src/runtime/json_parser.c"]
        self.archive(self.root / "sdist" / "nanoarrow-0.9.0.tar.gz", {file: sources for file in wanted + unwanted})
        places = sorted(file.replace(f"{arrow}/", "./").replace(flatcc, "./flatcc") for file in wanted)
        return self.hashes(sources, places)

    def node_package(self, library):
        for machine in ("x64", "arm64"):
            self.archive(self.root / "node" / f"duckdb-node-bindings-linux-{machine}-1.5.5-r.5.tgz",
                         {"package/libduckdb.so": library})

    def expect(self, file, text):
        """Make the script expect this content of a file."""
        script = self.root / "tools" / "bootstrap"
        line = f"[{file}]="
        changed, count = re.subn(re.escape(line) + "[0-9a-f]{64}", line + hashlib.sha256(text.encode()).hexdigest(),
                                 script.read_text())
        self.assertEqual(1, count)
        script.write_text(changed)

    def bootstrap(self, *parts):
        return subprocess.run([self.root / "tools" / "bootstrap", *parts], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}"})

    def test_gets_what_is_missing_once(self):
        first = self.bootstrap()
        self.assertEqual(0, first.returncode, first.stderr)
        self.assertIn(MARKER, first.stderr)
        self.assertEqual("library", (self.deps / "duckdb/lib/libduckdb.so").read_text())
        self.assertEqual(["duckdb", "nanoarrow"], sorted(os.listdir(self.deps)))
        self.assertEqual("sources", (self.deps / "nanoarrow/nanoarrow/ipc/reader.c").read_text())
        second = self.bootstrap()
        self.assertEqual((0, ""), (second.returncode, second.stderr))

    def test_refuses_and_removes_a_library_with_another_hash(self):
        self.node_package("something else")
        run = self.bootstrap()
        self.assertEqual(1, run.returncode)
        self.assertIn("refused duckdb/lib/libduckdb.so: sha256 is " + hashlib.sha256(b"something else").hexdigest(),
                      run.stderr)
        self.assertEqual([], [str(path) for path in self.deps.rglob("*libduckdb*")])

    def test_refuses_a_header_with_another_hash(self):
        self.source_package("something else")
        run = self.bootstrap()
        self.assertEqual(1, run.returncode)
        self.assertIn("refused duckdb/include/duckdb.h", run.stderr)

    def test_refuses_snappy_with_another_hash(self):
        self.source_package("header", "something else")
        run = self.bootstrap()
        self.assertEqual(1, run.returncode)
        self.assertIn("refused duckdb/snappy: sha256 is ", run.stderr)

    def test_refuses_sources_with_another_hash(self):
        self.nanoarrow_package("something else")
        run = self.bootstrap()
        self.assertEqual(1, run.returncode)
        self.assertIn("refused nanoarrow: sha256 is ", run.stderr)
        self.assertEqual(["duckdb"], os.listdir(self.deps))

    def test_replaces_a_file_that_was_damaged(self):
        self.bootstrap()
        library = self.deps / "duckdb/lib/libduckdb.so"
        source = self.deps / "nanoarrow/nanoarrow/common/array.c"
        library.write_text("librarx")
        source.write_text("sourcex")
        self.assertEqual(0, self.bootstrap().returncode)
        self.assertEqual("library", library.read_text())
        self.assertEqual("sources", source.read_text())

    def test_replaces_sources_of_which_one_is_gone(self):
        self.bootstrap()
        source = self.deps / "nanoarrow/flatcc/src/runtime/emitter.c"
        source.unlink()
        self.assertEqual(0, self.bootstrap().returncode)
        self.assertEqual("sources", source.read_text())

    def test_installs_the_missing_packages_and_no_others(self):
        self.program("dpkg-query", 'for last; do [[ $last == -* || $last == mold ]] || echo "installed $last"; done')
        self.program("apt-get", f'echo "$@" >>{self.root}/apt')
        self.program("sudo", '"$@"')
        run = self.bootstrap("test")
        self.assertEqual(0, run.returncode, run.stderr)
        self.assertEqual(["update -q", "install -q -y --no-install-recommends mold"],
                         [line.split("=120 ")[1] for line in (self.root / "apt").read_text().splitlines()])

    def python_packages(self, pip):
        """Python's packages that are wanted, and what its pip does."""
        (self.root / "tests" / "http").mkdir(parents=True)
        (self.root / "tests" / "http" / "requirements.txt").write_text("one==1.0\n")
        self.program("python3", f"""
            mkdir -p "$3/bin"
            printf '#!/bin/bash\\n{pip}\\n' >"$3/bin/python"
            chmod +x "$3/bin/python\"""")

    def test_gets_packages_of_python_once(self):
        self.python_packages(f"echo {MARKER} >&2")
        self.assertIn(MARKER, self.bootstrap("api").stderr)
        self.assertEqual("one==1.0\n", (self.deps / "schema-python/requirements.txt").read_text())
        second = self.bootstrap("api")
        self.assertEqual((0, ""), (second.returncode, second.stderr))

    def test_says_which_packages_of_python_are_not_to_be_had(self):
        self.python_packages("exit 1")
        for _ in range(2):
            run = self.bootstrap("api")
            self.assertEqual(1, run.returncode)
            self.assertIn("what tests/http/requirements.txt names could not be installed", run.stderr)

    def test_names_the_parts_when_it_knows_none_of_that_name(self):
        run = self.bootstrap("everything")
        self.assertEqual(1, run.returncode)
        self.assertIn("no part named 'everything'; there are: build test lint", run.stderr)


if __name__ == "__main__":
    unittest.main()
