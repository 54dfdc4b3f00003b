#include "offline/duckdb/historical.hpp"

#include <cerrno>
#include <map>

#include <fmt/format.h>
#include <unistd.h>

#include "base/fs.hpp"
#include "base/try.hpp"
#include "offline/duckdb/parquet_options.hpp"
#include "offline/duckdb/seen_spine.hpp"
#include "offline/duckdb/selection_engine.hpp"
#include "offline/duckdb/selection_join.hpp"
#include "offline/duckdb/spine.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;

/// ".csv" or ".parquet"; InvalidArgument otherwise.
Result<> check_extension(const fs::path& path, std::string_view what) {
  if (path.extension() == ".csv" || path.extension() == ".parquet") return {};
  return Error(ErrorCode::InvalidArgument,
               fmt::format("{} '{}' is neither a .parquet nor a .csv file", what, path.string()));
}

Result<> check_readable(const fs::path& spine) {
  std::error_code ignored;
  if (fs::is_directory(spine, ignored)) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("the spine '{}' is a folder, not a file", spine.string()));
  }
  if (::access(spine.c_str(), R_OK) != 0) return system_error("read the spine", spine, errno);
  return {};
}

/// Whether it is said in one way which rows are asked about.
Result<> check_rows_asked(const HistoricalOptions& options) {
  const int ways = (options.spine.empty() ? 0 : 1) + (options.range ? 1 : 0) + (options.at ? 1 : 0);
  if (ways != 1) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("{} of a spine, a range of time and a time are given: give one, which "
                             "says the rows that are wanted",
                             ways == 0 ? "none" : "more than one"));
  }
  if (options.range && options.range->start >= options.range->end) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("the range begins at {} and ends at {}, which is not after that",
                             format_timestamp(options.range->start),
                             format_timestamp(options.range->end)));
  }
  return {};
}

/// Names that the output would have twice, for readers that know no case as well.
Result<> check_names(const Spine& spine, const Selection& selection, bool with_status) {
  std::map<std::string, std::string> owners;
  for (const std::string& column : spine.columns()) {
    owners.emplace(sql::folded(column), "the spine's column '" + column + "'");
  }
  const auto add = [&](const std::string& name) -> Result<> {
    const auto [place, is_new] = owners.emplace(sql::folded(name), "the feature '" + name + "'");
    if (is_new) return {};
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("the output column '{}' has the name of {}: rename it in the spine, or "
                    "ask for full names",
                    name,
                    place->second));
  };
  for (const SelectedFeature& feature : selection.features) {
    PROVENDER_TRY(add(feature.name));
    if (with_status) PROVENDER_TRY(add(feature.name + "__status"));
  }
  return {};
}

/// One run, from the spine's file to the output's.
class HistoricalRun {
 public:
  HistoricalRun(const HistoricalRequest& request, const ProjectFiles& files, const Control& control)
      : request_(request), files_(files), control_(control) {}

  Result<HistoricalReport> run(const OfflineOptions& options) {
    PROVENDER_TRY(check_rows_asked(request_.options));
    const bool is_made = request_.options.spine.empty();
    const fs::path spine_path =
        is_made ? fs::path() : fs::absolute(request_.options.spine).lexically_normal();
    const fs::path out_path = fs::absolute(request_.options.out).lexically_normal();
    if (!is_made) PROVENDER_TRY(check_extension(spine_path, "the spine"));
    PROVENDER_TRY(check_extension(out_path, "the output"));
    if (!is_made) PROVENDER_TRY(check_readable(spine_path));
    if (std::error_code ignored; fs::is_directory(out_path, ignored)) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("the output '{}' is a folder", out_path.string()));
    }
    PROVENDER_ASSIGN(PendingFile out, PendingFile::create(out_path));
    PROVENDER_ASSIGN(auto connection, connect(options, spine_path, out.path()));
    PROVENDER_ASSIGN(const auto keys, typed_keys(request_.definitions, request_.selection));
    const auto engine = make_engine({.historical = request_,
                                     .files = files_,
                                     .options = options,
                                     .control = control_,
                                     .keys = keys});
    tell("reads the spine", 0);
    if (is_made) PROVENDER_TRY(make_seen_spine(connection, files_, request_));
    PROVENDER_ASSIGN(const Spine spine,
                     Spine::open(connection,
                                 {.files = files_,
                                  .path = spine_path,
                                  .event_timestamp = request_.options.event_timestamp,
                                  .keys = keys,
                                  .staged = engine->needs_staged_spine(),
                                  .is_made = is_made}));
    PROVENDER_TRY(check_names(spine, request_.selection, request_.options.with_status));
    PROVENDER_ASSIGN(HistoricalReport report, engine->join(connection, spine));
    tell("writes the rows", request_.selection.views.size());
    PROVENDER_TRY(write(connection, spine, *engine, out.path()));
    PROVENDER_TRY(out.commit());
    return report;
  }

 private:
  /// Of an own database: only it may touch the spine and the output.
  Result<Connection> connect(const OfflineOptions& options,
                             const fs::path& spine,
                             const fs::path& out) {
    std::vector<std::string> files = {out.string()};
    if (!spine.empty()) files.push_back(spine.string());
    PROVENDER_ASSIGN(
        auto database,
        Database::open({.memory_limit = options.memory_limit,
                        .threads = options.threads,
                        .temp_parent = files_.project() / ".provender" / "tmp",
                        .allowed_directories = files_.allowed_directories(request_.definitions),
                        .allowed_files = std::move(files)}));
    return Connection::open(std::move(database), control_.stop);
  }

  Result<> write(Connection& connection,
                 const Spine& spine,
                 SelectionEngine& engine,
                 const fs::path& path) const {
    const bool csv = request_.options.out.extension() == ".csv";
    PROVENDER_ASSIGN(Answer answer, engine.answer(connection, spine));
    PROVENDER_ASSIGN(answer.spine_columns, spine.output_items(connection, csv));
    std::string form = "FORMAT csv, HEADER true";
    if (csv) {
      for (AnswerColumn& column : answer.columns) {
        column.as_base64 = column.type == Type{.kind = Kind::Bytes};
      }
    } else {
      PROVENDER_ASSIGN(bool negative_zero, has_negative_zero(connection, spine.written()));
      if (!negative_zero) {
        PROVENDER_ASSIGN(negative_zero, engine.has_negative_zero(connection));
      }
      form = parquet_options(negative_zero);
    }
    auto written = connection.execute(fmt::format("COPY ({}) TO {} ({}, USE_TMP_FILE false)",
                                                  compile_answer(answer),
                                                  sql::literal(path.string()),
                                                  form));
    if (!written) {
      return std::move(written).error().within("write " + request_.options.out.string());
    }
    return {};
  }

  void tell(std::string_view phase, std::size_t done) {
    if (control_.progress == nullptr) return;
    control_.progress->update(phase, done, request_.selection.views.size() + 1);
  }

  const HistoricalRequest& request_;
  const ProjectFiles& files_;
  const Control& control_;
};

}  // namespace

Result<HistoricalReport> write_historical(const HistoricalRequest& request,
                                          const OfflineOptions& options,
                                          const ProjectFiles& files,
                                          const Control& control) {
  return HistoricalRun(request, files, control).run(options);
}

}  // namespace provender::offline
