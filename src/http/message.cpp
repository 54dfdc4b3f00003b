#include "http/message.hpp"

#include <algorithm>
#include <span>

#include "base/json/writer.hpp"

namespace provender::http {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::string_view> Request::header(std::string_view name) const noexcept {
  for (const Field& field : fields) {
    if (same_name(field.name, name)) return field.value;
  }
  return std::nullopt;
}

void Response::add_header(std::string_view name, std::string_view value) {
  fields.append(name).append(": ");
  const std::size_t begin = fields.size();
  fields.append(value);
  for (char& c : std::span(fields).subspan(begin)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || byte == 0x7f) c = ' ';
  }
  fields.append("\r\n");
}

void Response::reset() {
  status = 200;
  content_type = "application/json";
  body.clear();
  fields.clear();
}

void write_refusal(const Refusal& refusal, Response& response) {
  response.reset();
  response.status = refusal.status;
  json::Writer writer(response.body);
  writer.begin_object();
  writer.key("error");
  writer.begin_object();
  writer.key("code");
  writer.string(to_string(refusal.code));
  writer.key("message");
  writer.string(refusal.message);
  writer.key("details");
  writer.begin_object();
  writer.end_object();
  writer.end_object();
  writer.end_object();
}

}  // namespace provender::http
