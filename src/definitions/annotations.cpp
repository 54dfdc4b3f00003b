#include "definitions/sections.hpp"

namespace provender::definitions {

Annotations read_annotations(yaml::MapReader& map) {
  const yaml::Reader& reader = map.reader();
  Annotations about;
  if (auto field = map.find("description")) {
    about.description = reader.any_text(*field).value_or("");
  }
  if (auto field = map.find("owner")) about.owner = reader.any_text(*field).value_or("");
  if (auto field = map.find("tags")) about.tags = yaml::text_map(reader, *field).value_or(Tags{});
  return about;
}

}  // namespace provender::definitions
