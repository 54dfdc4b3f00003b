// The answers are written straight into the text that is sent: what is the same for many values (a
// name, the time of a row) is made once.

#include "wire/read_reply.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/append.hpp"
#include "base/json/writer.hpp"
#include "model/timestamp.hpp"
#include "wire/value_json.hpp"

namespace provender::wire {
namespace {

/// About what a value takes in the column form, with its status and time.
constexpr std::size_t kBytesPerValue = 48;
/// Statuses as JSON text.
constexpr std::array<std::string_view, 5> kStatuses{
    R"("PRESENT")", R"("NULL_VALUE")", R"("NOT_FOUND")", R"("OUTSIDE_MAX_AGE")", R"("INVALID")"};
constexpr std::string_view kUnsetTime = "\"1970-01-01T00:00:00Z\"";

/// Makes the cell one that JSON can carry. In place: a copy of what was just written is slow.
void make_representable(Cell& cell) {
  if (cell.status != Status::Present) return;
  const Kind kind = cell.value.type().kind;
  if (kind != Kind::Float32 && kind != Kind::Float64) return;  // most are not, and can
  if (has_json_form(cell.value)) return;
  cell.status = Status::Invalid;
  cell.value = ValueView::null(cell.value.type());
}

void append_string(std::string& out, std::string_view text) {
  json::Writer(out).string(text);
}

void append_key(std::string& out, const json::Value& value) {
  using enum json::Value::Kind;
  json::Writer writer(out);
  switch (value.kind()) {
    case Bool:
      return writer.boolean(value.as_bool());
    case Int:
      return writer.integer(value.as_int());
    case String:
      return writer.string(value.as_string());
    default:
      return writer.null();
  }
}

bool is_wanted(const PreparedRead& prepared, const ReadRequest::Key& key) {
  return std::ranges::find(prepared.keys(), key.name, &PreparedRead::Key::name) !=
         prepared.keys().end();
}

/// `text` once for each row, with commas between.
void append_repeated(std::string& out, std::string_view text, std::size_t rows) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (row > 0) out += ',';
    out += text;
  }
}

/// A key column as a result of Feast's form: always PRESENT, its timestamps unset.
void append_key_column(std::string& out, const ReadRequest::Key& key, std::size_t rows) {
  append_text(out, "{\"values\":[");
  bool is_first = true;
  key.value.for_each_element([&](const json::Value& value) {
    if (!std::exchange(is_first, false)) out += ',';
    append_key(out, value);
  });
  out += "],\"statuses\":[";
  append_repeated(out, "\"PRESENT\"", rows);
  out += "],\"event_timestamps\":[";
  append_repeated(out, kUnsetTime, rows);
  out += "]}";
}

}  // namespace

ReplyNames::ReplyNames(const PreparedRead& prepared) {
  for (const PreparedRead::Feature& feature : prepared.features()) {
    std::string& member = members_.emplace_back();
    append_string(member, feature.name);
    if (!list_.empty()) list_ += ',';
    list_ += member;
    member += ':';
  }
}

void ReplyWriter::tell(const Cell& cell) {
  ++counts_.counts[static_cast<std::size_t>(cell.status)];
  told_.emplace_back(cell.status, cell.event_timestamp);
}

void ReplyWriter::write_metadata(std::string& out, const Source& source) const {
  const ReadRequest& request = source.request;
  for (std::size_t i = 0; i < told_.size(); ++i) {
    const auto& [status, time] = told_[i];
    out += i == 0 ? "{" : ",";
    out += source.names.member(i);
    json::Writer writer(out);
    writer.begin_object();
    if (request.include_status) {
      writer.key("status");
      writer.string(to_string(status));
    }
    if (request.include_event_timestamp) {
      writer.key("event_timestamp");
      time ? write_value(writer, ValueView(*time), Dialect::Provender) : writer.null();
    }
    if (request.include_age) {
      writer.key("age_seconds");
      time ? writer.number(std::chrono::duration<double>(source.features.now() - *time).count())
           : writer.null();
    }
    writer.end_object();
  }
  out += told_.empty() ? "{}" : "}";
}

void ReplyWriter::write_single(std::string& out, const Source& source) {
  out += '{';
  for (const ReadRequest::Key& key : source.request.keys) {
    if (!is_wanted(source.prepared, key)) continue;
    append_string(out, key.name);
    out += ':';
    append_key(out, key.value);
    out += ',';
  }
  out += "\"features\":{";
  for (std::size_t i = 0; i < source.prepared.features().size(); ++i) {
    Cell cell = source.features.cell(0, i);
    make_representable(cell);
    tell(cell);
    if (i > 0) out += ',';
    out += source.names.member(i);
    json::Writer value(out);
    write_value(value, cell.value, Dialect::Provender);
  }
  out += '}';
  if (source.request.includes_metadata()) {
    out += ",\"metadata\":";
    write_metadata(out, source);
  }
  out += '}';
}

void ReplyWriter::write_statuses(std::string& out) const {
  for (std::size_t row = 0; row < told_.size(); ++row) {
    if (row > 0) append_text(out, ",");
    append_text(out, kStatuses[static_cast<std::size_t>(told_[row].status)]);
  }
}

/// What stands at a place of the text once more, at its end.
void ReplyWriter::append_again(std::string& out, const Place& place) {
  const std::size_t back = out.size() - place.begin;
  append_in_place(out, place.size, [=](char* end) noexcept {
    std::memcpy(end, end - back, place.size);
    return end + place.size;
  });
}

/// The features of one stored row have its time: what was written for the first is copied.
void ReplyWriter::write_timestamps(std::string& out, Place& place) const {
  if (place.size > 0) {
    append_again(out, place);
    return;
  }
  place.begin = out.size();
  for (std::size_t row = 0; row < told_.size(); ++row) {
    if (row > 0) append_text(out, ",");
    if (!told_[row].event_timestamp) {
      append_text(out, kUnsetTime);
      continue;
    }
    append_text(out, "\"");
    append_timestamp(out, *told_[row].event_timestamp);
    append_text(out, "\"");
  }
  place.size = out.size() - place.begin;
}

/// Returns whether all are PRESENT.
bool ReplyWriter::write_column_values(std::string& out, const Source& source, std::size_t feature) {
  told_.clear();
  bool are_present = true;
  json::Writer values(out);  // of which there are as many as there are rows, with commas between
  const std::size_t rows = source.request.rows;
  for (std::size_t row = 0; row < rows; ++row) {
    Cell cell = source.features.cell(row, feature);
    make_representable(cell);
    are_present = are_present && cell.status == Status::Present;
    tell(cell);
    write_value(values, cell.value, Dialect::Feast);
  }
  return are_present;
}

/// Behind the values of a feature that is there for all entities stands what stood behind another
/// one of the same stored row.
void ReplyWriter::write_feature_column(std::string& out,
                                       const Source& source,
                                       std::size_t feature,
                                       Shared& shared) {
  append_text(out, "{\"values\":[");
  const bool are_present = write_column_values(out, source, feature);
  if (are_present && shared.rest.size > 0) {
    append_again(out, shared.rest);
    return;
  }
  const std::size_t begin = out.size();
  out += "],\"statuses\":[";
  write_statuses(out);
  out += "],\"event_timestamps\":[";
  write_timestamps(out, shared.timestamps);
  out += "]}";
  if (are_present) shared.rest = {.begin = begin, .size = out.size() - begin};
}

/// Key columns first, in the order of the request, then features in the order asked.
void ReplyWriter::write_columns(std::string& out, const Source& source) {
  const auto features = source.prepared.features();
  out.reserve(out.size() + (features.size() + 1) * (source.request.rows + 1) * kBytesPerValue);
  shared_.clear();
  out += "{\"results\":[";
  bool is_first = true;
  for (const ReadRequest::Key& key : source.request.keys) {
    if (!is_wanted(source.prepared, key)) continue;
    if (!std::exchange(is_first, false)) out += ',';
    append_key_column(out, key, source.request.rows);
  }
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (!std::exchange(is_first, false)) append_text(out, ",");
    const std::size_t stored = features[i].row;
    if (shared_.size() <= stored) shared_.resize(stored + 1);
    write_feature_column(out, source, i, shared_[stored]);
  }
  out += "],\"metadata\":{\"feature_names\":[";
  is_first = true;
  for (const ReadRequest::Key& key : source.request.keys) {
    if (!is_wanted(source.prepared, key)) continue;
    if (!std::exchange(is_first, false)) out += ',';
    append_string(out, key.name);
  }
  if (!is_first && !features.empty()) out += ',';
  out += source.names.list();
  out += "]}}";
}

StatusCounts ReplyWriter::write(std::string& out, const Source& source) {
  counts_ = {};
  told_.clear();
  if (source.request.form == ReadRequest::Form::Single) {
    write_single(out, source);
  } else {
    write_columns(out, source);
  }
  return counts_;
}

}  // namespace provender::wire
