// The floor under a point-in-time join: what DuckDB needs to read the same columns of the same
// files, and to write the same result. Decoded vectors go to a scalar function that drops them,
// which costs less than any aggregate; DuckDB's C API is all it uses.
//
//   pit_floor --threads N [--write RESULT OUT CODEC] FILES:COLUMN,COLUMN… [FILES:…]
//
// Prints one line of JSON: seconds of reading and of writing (without the process's start), those
// of all processors together (with it), the most memory until all was read, rows read.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>

#include <duckdb.h>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(std::string_view what) {
  std::fprintf(stderr, "pit_floor: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);  // NOLINT(concurrency-mt-unsafe): before any thread of ours
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

rusage usage() {
  rusage out{};
  ::getrusage(RUSAGE_SELF, &out);
  return out;
}

/// The most memory that the process had until now.
double peak_rss_mb() {
  return static_cast<double>(usage().ru_maxrss) * 1024 / 1e6;
}

/// What the process took of all processors until now.
double cpu_seconds() {
  const rusage now = usage();
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(now.ru_utime) + seconds(now.ru_stime);
}

/// `sink(…) = false` for every row, whose values it does not look at; counts the rows it was given.
void drop(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const idx_t rows = duckdb_data_chunk_get_size(input);
  static_cast<std::atomic<std::uint64_t>*>(duckdb_scalar_function_get_extra_info(info))
      ->fetch_add(rows, std::memory_order_relaxed);
  std::memset(duckdb_vector_get_data(output), 0, rows);
}

class Session {
 public:
  explicit Session(int threads) {
    if (duckdb_open(nullptr, &database_) != DuckDBSuccess ||
        duckdb_connect(database_, &connection_) != DuckDBSuccess) {
      fail("DuckDB does not open");
    }
    run("SET threads = " + std::to_string(threads));
    add_sink();
  }
  ~Session() {
    duckdb_disconnect(&connection_);
    duckdb_close(&database_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void run(const std::string& sql) {
    duckdb_result result;
    if (duckdb_query(connection_, sql.c_str(), &result) != DuckDBSuccess) {
      fail(std::string(duckdb_result_error(&result)) + "\nin " + sql);
    }
    duckdb_destroy_result(&result);
  }
  std::uint64_t rows() const { return rows_; }

 private:
  void add_sink() {
    duckdb_scalar_function function = duckdb_create_scalar_function();
    duckdb_logical_type any = duckdb_create_logical_type(DUCKDB_TYPE_ANY);
    duckdb_logical_type boolean = duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN);
    duckdb_scalar_function_set_name(function, "sink");
    duckdb_scalar_function_set_varargs(function, any);
    duckdb_scalar_function_set_return_type(function, boolean);
    duckdb_scalar_function_set_special_handling(function);
    duckdb_scalar_function_set_volatile(function);
    duckdb_scalar_function_set_extra_info(function, &rows_, nullptr);
    duckdb_scalar_function_set_function(function, drop);
    if (duckdb_register_scalar_function(connection_, function) != DuckDBSuccess) {
      fail("the sink does not register");
    }
    duckdb_destroy_logical_type(&boolean);
    duckdb_destroy_logical_type(&any);
    duckdb_destroy_scalar_function(&function);
  }

  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
  std::atomic<std::uint64_t> rows_ = 0;
};

struct Options {
  int threads = 2;
  std::string result;
  std::string out;
  std::string codec;
  std::vector<std::string> scans;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--threads" && i + 1 < argc) {
      options.threads = std::atoi(argv[++i]);
    } else if (word == "--write" && i + 3 < argc) {
      options.result = argv[++i];
      options.out = argv[++i];
      options.codec = argv[++i];
    } else {
      options.scans.emplace_back(word);
    }
  }
  return options;
}

void scan(Session& session, const std::string& files_and_columns) {
  const std::size_t colon = files_and_columns.rfind(':');
  if (colon == std::string::npos) fail("not FILES:COLUMN,…: " + files_and_columns);
  session.run("SELECT count(*) FROM read_parquet('" + files_and_columns.substr(0, colon) +
              "') WHERE sink(" + files_and_columns.substr(colon + 1) + ")");
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  Session session(options.threads);
  auto begin = Clock::now();
  for (const std::string& files_and_columns : options.scans) {
    scan(session, files_and_columns);
  }
  const double read_s = seconds_since(begin);
  const double read_cpu_s = cpu_seconds();
  const double read_rss_mb = peak_rss_mb();
  double load_s = 0;
  double write_s = 0;
  double write_cpu_s = 0;
  if (!options.result.empty()) {
    begin = Clock::now();
    session.run("CREATE TABLE result AS FROM read_parquet('" + options.result + "')");
    load_s = seconds_since(begin);
    begin = Clock::now();
    const double before = cpu_seconds();
    session.run("COPY result TO '" + options.out + "' (FORMAT parquet, COMPRESSION " +
                options.codec + ")");
    write_s = seconds_since(begin);
    write_cpu_s = cpu_seconds() - before;
  }
  std::printf(
      "{\"read_s\": %.4f, \"read_rss_mb\": %.1f, \"write_s\": %.4f, \"load_s\": %.4f, "
      "\"read_cpu_s\": %.4f, \"write_cpu_s\": %.4f, \"rows\": %llu}\n",
      read_s,
      read_rss_mb,
      write_s,
      load_s,
      read_cpu_s,
      write_cpu_s,
      static_cast<unsigned long long>(session.rows()));
  std::fflush(stdout);
  std::_Exit(0);  // whoever times the process is not to time how a table is freed
}
