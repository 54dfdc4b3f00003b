#include "http/encode.hpp"

#include <array>

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

namespace provender::http {

std::string date_line(std::chrono::sys_seconds time) {
  // strftime would follow the locale.
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("Date: {}, {:02} {} {:04} {:02}:{:02}:{:02} GMT\r\n",
                     kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()),
                     clock.hours().count(),
                     clock.minutes().count(),
                     clock.seconds().count());
}

namespace {

void append_count(std::string& out, std::size_t number) {
  const fmt::format_int text(number);
  out.append(text.data(), text.size());
}

}  // namespace

bool has_body(int status) noexcept {
  return status != 204 && status != 304;
}

void append_head(std::string& out, const Response& response, const HeadOptions& options) {
  const int status = response.status >= 200 && response.status <= 599 ? response.status : 500;
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
  } else {
    out.append("HTTP/1.1 ");
    append_count(out, static_cast<std::size_t>(status));
    out.append(" ")
        .append(boost::beast::http::obsolete_reason(
            boost::beast::http::int_to_status(static_cast<unsigned>(status))))
        .append("\r\n");
  }
  out.append(options.date);
  if (has_body(status)) {
    if (!response.content_type.empty()) {
      out.append("Content-Type: ").append(response.content_type).append("\r\n");
    }
    out.append("Content-Length: ");
    append_count(out, response.body.size());
    out.append("\r\n");
  }
  out.append(response.fields);
  if (!options.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (options.is_http_1_0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

}  // namespace provender::http
