#include "conformance/whole_rows.hpp"

#include <string>
#include <utility>
#include <vector>

#include "codec/row_codec.hpp"
#include "codec/value_columns.hpp"
#include "online/testing/forwarding_store.hpp"

namespace provender::online {
namespace {

constexpr Type kBytes{.kind = Kind::Bytes};

RowSchema schema() {
  return {.id = 1, .fields = {{.id = 1, .type = kBytes}}};
}

/// What the suites wrote, as a whole row. What has no order bytes stays as it is.
Result<std::string> whole(std::string_view key, std::string_view row) {
  if (row.size() < codec::kOrderSize) return std::string(row);
  const std::vector<std::pair<Type, Value>> cells = {
      {kBytes, {Bytes{std::string(row.substr(codec::kOrderSize))}}}};
  const codec::ValueRow values(cells);
  std::string out;
  auto encoded =
      codec::RowEncoder(schema()).encode(key, codec::read_order(row), values.columns(), 0, out);
  if (!encoded) return std::move(encoded).error();
  return out;
}

/// And back.
std::string part_of(std::string_view key, std::string_view row) {
  if (row.empty() || !codec::read_header(key, row)) return std::string(row);
  const auto value = codec::RowLayout(schema()).read(row, 0);
  return std::string(row.substr(0, codec::kOrderSize))
      .append(value ? value->get<std::string_view>() : "?");
}

/// A read that is under way.
struct Pending {
  std::span<const Lookup> lookups;
  ReadDone done;

  void answer(Result<std::span<const std::string_view>> rows) {
    if (!rows) return done(std::move(rows).error());
    std::vector<std::string> parts;
    for (const Lookup& lookup : lookups) {
      for (std::size_t i = 0; i < lookup.store_ids.size(); ++i) {
        parts.push_back(part_of(lookup.key, (*rows)[parts.size()]));
      }
    }
    const std::vector<std::string_view> views(parts.begin(), parts.end());
    done(std::span<const std::string_view>(views));
  }
};

ReadDone in_parts(std::span<const Lookup> lookups, ReadDone done) {
  return [pending = Pending{.lookups = lookups, .done = std::move(done)}](
             Result<std::span<const std::string_view>> rows) mutable {
    pending.answer(std::move(rows));
  };
}

class PartReader final : public RowReader {
 public:
  explicit PartReader(std::unique_ptr<RowReader> reader) : reader_(std::move(reader)) {}
  void read(std::span<const Lookup> lookups, ReadDone done) override {
    reader_->read(lookups, in_parts(lookups, std::move(done)));
  }

 private:
  std::unique_ptr<RowReader> reader_;
};

class WholeRows final : public ForwardingStore<OnlineStore> {
 public:
  using ForwardingStore::ForwardingStore;

  void read(std::span<const Lookup> lookups, ReadDone done) override {
    store_->read(lookups, in_parts(lookups, std::move(done)));
  }
  std::unique_ptr<RowReader> reader_on(EventLoop& loop) override {
    return std::make_unique<PartReader>(store_->reader_on(loop));
  }
  Result<WriteResult> write(std::span<const WriteRow> rows) override {
    std::vector<std::string> bytes;
    for (const WriteRow& row : rows) {
      auto made = whole(row.key, row.row);
      if (!made) return std::move(made).error();
      bytes.push_back(*std::move(made));
    }
    std::vector<WriteRow> made(rows.begin(), rows.end());
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i].row = bytes[i];
    }
    return store_->write(made);
  }
};

}  // namespace

std::shared_ptr<const RowNames> conformance_names() {
  auto names = std::make_shared<RowNames>();
  for (const std::uint32_t set : {1U, 2U, 3U}) {
    names->entity_sets[set] = {.entity = "set" + std::to_string(set),
                               .keys = {Type{.kind = Kind::Int64}}};
  }
  names->entity_sets[4] = {.entity = "text", .keys = {kBytes}};
  for (const std::uint32_t id : {3U, 7U, 8U, 9U, 12U}) {
    names->views[id] = {.name = "view" + std::to_string(id),
                        .features = {{1, "feature" + std::to_string(id)}}};
  }
  names->schemas.emplace(
      1, RowNames::Schema{.schema = schema(), .layout = codec::RowLayout(schema())});
  return names;
}

std::unique_ptr<OnlineStore> with_whole_rows(std::unique_ptr<OnlineStore> store) {
  return std::make_unique<WholeRows>(std::move(store));
}

}  // namespace provender::online
