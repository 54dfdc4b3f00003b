#include "materialize/view_cursor.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/try.hpp"
#include "codec/key_codec.hpp"

namespace provender::materialize {
namespace {

std::string origin_of(const FeatureView& view) {
  const bool is_sql = view.source.kind == Source::Kind::Sql;
  return fmt::format("feature view '{}', source {}",
                     view.name,
                     is_sql ? "SQL" : fmt::format("'{}'", view.source.text));
}

}  // namespace

Result<std::unique_ptr<ViewCursor>> ViewCursor::open(Input input) {
  const std::size_t first_feature = join_keys(input.definitions, input.view).size() + 2;
  std::vector<std::size_t> columns;
  for (const RowSchema::Field& field : input.schema.fields) {
    auto feature = std::ranges::find_if(input.view.features, [&](const Feature& candidate) {
      auto id = input.generation.fields.find(candidate.name);
      return id != input.generation.fields.end() && id->second == field.id;
    });
    if (feature == input.view.features.end()) {
      return Error(ErrorCode::Internal,
                   fmt::format("schema {} of feature view {} has field {}, which no feature has",
                               input.schema.id,
                               input.view.name,
                               field.id));
    }
    columns.push_back(first_feature +
                      static_cast<std::size_t>(feature - input.view.features.begin()));
  }
  return std::unique_ptr<ViewCursor>(new ViewCursor(std::move(input), std::move(columns)));
}

ViewCursor::ViewCursor(Input input, std::vector<std::size_t> field_columns)
    : reader_(std::move(input.reader)),
      origin_(origin_of(input.view)),
      encoder_(input.schema),
      key_parts_(join_keys(input.definitions, input.view).size()),
      field_columns_(std::move(field_columns)),
      store_id_(input.generation.store_id),
      entity_set_(input.generation.entity_set) {}

Result<bool> ViewCursor::next() {
  if (at_ + 1 < key_ends_.size()) {
    ++at_;
    return true;
  }
  while (true) {
    PROVENDER_ASSIGN(const auto batch, reader_->next());
    if (!batch) return false;
    if (batch->rows == 0) continue;
    if (auto encoded = encode(*batch); !encoded) return std::move(encoded).error().within(origin_);
    at_ = 0;
    return true;
  }
}

Result<> ViewCursor::encode(const BatchView& batch) {
  keys_.clear();
  rows_.clear();
  key_ends_.clear();
  row_ends_.clear();
  std::vector<ColumnView> fields;
  for (const std::size_t column : field_columns_) {
    fields.push_back(batch.columns[column]);
  }
  for (std::size_t row = 0; row < batch.rows; ++row) {
    PROVENDER_TRY(encode_row(batch, fields, row));
  }
  rows_read_ += batch.rows;
  return {};
}

Result<> ViewCursor::encode_row(const BatchView& batch,
                                std::span<const ColumnView> fields,
                                std::size_t row) {
  const std::size_t key_begin = keys_.size();
  for (std::size_t part = 0; part < key_parts_; ++part) {
    codec::append_key_part(keys_, scalar_at(batch.columns[part], row));
  }
  const std::string_view key = std::string_view(keys_).substr(key_begin);
  if (key.size() > kMaxKeySize) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("an entity key takes {} bytes encoded, more than the {} allowed; it "
                             "begins with {}. Shorten "
                             "its text, or use a hash of it",
                             key.size(),
                             kMaxKeySize,
                             to_text(scalar_at(batch.columns[0], row)).substr(0, 40)));
  }
  const ColumnView& event = batch.columns[key_parts_];
  const ColumnView& created = batch.columns[key_parts_ + 1];
  const RowOrder order{.event_timestamp = event.at<std::int64_t>(row),
                       .created_timestamp = created.is_null(row)
                                                ? std::numeric_limits<std::int64_t>::min()
                                                : created.at<std::int64_t>(row),
                       .sequence = 0};
  PROVENDER_TRY(encoder_.encode(key, order, fields, row, rows_));
  key_ends_.push_back(keys_.size());
  row_ends_.push_back(rows_.size());
  const Timestamp time{Duration(order.event_timestamp)};
  watermark_ = watermark_ ? std::max(*watermark_, time) : time;
  return {};
}

}  // namespace provender::materialize
