#include "provender/project.hpp"

#include "definitions/init.hpp"
#include "definitions/project.hpp"

namespace provender {

Result<> init_project(const std::filesystem::path& folder) {
  return definitions::init_project(folder);
}

Result<std::filesystem::path> find_project(const std::filesystem::path& start) {
  return definitions::find_project(start);
}

}  // namespace provender
