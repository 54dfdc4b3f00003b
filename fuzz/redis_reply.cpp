#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "codec/row_codec.hpp"
#include "online/redis/layout.hpp"
#include "online/redis/resp.hpp"
#include "online/redis/topology.hpp"

// What a server that says it is Redis sends: the first byte is where the stream is cut, the rest is
// the stream. Each reply is taken for the answer to every question that we ask.
namespace {

using namespace provender;
using namespace provender::online;

constexpr std::uint32_t kView = 3;
constexpr std::uint32_t kSchema = 7;

/// A view with a feature of each type.
std::shared_ptr<const RowNames> make_names() {
  auto names = std::make_shared<RowNames>();
  names->entity_sets[1] = {.entity = "user_id", .keys = {{.kind = Kind::String}}};
  RowSchema schema{.id = kSchema, .fields = {}};
  for (std::uint16_t i = 0; i < 16; ++i) {
    const Type type{.kind = static_cast<Kind>(1 + i % 8), .is_list = i >= 8};
    schema.fields.push_back({.id = static_cast<std::uint16_t>(i + 1), .type = type});
    names->views[kView].features[static_cast<std::uint16_t>(i + 1)] =
        std::string(1, static_cast<char>('a' + i));
  }
  names->views[kView].name = "v";
  names->schemas.emplace(kSchema,
                         RowNames::Schema{.schema = schema, .layout = codec::RowLayout(schema)});
  return names;
}

/// A row made of JSON is one that the codec reads, whatever the JSON was.
void check_made(const redis::FoundRows& found, const RowNames& names, std::string_view key) {
  for (const std::string_view row : found.rows) {
    if (row.empty() || row == redis::kUnreadable) continue;
    const auto header = codec::read_header(key, row);
    if (!header || header->schema_id != kSchema) std::abort();
    const RowNames::Schema& known = names.schemas.at(kSchema);
    for (std::size_t slot = 0; slot < known.schema.fields.size(); ++slot) {
      const auto value = known.layout.read(row, slot);
      if (!value) std::abort();
      static_cast<void>(to_value(*value));  // touches every byte that the view names
    }
  }
}

void take(const redis::Reply& reply) {
  static const auto names = make_names();
  static const auto load = [] { return Result<std::shared_ptr<const RowNames>>(names); };
  static const auto json = redis::make_json_layout("", load);
  static const auto packed = redis::make_packed_layout("", /*is_cluster=*/false);
  static const RedisAddress asked{.host = "localhost", .port = 6379};
  constexpr std::string_view kKey = "key";
  constexpr std::array kIds{kView};
  const Lookup lookup{.entity_set = 1, .key = kKey, .store_ids = kIds};

  static_cast<void>(redis::parse_slots(reply, asked).has_value());
  if (reply.is_error()) static_cast<void>(redis::parse_redirection(reply.text(), asked));
  redis::FoundRows found;
  if (json->found({.lookup = lookup, .reply = reply, .names = names.get()}, found)) {
    if (found.rows.size() != kIds.size()) std::abort();
    check_made(found, *names, kKey);
  }
  found.clear();
  if (packed->found({.lookup = lookup, .reply = reply, .names = nullptr}, found)) {
    if (found.rows.size() != kIds.size()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = std::min<std::size_t>(data[0], stream.size());
  const auto reader = redis::ReplyReader::make();
  if (!reader) return 0;
  for (const std::string_view part : {stream.substr(0, cut), stream.substr(cut)}) {
    if (!(*reader)->feed(part)) return 0;
    auto more = (*reader)->next();
    for (; more && *more; more = (*reader)->next()) {
      take((*reader)->reply());
    }
    if (!more) return 0;
  }
  return 0;
}
