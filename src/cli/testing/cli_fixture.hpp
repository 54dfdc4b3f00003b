#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli.hpp"
#include "cli/testing/fake_console.hpp"
#include "cli/testing/fake_store.hpp"

namespace provender::cli {

inline Timestamp at(std::string_view text) {
  return parse_timestamp(text).value();
}

/// A command line in a project whose store is a FakeStore; the clock stands at noon of 2026-05-08.
class Cli : public testing::Test {
 public:
  FakeData data;
  FakeConsole console;
  Services services{
      .init_project = [](const std::filesystem::path&) { return Result<>(); },
      .find_project = [](const std::filesystem::path&) -> Result<std::filesystem::path> {
        return "/projects/streaming";
      },
      .open_store = [this](const OpenOptions& options) -> Result<std::unique_ptr<FeatureStore>> {
        opened = options.project;
        opened_to_read = options.read_only;
        return make_fake_store(data);
      },
      .serve = {}};
  ManualClock clock{at("2026-05-08T12:00:00Z")};
  std::stop_source stop;
  std::filesystem::path opened;
  bool opened_to_read = false;

  Cli() { data.now = clock.now(); }

  /// Runs a command line; what an earlier one wrote is forgotten.
  int run(const std::vector<std::string>& words) {
    console.written_out.clear();
    console.written_err.clear();
    return cli::run(words, services, console, clock, stop.get_token());
  }
  const std::string& out() const { return console.written_out; }
  const std::string& err() const { return console.written_err; }
};

}  // namespace provender::cli
