#include "offline/duckdb/database.hpp"

#include <atomic>
#include <charconv>
#include <csignal>
#include <map>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "base/fs.hpp"
#include "base/try.hpp"
#include "offline/duckdb/errors.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTempPrefix = "duckdb-";

/// A folder name of this process, never used before in it.
fs::path new_temp_folder(const fs::path& parent) {
  static std::atomic<unsigned> count = 0;
  return parent / fmt::format("{}{}-{}", kTempPrefix, ::getpid(), count++);
}

/// Removes what processes left that were killed.
void remove_orphans(const fs::path& parent) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kTempPrefix)) continue;
    pid_t pid = 0;
    const char* digits = name.data() + kTempPrefix.size();
    std::from_chars(digits, name.data() + name.size(), pid);
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path(), ignored);
  }
}

Result<> run(duckdb_connection connection, const std::string& sql) {
  ResultHandle result;
  if (duckdb_query(connection, sql.c_str(), &result.get()) == DuckDBSuccess) return {};
  return to_error(duckdb_result_error_type(&result.get()), duckdb_result_error(&result.get()));
}

Result<> confine(duckdb_database database, const DatabaseOptions& options) {
  ConnectionHandle connection;
  if (duckdb_connect(database, connection.out()) != DuckDBSuccess) {
    return Error(ErrorCode::Internal, "DuckDB gives no connection");
  }
  const std::vector<std::string> settings = {
      "SET GLOBAL TimeZone = 'UTC'",
      fmt::format("SET GLOBAL parquet_metadata_cache = {}", options.keeps_metadata),
      "SET GLOBAL enable_external_file_cache = false",
      fmt::format("SET allowed_directories = {}", sql::literal_list(options.allowed_directories)),
      fmt::format("SET allowed_paths = {}", sql::literal_list(options.allowed_files)),
      "SET enable_external_access = false",
      "SET lock_configuration = true"};
  for (const std::string& setting : settings) {
    PROVENDER_TRY(run(connection.get(), setting));
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<Database>> Database::open(const DatabaseOptions& options) {
  std::error_code ignored;  // of a read-only project: only spilling fails then, and says so
  fs::create_directories(options.temp_parent, ignored);
  remove_orphans(options.temp_parent);
  std::shared_ptr<Database> out(new Database(new_temp_folder(options.temp_parent)));

  PROVENDER_TRY(load_duckdb());
  ConfigHandle config;
  if (duckdb_create_config(config.out()) != DuckDBSuccess) {
    return Error(ErrorCode::ResourceExhausted, "DuckDB gives no configuration");
  }
  const std::map<std::string, std::string> settings = {
      {"memory_limit", fmt::format("{}B", options.memory_limit / 4 * 3)},
      {"threads", std::to_string(options.threads)},
      {"temp_directory", out->temp_folder_.string()},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"preserve_insertion_order", "true"}};
  for (const auto& [name, value] : settings) {
    if (duckdb_set_config(config.get(), name.c_str(), value.c_str()) != DuckDBSuccess) {
      return Error(ErrorCode::InvalidArgument, fmt::format("DuckDB refuses {} = {}", name, value));
    }
  }
  char* message = nullptr;
  if (duckdb_open_ext(nullptr, out->handle_.out(), config.get(), &message) != DuckDBSuccess) {
    Error error = to_error(DUCKDB_ERROR_INVALID, message == nullptr ? "" : message);
    duckdb_free(message);
    return std::move(error).within("open DuckDB");
  }
  PROVENDER_TRY(confine(out->get(), options));
  return out;
}

Database::Coming Database::open_later(
    DatabaseOptions options, std::function<Result<>(const std::shared_ptr<Database>&)> prepare) {
  const auto work = [options = std::move(options),
                     prepare = std::move(prepare)]() -> Result<std::shared_ptr<Database>> {
    PROVENDER_ASSIGN(auto out, Database::open(options));
    if (prepare) PROVENDER_TRY(prepare(out));
    return out;
  };
  return std::async(std::launch::deferred, work).share();
}

std::future<void> Database::open_beside(const Coming& coming) {
  return std::async(std::launch::async | std::launch::deferred, [held = coming]() mutable {
    held.wait();
    held = {};  // the thread's result is kept for longer than the database may be
  });
}

Result<fs::path> Database::make_temp_folder() const {
  std::error_code failed;
  fs::create_directories(temp_folder_, failed);
  if (failed) return system_error("make the folder", temp_folder_, failed.value());
  return temp_folder_;
}

Database::~Database() {
  handle_ = {};
  std::error_code ignored;
  fs::remove_all(temp_folder_, ignored);
}

}  // namespace provender::offline
