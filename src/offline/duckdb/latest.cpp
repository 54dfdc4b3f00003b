#include "offline/duckdb/latest.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/source_reader.hpp"
#include "offline/duckdb/unreadable.hpp"
#include "offline/latest_query.hpp"

namespace provender::offline {
namespace {

/// Below this share of keys to rows, a pass that leaves out older rows is cheaper than to sort
/// them.
constexpr std::uint64_t kRowsPerKey = 3;

/// Hands on the first row of each run of equal keys: the query orders the winner first.
class SortedReader final : public LatestReader {
 public:
  SortedReader(Connection connection,
               ResultStream stream,
               OpenedSource source,
               const ProjectFiles& files,
               std::string view)
      : connection_(std::move(connection)),
        stream_(std::move(stream)),
        source_(std::move(source)),
        files_(files),
        view_(std::move(view)),
        keys_(source_.relation.keys),
        readers_(stream_.types().begin(), stream_.types().end()) {
    // Microseconds in BIGINT columns are timestamps to the caller.
    types_.assign(stream_.types().begin(), stream_.types().end());
    types_[keys_] = types_[keys_ + 1] = Type{.kind = Kind::Timestamp};
  }

  Result<std::optional<BatchView>> next() override {
    while (true) {
      auto chunk = stream_.next();
      if (!chunk) return unreadable(std::move(chunk).error());
      chunk_ = *std::move(chunk);
      if (!chunk_) return std::optional<BatchView>();
      if (const std::size_t rows = select_rows(); rows > 0) return read_batch(rows);
    }
  }

  std::uint64_t skipped_rows() const override { return source_.skipped_rows; }

 private:
  Error unreadable(Error error) {
    return explain_unreadable(connection_, files_, source_.relation, std::move(error))
        .within(fmt::format("feature view '{}'", view_));
  }

  /// Finds the rows whose key is another than the row's before; their number.
  std::size_t select_rows() {
    const std::size_t rows = duckdb_data_chunk_get_size(chunk_.get());
    read_columns(0, keys_, rows, nullptr);
    selection_.clear();
    for (std::size_t row = 0; row < rows; ++row) {
      if (row == 0 ? is_new_key() : !same_key(row, row - 1)) {
        selection_.push_back(static_cast<std::uint32_t>(row));
      }
    }
    last_key_.clear();
    for (std::size_t k = 0; rows > 0 && k < keys_; ++k) {
      last_key_.push_back(value_at(columns_[k], rows - 1));
    }
    return selection_.size();
  }

  bool is_new_key() const {
    for (std::size_t k = 0; k < last_key_.size(); ++k) {
      if (!(value_at(columns_[k], 0) == last_key_[k])) return true;
    }
    return last_key_.empty();
  }

  bool same_key(std::size_t a, std::size_t b) const {
    for (std::size_t k = 0; k < keys_; ++k) {
      if (!same_value(columns_[k], a, b)) return false;
    }
    return true;
  }

  static bool same_value(const ColumnView& column, std::size_t a, std::size_t b) {
    switch (column.type.kind) {
      case Kind::Bool:
        return column.at<std::uint8_t>(a) == column.at<std::uint8_t>(b);
      case Kind::Int32:
        return column.at<std::int32_t>(a) == column.at<std::int32_t>(b);
      case Kind::String:
      case Kind::Bytes:
        return column.at<std::string_view>(a) == column.at<std::string_view>(b);
      default:
        return column.at<std::int64_t>(a) == column.at<std::int64_t>(b);
    }
  }

  std::optional<BatchView> read_batch(std::size_t rows) {
    const std::size_t all = duckdb_data_chunk_get_size(chunk_.get());
    const bool is_all = rows == all;
    read_columns(is_all ? keys_ : 0, readers_.size(), all, is_all ? nullptr : &selection_);
    return BatchView{.rows = rows, .columns = columns_};
  }

  void read_columns(std::size_t begin,
                    std::size_t end,
                    std::size_t rows,
                    const RowSelection* selection) {
    columns_.resize(readers_.size(), ColumnView{.type = Type{.kind = Kind::Bool}});
    for (std::size_t c = begin; c < end; ++c) {
      columns_[c] =
          readers_[c].read(duckdb_data_chunk_get_vector(chunk_.get(), c), rows, selection);
      columns_[c].type = types_[c];
    }
  }

  Connection connection_;  // must outlive the stream
  ResultStream stream_;
  OpenedSource source_;
  ProjectFiles files_;
  std::string view_;
  std::size_t keys_;
  std::vector<ColumnReader> readers_;
  std::vector<Type> types_;
  ChunkHandle chunk_;
  RowSelection selection_;
  std::vector<Value> last_key_;
  std::vector<ColumnView> columns_;
};

}  // namespace

Result<std::unique_ptr<LatestReader>> read_latest(Connection connection,
                                                  const ProjectFiles& files,
                                                  const Definitions& definitions,
                                                  const FeatureView& view,
                                                  Timestamp end) {
  std::vector<std::size_t> features(view.features.size());
  std::ranges::generate(features, [next = std::size_t{0}]() mutable { return next++; });
  SourceReader reader(connection, files, definitions);
  PROVENDER_ASSIGN(OpenedSource source, reader.open(view, features, "source_0"));
  const bool many_per_key = source.rows > kRowsPerKey * source.distinct_keys;
  auto stream = connection.stream(compile_latest(source.relation, view, end, many_per_key));
  if (!stream) {
    return explain_unreadable(connection, files, source.relation, std::move(stream).error())
        .within(fmt::format("feature view '{}'", view.name));
  }
  return std::unique_ptr<LatestReader>(new SortedReader(
      std::move(connection), *std::move(stream), std::move(source), files, view.name));
}

}  // namespace provender::offline
