#include "serving/answer.hpp"

namespace provender::serving {

const codec::RowLayout* Answer::layout(std::uint32_t schema_id) const {
  if (const auto* known = prepared_.loaded().layout(schema_id)) return known;
  return newer_ ? newer_->layout(schema_id) : nullptr;
}

Answer::Judged Answer::judge(std::string_view key,
                             std::string_view row,
                             const Prepared::View& view,
                             bool& unknown_schema) const {
  if (row.empty()) return {};
  auto header = codec::read_header(key, row);
  if (!header) {
    return {.status = Status::Invalid, .layout = nullptr, .event_timestamp = std::nullopt};
  }
  const Timestamp time{Duration(header->order.event_timestamp)};
  if (time > now_) return {};
  if (view.ttl && time < minus_saturating(now_, *view.ttl)) {
    return {.status = Status::OutsideMaxAge, .layout = nullptr, .event_timestamp = time};
  }
  const codec::RowLayout* found = layout(header->schema_id);
  if (found == nullptr) {
    unknown_schema = true;
    return {.status = Status::Invalid, .layout = nullptr, .event_timestamp = time};
  }
  return {.status = Status::Present, .layout = found, .event_timestamp = time};
}

bool Answer::judge(std::span<const online::Lookup> lookups) {
  views_ = prepared_.views().size();
  judged_.clear();
  judged_.reserve(rows_.size());
  bool unknown_schema = false;
  for (const online::Lookup& lookup : lookups) {
    for (std::size_t i = 0; i < lookup.store_ids.size(); ++i) {
      const std::size_t at = judged_.size();
      judged_.push_back(
          judge(lookup.key, rows_[at], prepared_.views()[at % views_], unknown_schema));
    }
  }
  return !unknown_schema;
}

Cell Answer::cell(std::size_t row, std::size_t feature) const {
  const Prepared::Field& field = prepared_.field(feature);
  const Type type = prepared_.features()[feature].type;
  const std::size_t at = row * views_ + field.view;
  const Judged& judged = judged_[at];
  Cell cell{.status = judged.status,
            .value = ValueView::null(type),
            .event_timestamp = judged.event_timestamp};
  if (judged.layout == nullptr) return cell;
  const auto slot = field.id ? judged.layout->slot(*field.id) : std::nullopt;
  if (!slot) {
    cell.status = Status::NotFound;
    return cell;
  }
  auto value = judged.layout->read(rows_[at], *slot);
  if (!value) {
    cell.status = Status::Invalid;
  } else if (value->is_null()) {
    cell.status = Status::NullValue;
  } else {
    cell.value = *value;
  }
  return cell;
}

}  // namespace provender::serving
