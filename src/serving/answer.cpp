#include "serving/answer.hpp"

#include <algorithm>

namespace provender::serving {

void Answer::begin(const Input& input) {
  prepared_ = &input.prepared;
  rows_ = input.rows;
  now_ = input.now;
  views_ = prepared_->views().size();
  newer_ = nullptr;
  unknown_.clear();
}

void Answer::clear() {
  prepared_ = nullptr;
  rows_ = {};
  newer_ = nullptr;
}

/// Nearly all rows have the schema that is written now.
const codec::RowLayout* Answer::layout(std::uint32_t schema_id, std::size_t view) const {
  const Prepared::View& written = prepared_->views()[view];
  if (schema_id == written.schema_id && written.layout != nullptr) return written.layout;
  const codec::RowLayout* found = prepared_->loaded().layout(schema_id);
  return found == nullptr && newer_ ? newer_->layout(schema_id) : found;
}

Answer::Judged Answer::judge(std::string_view key, std::string_view row, std::size_t view) {
  if (row.empty()) return {};
  const auto header = codec::check_header(key, row);
  if (!header) {
    ++(header.error() == codec::RowFault::Format ? unreadable_.format : unreadable_.checksum);
    return {.status = Status::Invalid, .layout = nullptr, .event_timestamp = std::nullopt};
  }
  const Timestamp time{Duration(header->order.event_timestamp)};
  if (time > now_) return {};
  const std::optional<Duration>& ttl = prepared_->views()[view].ttl;
  if (ttl && time < minus_saturating(now_, *ttl)) {
    return {.status = Status::OutsideMaxAge, .layout = nullptr, .event_timestamp = time};
  }
  const codec::RowLayout* found = layout(header->schema_id, view);
  if (found == nullptr) {
    ++unreadable_.schema;
    if (std::ranges::find(unknown_, header->schema_id) == unknown_.end()) {
      unknown_.push_back(header->schema_id);
    }
    return {.status = Status::Invalid, .layout = nullptr, .event_timestamp = time};
  }
  return {.status = Status::Present, .layout = found, .event_timestamp = time};
}

void Answer::judge(std::span<const online::Lookup> lookups) {
  judged_.clear();
  judged_.reserve(rows_.size());
  unreadable_ = {};
  for (const online::Lookup& lookup : lookups) {
    for (std::size_t i = 0; i < lookup.store_ids.size(); ++i) {
      const std::size_t at = judged_.size();
      judged_.push_back(judge(lookup.key, rows_[at], at % views_));
    }
  }
}

Cell Answer::cell(std::size_t row, std::size_t feature) const {
  const Prepared::Field& field = prepared_->field(feature);
  const std::size_t at = row * views_ + field.view;
  const Judged& judged = judged_[at];
  Cell cell{.status = judged.status,
            .value = ValueView::null(field.type),
            .event_timestamp = judged.event_timestamp};
  if (judged.layout == nullptr) return cell;
  const auto slot = field.slot_in(*judged.layout);
  if (!slot) {
    cell.status = Status::NotFound;
    return cell;
  }
  if (!judged.layout->read_to(cell.value, rows_[at], *slot)) {
    cell.status = Status::Invalid;
  } else if (cell.value.is_null()) {
    cell.status = Status::NullValue;
  }
  return cell;
}

}  // namespace provender::serving
