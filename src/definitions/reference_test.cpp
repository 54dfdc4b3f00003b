// docs/reference/yaml.md: every example in it loads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fs.hpp"
#include "definitions/loader.hpp"
#include "definitions/testing/folder.hpp"

namespace provender::definitions {
namespace {

using testing::Folder;

/// The texts between "```yaml" and "```".
std::vector<std::string> yaml_blocks(std::string_view page) {
  constexpr std::string_view kBegin = "```yaml\n";
  std::vector<std::string> blocks;
  for (auto at = page.find(kBegin); at != std::string_view::npos; at = page.find(kBegin, at)) {
    at += kBegin.size();
    blocks.emplace_back(page.substr(at, page.find("```", at) - at));
  }
  return blocks;
}

TEST(YamlReference, HasExamplesThatLoad) {
  const auto blocks = yaml_blocks(read_file(PROVENDER_YAML_REFERENCE).value());
  ASSERT_GE(blocks.size(), 3U);
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    const Folder folder;
    const bool is_project = blocks[i].starts_with("project:");
    folder.write("provender.yaml", is_project ? blocks[i] : blocks[0]);
    if (!is_project) folder.write("features/example.yaml", blocks[i]);
    const auto config = load_project(folder.path());
    ASSERT_TRUE(config) << config.error().message();
    if (is_project) continue;
    const auto definitions = load_definitions(*config);
    EXPECT_TRUE(definitions) << definitions.error().message() << "\n" << blocks[i];
  }
}

}  // namespace
}  // namespace provender::definitions
