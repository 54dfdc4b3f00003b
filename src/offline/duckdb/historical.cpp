#include "offline/duckdb/historical.hpp"

#include <algorithm>
#include <future>

#include "arrow/export_stream.hpp"
#include <fmt/format.h>

#include "base/fs.hpp"
#include "base/try.hpp"
#include "offline/duckdb/arrow_result.hpp"
#include "offline/duckdb/arrow_spine.hpp"
#include "offline/duckdb/errors.hpp"
#include "offline/duckdb/historical_checks.hpp"
#include "offline/duckdb/input_files.hpp"
#include "offline/duckdb/memory_plan.hpp"
#include "offline/duckdb/page_result.hpp"
#include "offline/duckdb/parquet_options.hpp"
#include "offline/duckdb/plan_report.hpp"
#include "offline/duckdb/seen_spine.hpp"
#include "offline/duckdb/selection_engine.hpp"
#include "offline/duckdb/selection_join.hpp"
#include "offline/duckdb/spine.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;

/// One run, from the spine's file to the output's.
class HistoricalRun {
 public:
  HistoricalRun(const HistoricalRequest& request,
                const OfflineOptions& options,
                const ProjectFiles& files,
                const Control& control,
                WorkerThreads& threads)
      : request_(request),
        files_(files),
        control_(control),
        threads_(threads),
        result_bytes_(result_bytes(options.memory_limit, threads.count())),
        progress_(control.progress, options.between_tellings),
        counter_(progress_),
        staged_(request.definitions, request.selection, counter_) {
    if (request.options.spine_stream != nullptr) {
      spine_stream_ = arrow::Stream(*request.options.spine_stream);
    }
  }

  Result<HistoricalReport> run(const OfflineOptions& options) {
    PROVENDER_TRY(check_rows_asked(request_.options));
    fs::path spine_path;
    if (!request_.options.spine.empty()) {
      PROVENDER_ASSIGN(spine_path, checked_spine(request_.options));
    }
    if (request_.options.explain) return explain(options, spine_path);
    if (request_.options.out_stream != nullptr) return fill_stream(options, spine_path);
    return write_file(options, spine_path);
  }

 private:
  /// Whether the rows asked about are made of the sources, in place of a spine.
  bool is_made() const { return request_.options.range || request_.options.at; }

  Result<HistoricalReport> write_file(const OfflineOptions& options, const fs::path& spine_path) {
    PROVENDER_ASSIGN(const fs::path out_path, checked_output(request_.options));
    PROVENDER_ASSIGN(PendingFile out, PendingFile::create(out_path));
    Connection connection = connect(options, spine_path, out.path());
    PROVENDER_ASSIGN(const FileStates inputs,
                     look_at_inputs(connection, files_, request_, spine_path));
    PROVENDER_TRY(check_output_is_no_input(connection, files_, request_, inputs, out_path));
    PROVENDER_ASSIGN(
        auto report,
        join_unchanged(inputs, std::move(connection), options, spine_path, out.path()));
    PROVENDER_TRY(out.commit(request_.options.overwrite ? PendingFile::Existing::Replace
                                                        : PendingFile::Existing::Keep));
    return report;
  }

  /// By way of a file without a name, so that whoever reads gets all rows or none.
  Result<HistoricalReport> fill_stream(const OfflineOptions& options, const fs::path& spine_path) {
    Connection connection = connect(options, spine_path, {});
    PROVENDER_ASSIGN(const FileStates inputs,
                     look_at_inputs(connection, files_, request_, spine_path));
    PROVENDER_ASSIGN(const auto database, connection.database());  // the folder goes with it
    std::error_code ignored;
    const auto made = database->make_temp_folder();
    const fs::path folder = made ? *made : fs::temp_directory_path(ignored);
    PROVENDER_ASSIGN(const PendingFile out, PendingFile::create(folder / "result.arrow"));
    PROVENDER_ASSIGN(
        auto report,
        join_unchanged(inputs, std::move(connection), options, spine_path, out.path()));
    PROVENDER_ASSIGN(auto batches, arrow::read_ipc_file(out.path()));
    *request_.options.out_stream = arrow::export_stream(std::move(batches)).take();
    return report;
  }

  Result<HistoricalReport> join_unchanged(const FileStates& inputs,
                                          Connection connection,
                                          const OfflineOptions& options,
                                          const fs::path& spine,
                                          const fs::path& out) {
    auto report = join(std::move(connection), options, spine, out);
    if (!report) return because_of(inputs, std::move(report).error());
    PROVENDER_TRY(inputs.check());
    if (control_.stop.stop_requested()) return stopped();  // too late for who worked to notice
    return report;
  }

  Result<HistoricalReport> join(Connection connection,
                                const OfflineOptions& options,
                                const fs::path& spine,
                                const fs::path& out) {
    PROVENDER_ASSIGN(Opened opened, open(std::move(connection), options, spine));
    PROVENDER_TRY(opened.connection.check_opening());  // before there is much work
    PROVENDER_TRY(write(opened, out));
    auto report = opened.engine->report();
    // While the file is put on the disk. Only destructors may run there: what `opened` refers to
    // was this function's.
    closing_ = std::async(
        std::launch::async | std::launch::deferred,
        [opened = std::move(opened)]() mutable { const auto closed = std::move(opened); });
    return report;
  }

  /// What fails because a file changed under it is said to.
  static Error because_of(const FileStates& inputs, Error error) {
    if (error.code() == ErrorCode::Cancelled) return error;
    auto same = inputs.check();
    return same ? std::move(error) : std::move(same).error();
  }

  struct Opened {
    Connection connection;
    std::unique_ptr<SelectionEngine> engine;
    Spine spine;
  };

  Result<Opened> open(Connection connection, const OfflineOptions& options, const fs::path& spine) {
    PROVENDER_ASSIGN(keys_, typed_keys(request_.definitions, request_.selection));
    auto engine = make_engine({.historical = request_,
                               .files = files_,
                               .options = options,
                               .stop = control_.stop,
                               .threads = threads_,
                               .progress = progress_,
                               .staged = staged_,
                               .keys = keys_,
                               .scans = scans_});
    progress_.begin(is_made() ? "finds the rows" : "reads the spine");
    if (is_unseen(request_.options)) {
      PROVENDER_TRY(make_unseen_spine(connection, request_, keys_));
    } else if (is_made()) {
      PROVENDER_TRY(make_seen_spine(connection, files_, request_, staged_));
    }
    const bool is_arrow = request_.options.spine_stream != nullptr || spine.extension() == ".arrow";
    if (is_arrow) PROVENDER_TRY(stage_arrow(connection, spine));
    PROVENDER_ASSIGN(auto opened,
                     Spine::open(connection,
                                 {.files = files_,
                                  .path = spine,
                                  .name = spine_name(),
                                  .event_timestamp = request_.options.event_timestamp,
                                  .keys = keys_,
                                  .staged = engine->needs_staged_spine(),
                                  .is_made = is_made() || is_arrow,
                                  .most_page_bytes = engine->most_page_bytes(),
                                  .most_copied_page_bytes = result_bytes_.piece}));
    if (!request_.options.explain && !opened.gives_pages() && !opening_.valid()) {
      opening_ = Database::open_beside(connection.coming_database());
    }
    PROVENDER_TRY(check_names(opened, request_.selection, request_.options.with_status));
    PROVENDER_TRY(engine->open(connection, opened));
    return Opened{.connection = std::move(connection),
                  .engine = std::move(engine),
                  .spine = std::move(opened)};
  }

  /// What errors call the rows asked about.
  std::string spine_name() const {
    if (is_made()) return "the rows of the sources";
    const fs::path& spine = request_.options.spine;
    return spine.empty() ? "the spine" : "spine " + spine.string();
  }

  Result<> stage_arrow(Connection& connection, const fs::path& spine) {
    const auto stage = [&]() -> Result<> {
      auto batches = spine.empty() ? arrow::read_stream(std::move(spine_stream_))
                                   : arrow::read_ipc_file(spine);
      if (!batches) return std::move(batches).error();
      return stage_arrow_spine(connection, *std::move(batches));
    };
    auto done = stage();
    if (!done) return std::move(done).error().within(spine_name());
    return done;
  }

  Result<HistoricalReport> explain(const OfflineOptions& options, const fs::path& spine) {
    Connection connection = connect(options, spine, {});
    PROVENDER_ASSIGN(Opened opened, open(std::move(connection), options, spine));
    HistoricalReport report;
    PROVENDER_ASSIGN(report.plan, opened.engine->plan(opened.connection, opened.spine));
    report.rows = report.plan.rows.value_or(0);
    return report;
  }

  /// Of an own database: only it may touch the spine and the output. It is opened while files are
  /// looked at and read.
  Connection connect(const OfflineOptions& options, const fs::path& spine, const fs::path& out) {
    std::vector<std::string> files;
    if (!spine.empty()) files.push_back(spine.string());
    if (!out.empty()) files.push_back(out.string());
    const bool shared = options.join_engine != JoinEngine::Asof;
    const fs::path temp_parent = files_.project() / ".provender" / "tmp";
    const auto folders = files_.allowed_directories(request_.definitions);
    scans_ = {.memory_limit = share_memory(options.memory_limit).workers,
              .threads = 1,
              .temp_parent = temp_parent,
              .allowed_directories = folders,
              .allowed_files = {},
              .keeps_metadata = true};
    auto database = Database::open_later(
        {.memory_limit = shared ? share_memory(options.memory_limit).main : options.memory_limit,
         .threads = options.threads,
         .temp_parent = temp_parent,
         .allowed_directories = folders,
         .allowed_files = std::move(files),
         .keeps_metadata = true},
        [this](const std::shared_ptr<Database>& opened) -> Result<> {
          PROVENDER_ASSIGN(auto connection, Connection::open(opened, control_.stop));
          return counter_.register_in(connection);
        });
    if (surely_needs_database(options, spine)) opening_ = Database::open_beside(database);
    return Connection::open_later(std::move(database), control_.stop);
  }

  /// Whether something is asked for that only DuckDB can do, as far as the request tells.
  bool surely_needs_database(const OfflineOptions& options, const fs::path& spine) const {
    if (request_.options.explain) return false;
    const bool is_kernel = options.join_engine == JoinEngine::Kernel ||
                           options.join_engine == JoinEngine::KernelPasses;
    return !is_kernel || spine.extension() != ".parquet" || !may_write_pages() ||
           std::ranges::any_of(request_.selection.views, [&](const SelectedView& selected) {
             const Source& source = view_of(selected).source;
             return source.kind != Source::Kind::Parquet || source.hive || has_glob(source.text);
           });
  }

  /// Whether the result is one that can be written without DuckDB.
  bool may_write_pages() const {
    if (request_.options.out.extension() != ".parquet") return false;
    return std::ranges::none_of(request_.selection.features, [&](const SelectedFeature& feature) {
      const FeatureView& view = view_of(request_.selection.views[feature.view]);
      return view.features[place_in(view, feature)].type.is_list;
    });
  }

  const FeatureView& view_of(const SelectedView& selected) const {
    return *request_.definitions.feature_view(selected.view);
  }

  Result<> write(Opened& opened, const fs::path& path) {
    const fs::path& out = request_.options.out;
    const bool is_arrow = out.empty() || out.extension() == ".arrow";
    auto written = is_arrow               ? write_arrow(opened, path)
                   : writes_pages(opened) ? write_pages(opened, path)
                                          : write_table(opened, path);
    if (written) return {};
    return about_output(opened.spine.explain(opened.connection, std::move(written).error()), path);
  }

  /// The file has no name until it is whole: what is said of it is said of what it was to be.
  Error about_output(const Error& error, const fs::path& path) const {
    const fs::path& out = request_.options.out;
    std::string message(error.message());
    const std::size_t at = message.find(path.native());
    if (at != std::string::npos) {
      message.replace(at, path.native().size(), out.empty() ? "the result" : out.native());
    }
    return {error.code(), std::move(message)};
  }

  Result<> write_arrow(Opened& opened, const fs::path& path) {
    PROVENDER_ASSIGN(const auto columns, opened.spine.output_items(opened.connection, false));
    ArrowResult result(path);
    for (std::size_t pass = 0; pass < opened.engine->passes(); ++pass) {
      PROVENDER_TRY(opened.engine->join(opened.connection, opened.spine, pass));
      PROVENDER_ASSIGN(Answer answer, opened.engine->answer(opened.connection, opened.spine));
      answer.spine_columns = columns;
      PROVENDER_TRY(result.append(opened.connection, compile_answer(answer)));
    }
    return result.finish();
  }

  bool writes_pages(const Opened& opened) const {
    return may_write_pages() && opened.spine.gives_pages();
  }

  /// Without DuckDB.
  Result<> write_pages(Opened& opened, const fs::path& path) {
    std::optional<PageResult> result;
    for (std::size_t pass = 0; pass < opened.engine->passes(); ++pass) {
      PROVENDER_TRY(opened.engine->join(opened.connection, opened.spine, pass));
      const AnsweredRows answered = *opened.engine->answered();
      progress_.begin("writes the rows", answered.rows.count());
      if (!result) {
        PROVENDER_ASSIGN(auto created,
                         PageResult::create(path,
                                            {.spine = opened.spine,
                                             .with_status = request_.options.with_status,
                                             .bytes = result_bytes_,
                                             .threads = threads_,
                                             .stop = control_.stop,
                                             .progress = progress_},
                                            answered.features));
        result.emplace(std::move(created));
      }
      PROVENDER_TRY(result->append(answered));
    }
    return result->finish();
  }

  /// Of several passes each one's rows are a file, and in the end the files are put together.
  Result<> write_table(Opened& opened, const fs::path& path) {
    const bool csv = request_.options.out.extension() == ".csv";
    PROVENDER_ASSIGN(const auto spine_columns, opened.spine.output_items(opened.connection, csv));
    PROVENDER_ASSIGN(bool negative_zero,
                     has_negative_zero(opened.connection, opened.spine.written()));
    const std::size_t passes = opened.engine->passes();
    std::vector<std::string> parts;
    std::size_t row_group_rows = 0;
    const auto form = [&] {
      return csv ? "FORMAT csv, HEADER true" : parquet_options(negative_zero, row_group_rows);
    };
    for (std::size_t pass = 0; pass < passes; ++pass) {
      PROVENDER_TRY(opened.engine->join(opened.connection, opened.spine, pass));
      PROVENDER_ASSIGN(Answer answer, opened.engine->answer(opened.connection, opened.spine));
      answer.spine_columns = spine_columns;
      row_group_rows = answer.row_group_rows;
      for (AnswerColumn& column : answer.columns) {
        column.as_base64 = csv && column.type == Type{.kind = Kind::Bytes};
      }
      if (!negative_zero) {
        PROVENDER_ASSIGN(negative_zero, opened.engine->has_negative_zero(opened.connection));
      }
      if (passes == 1) {
        return copy(opened.connection, compile_answer(answer), path, form());
      }
      PROVENDER_ASSIGN(const auto database, opened.connection.database());
      PROVENDER_ASSIGN(const fs::path folder, database->make_temp_folder());
      parts.push_back(folder / fmt::format("pass-{}.parquet", pass));
      PROVENDER_TRY(copy(opened.connection,
                         compile_answer(answer),
                         parts.back(),
                         fmt::format("FORMAT parquet, COMPRESSION snappy, DICTIONARY_SIZE_LIMIT "
                                     "0, ROW_GROUP_SIZE {}",
                                     row_group_rows)));
    }
    PROVENDER_ASSIGN(const std::uint64_t rows, opened.spine.count_rows(opened.connection));
    progress_.begin("puts the passes together", rows);
    return copy(opened.connection,
                fmt::format("SELECT * FROM read_parquet({}, hive_partitioning = false) WHERE {}",
                            sql::literal_list(parts),
                            RowCounter::kCondition),
                path,
                form());
  }

  static Result<> copy(Connection& connection,
                       const std::string& select,
                       const fs::path& path,
                       const std::string& form) {
    return connection.execute(fmt::format(
        "COPY ({}) TO {} ({}, USE_TMP_FILE false)", select, sql::literal(path.string()), form));
  }

  const HistoricalRequest& request_;
  const ProjectFiles& files_;
  const Control& control_;
  WorkerThreads& threads_;
  ResultBytes result_bytes_;
  RowProgress progress_;
  RowCounter counter_;  ///< known in the connection's database
  StagedSources staged_;
  std::vector<RequestKey> keys_;
  arrow::Stream spine_stream_;
  DatabaseOptions scans_;      ///< of a database that only reads sources
  std::future<void> opening_;  ///< of the connection's database, once it is known to be needed
  std::future<void> closing_;  ///< of what the join held; ends before all else does
};

}  // namespace

Result<HistoricalReport> write_historical(const HistoricalRequest& request,
                                          const OfflineOptions& options,
                                          const ProjectFiles& files,
                                          const Control& control) {
  const bool has_workers = options.join_engine != JoinEngine::Asof;
  WorkerThreads threads(has_workers ? static_cast<std::size_t>(std::max(options.threads, 1)) : 1);
  auto done = HistoricalRun(request, options, files, control, threads).run(options);
  // DuckDB says of some interrupts that something else failed by them.
  if (done || !control.stop.stop_requested()) return done;
  return Error(ErrorCode::Cancelled, "stopped: nothing was written");
}

}  // namespace provender::offline
