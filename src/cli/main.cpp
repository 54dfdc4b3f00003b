#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>

#include "provender/project.hpp"

#include "cli/cli.hpp"
#include "cli/exit_code.hpp"
#include "cli/report_error.hpp"
#include "cli/signals.hpp"
#include "cli/system_console.hpp"

namespace {

/// Without this, the first file opened by a process that was started with a closed stream takes the
/// stream's number, and what is printed is written into that file.
void keep_standard_streams_apart() {
  for (const int fd : {0, 1, 2}) {
    // Opened the wrong way round, so that using it still is the error that it was.
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
  }
}

provender::cli::Services services() {
  return {.init_project = provender::init_project,
          .find_project = provender::find_project,
          .open_store = provender::FeatureStore::open,
          .serve = provender::server::serve,
          .make_token = provender::server::make_token};
}

}  // namespace

int main(int argc, char** argv) {
  using namespace provender;  // NOLINT(google-build-using-namespace): main has no namespace
  keep_standard_streams_apart();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of write
  const cli::StopSignals signals;
  cli::SystemConsole console;
  const SystemClock clock;

  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  const int code = cli::run(words, services(), console, clock, signals.token());
  if (console.reader_gone()) return cli::kExitReaderGone;
  const Result<> written = console.finish();
  if (written || code != cli::kExitOk) return code;
  console.err(cli::error_text(written.error().message(), console.err_terminal()));
  return cli::exit_code(written.error().code());
}
