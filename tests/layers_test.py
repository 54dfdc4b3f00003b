"""tools/check_layers.py finds what it is there to find: each rule is broken once in a repository made for it."""
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tools"))
import check_layers  # noqa: E402


class Layers(unittest.TestCase):
    def problems(self, **files):
        """What is wrong in a repository with these files; a name's __ stands for / and its last _ for a dot."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                path = root / ".".join(name.replace("__", "/").rsplit("_", 1))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return list(check_layers.problems(root))

    def test_accepts_what_the_table_allows(self):
        self.assertEqual([], self.problems(
            src__model__a_hpp='#include <vector>\n#include "base/b.hpp"\n#include "provender/error.hpp"\n',
            src__online__lmdb__store_cpp='#include <lmdb.h>\n#include <fmt/format.h>\n',
            include__provender__error_hpp='#include <string>\n#include "provender/export.hpp"\n'))

    def test_finds_an_include_upward(self):
        self.assertEqual(["src/serving/a.cpp: serving may not include offline/b.hpp"],
                         self.problems(src__serving__a_cpp='#include "offline/b.hpp"\n'))

    def test_knows_the_single_headers_that_are_allowed_besides(self):
        self.assertEqual(["src/cli/b.cpp: cli may not include server/routes.hpp"],
                         self.problems(src__cli__a_cpp='#include "server/serve.hpp"\n',
                                       src__cli__b_cpp='#include "server/routes.hpp"\n'))

    def test_allows_some_headers_to_tests_alone(self):
        self.assertEqual(["src/materialize/a.hpp: materialize may not include serving/reader.hpp"],
                         self.problems(src__materialize__a_hpp='#include "serving/reader.hpp"\n',
                                       src__materialize__a_test_cpp='#include "serving/reader.hpp"\n'))

    def test_finds_a_vendor_outside_its_folder(self):
        self.assertEqual(["src/offline/sql.cpp: only src/offline/duckdb/ may include duckdb.h"],
                         self.problems(src__offline__sql_cpp="#include <duckdb.h>\n"))

    def test_finds_fmt_in_a_header(self):
        self.assertEqual(["src/base/a.hpp: fmt/format.h belongs in .cpp files only"],
                         self.problems(src__base__a_hpp="#include <fmt/format.h>\n"))

    def test_finds_a_header_that_is_not_named_from_the_top(self):
        self.assertEqual(['src/base/a.cpp: "a.hpp" names no module; our own headers are named from src/ or include/'],
                         self.problems(src__base__a_cpp='#include "a.hpp"\n'))

    def test_finds_a_folder_that_is_no_module(self):
        found = self.problems(src__utils__a_cpp="")
        self.assertEqual(1, len(found))
        self.assertIn("src/utils/a.cpp: its folder is no module", found[0])

    def test_finds_a_public_header_that_shows_the_inside(self):
        self.assertEqual(
            ["include/provender/a.hpp: a public header includes only public and standard headers, not base/fs.hpp",
             "include/provender/b.hpp: a public header includes only public and standard headers, not fmt/format.h"],
            self.problems(include__provender__a_hpp='#include "base/fs.hpp"\n',
                          include__provender__b_hpp="#include <fmt/format.h>\n"))

    def test_finds_headers_that_include_each_other(self):
        found = self.problems(src__base__a_hpp='#include "base/b.hpp"\n', src__base__b_hpp='#include "base/a.hpp"\n')
        self.assertEqual(1, len(found))
        self.assertRegex(found[0], r"circle: .*base/[ab]\.hpp <- base/[ab]\.hpp")

    def test_has_a_table_without_circles(self):
        self.assertIsNone(check_layers.circle(check_layers.ALLOWED))
        self.assertIsNotNone(check_layers.circle({"base": {"model"}, "model": {"base"}}))

    def test_passes_this_repository(self):
        self.assertEqual([], list(check_layers.problems(ROOT)))


if __name__ == "__main__":
    unittest.main()
