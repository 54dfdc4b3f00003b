#include "definitions/python_module.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "definitions/loader.hpp"
#include "definitions/testing/folder.hpp"
#include "model/definitions_json.hpp"

namespace provender::definitions {
namespace {

using testing::Folder;
using ::testing::HasSubstr;
using testing::ScopedVariable;

/// Runs features.py against a package whose definitions.py is `package`.
class PythonModule : public ::testing::Test {
 protected:
  Result<Definitions> load(std::string_view package,
                           std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    packages_.write("provender/__init__.py", "");
    packages_.write("provender/definitions.py", package);
    const ScopedVariable path("PYTHONPATH", packages_.path());
    return load_python_module(file(), project_.path(), limit);
  }

  DefinitionFile file() const {
    return {DefinitionFile::Kind::Python, project_.path() / "features.py", "features.py"};
  }

  Folder project_;
  Folder packages_;
};

/// Prints the file that it is given: the module is the JSON.
constexpr std::string_view kPrintsTheModule = "import sys\nprint(open(sys.argv[1]).read())\n";

Definitions one_view() {
  Definitions definitions;
  definitions.feature_views.push_back(
      {.name = "user_segment",
       .entities = {"user_id"},
       .source = {.text = "data/user_segment.parquet"},
       .features = {{.name = "user_segment", .type = {.kind = Kind::String}}}});
  return definitions;
}

TEST_F(PythonModule, GivesWhatItPrintsLocatedInItsFile) {
  project_.write("features.py", to_json(one_view()));
  const auto definitions = load(kPrintsTheModule).value();
  EXPECT_EQ(definitions, one_view());
  EXPECT_EQ(definitions.feature_views[0].where.file, "features.py");
  EXPECT_EQ(definitions.feature_views[0].source.where.file, "features.py");
}

TEST_F(PythonModule, JoinsTheProjectsOtherFiles) {
  project_.write("provender.yaml", "project: p\ndefinitions: [features.py, user.yaml]\n");
  project_.write("features.py", to_json(one_view()));
  project_.write("user.yaml", "features: {age: {entity: user_id, dtype: int, source: a.csv}}");
  packages_.write("provender/__init__.py", "");
  packages_.write("provender/definitions.py", kPrintsTheModule);
  const ScopedVariable path("PYTHONPATH", packages_.path());
  const auto definitions = load_definitions(load_project(project_.path()).value()).value();
  EXPECT_EQ(definitions.project, "p");
  ASSERT_EQ(definitions.entities.size(), 1U);
  EXPECT_EQ(definitions.entities[0].name, "user_id");
  EXPECT_NE(definitions.feature_view("age"), nullptr);
  EXPECT_NE(definitions.feature_view("user_segment"), nullptr);
}

TEST_F(PythonModule, ShowsTheEndOfItsTraceback) {
  project_.write("features.py", "");
  const auto failed = load(
      "import sys\nfor i in range(99): print('line', i, file=sys.stderr)\nraise ValueError('no "
      "ttl')\n");
  ASSERT_FALSE(failed);
  const std::string message(failed.error().message());
  EXPECT_THAT(message, ::testing::StartsWith("the Python module failed with exit status 1:\n    "));
  EXPECT_TRUE(message.ends_with("ValueError: no ttl")) << message;
  EXPECT_EQ(std::ranges::count(message, '\n'), 12);
}

TEST_F(PythonModule, MustPrintDefinitions) {
  project_.write("features.py", "");
  const auto failed = load("print('hello')");
  ASSERT_FALSE(failed);
  EXPECT_THAT(std::string(failed.error().message()),
              HasSubstr("the Python module did not print definitions: "));
}

TEST_F(PythonModule, IsStoppedWhenItTakesTooLong) {
  project_.write("features.py", "");
  const auto failed = load("import time\ntime.sleep(600)\n", std::chrono::milliseconds(100));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message(),
            "the Python module did not end within 0.1 s, and was stopped");
}

constexpr const char* kNoPackage =
    "a Python module needs the Python package 'provender', which python3 does not find: install it "
    "(python3 -m pip "
    "install provender), or declare in YAML";

TEST_F(PythonModule, NeedsAPackageThatKnowsDefinitions) {
  packages_.write("provender/__init__.py", "");
  const ScopedVariable path("PYTHONPATH", packages_.path());
  const auto failed = load_python_module(file(), project_.path());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message(), kNoPackage);
}

TEST_F(PythonModule, NeedsThePackage) {
  const auto python = packages_.write(
      "python3",
      "#!/bin/sh\necho \"/usr/bin/python3: Error while finding module specification for "
      "'provender.definitions' (ModuleNotFoundError: No module named 'provender')\" >&2\n"
      "exit 1\n");
  std::filesystem::permissions(python, std::filesystem::perms::owner_all);
  const ScopedVariable path("PATH", packages_.path());
  const auto failed = load_python_module(file(), project_.path());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message(), kNoPackage);
}

TEST_F(PythonModule, NeedsPython) {
  const ScopedVariable path("PATH", packages_.path());
  const auto failed = load_python_module(file(), project_.path());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message(),
            "a Python module needs python3, which is not on PATH: install Python 3 (Debian: "
            "apt-get install python3), or "
            "declare in YAML");
}

}  // namespace
}  // namespace provender::definitions
