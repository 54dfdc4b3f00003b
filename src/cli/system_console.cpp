#include "cli/system_console.hpp"

#include <cerrno>
#include <cstdlib>

#include <sys/ioctl.h>

#include <poll.h>
#include <unistd.h>

#include "base/fs.hpp"

namespace provender::cli {
namespace {

constexpr std::string_view kClearLine = "\r\x1b[K";
/// How long it takes until a request to stop is noticed while waiting for an answer.
constexpr int kAskPollMilliseconds = 50;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): never changed here
  return value == nullptr ? "" : value;
}

Terminal terminal_of(int fd) {
  if (::isatty(fd) == 0) return {};
  winsize size{};
  const bool has_size = ::ioctl(fd, TIOCGWINSZ, &size) == 0;
  return {.is_terminal = true,
          .width = has_size ? std::size_t{size.ws_col} : 0,
          .colour = environment("NO_COLOR").empty() && environment("TERM") != "dumb"};
}

/// Returns 0 or the errno that stopped it.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

SystemConsole::SystemConsole()
    : out_terminal_(terminal_of(STDOUT_FILENO)), err_terminal_(terminal_of(STDERR_FILENO)) {}

void SystemConsole::out(std::string_view text) {
  const std::scoped_lock lock(mutex_);
  if (out_error_ == 0) out_error_ = write_all(STDOUT_FILENO, text);
}

void SystemConsole::err(std::string_view lines) {
  const std::scoped_lock lock(mutex_);
  std::string text;
  if (!status_line_.empty()) text = kClearLine;
  text.append(lines).append(status_line_);
  write_all(STDERR_FILENO, text);  // nobody is left to tell of a failure
}

void SystemConsole::set_status_line(std::string_view line) {
  const std::scoped_lock lock(mutex_);
  if (line.empty() && status_line_.empty()) return;
  status_line_ = line;
  std::string text(kClearLine);
  text += status_line_;
  write_all(STDERR_FILENO, text);
}

bool SystemConsole::can_ask() const {
  return err_terminal_.is_terminal && ::isatty(STDIN_FILENO) != 0;
}

Result<std::string> SystemConsole::ask(std::string_view question, const std::stop_token& stop) {
  err(question);
  std::string line;
  while (true) {
    pollfd ready{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    const int count = ::poll(&ready, 1, kAskPollMilliseconds);
    if (stop.stop_requested()) {
      err("\n");
      return Error(ErrorCode::Cancelled, "stopped");
    }
    if (count <= 0) continue;
    char byte = 0;
    const ssize_t got = ::read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || byte == '\n') return line;
    line += byte;
  }
}

Result<> SystemConsole::finish() {
  const std::scoped_lock lock(mutex_);
  if (out_error_ == 0 || out_error_ == EPIPE) return {};
  return system_error("write", "standard output", out_error_);
}

bool SystemConsole::reader_gone() const {
  const std::scoped_lock lock(mutex_);
  return out_error_ == EPIPE;
}

}  // namespace provender::cli
