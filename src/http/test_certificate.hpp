#pragma once

#include <filesystem>
#include <string>

#include "http/server.hpp"

namespace provender::http::test {

/// A folder of its own that is gone with the object.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Writes a new key, and a certificate for it that it signed itself, for `name`, good for a day.
void write_certificate(const TlsFiles& files,
                       const std::string& name,
                       const std::string& password = "");

}  // namespace provender::http::test
