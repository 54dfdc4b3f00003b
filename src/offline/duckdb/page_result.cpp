#include "offline/duckdb/page_result.hpp"

#include <utility>

#include "base/try.hpp"
#include "offline/duckdb/result_row_groups.hpp"
#include "offline/duckdb/row_group_queue.hpp"

namespace provender::offline {
namespace {

constexpr const char* kCreatedBy = "provender version " PROVENDER_VERSION;

std::vector<parquet::Column> columns_of(const PageResult::Request& request,
                                        std::span<const AnsweredFeature> features) {
  std::vector<parquet::Column> out = request.spine.pages()->file(0).footer.columns;
  for (const AnsweredFeature& feature : features) {
    out.push_back(parquet::column_of(feature.name, feature.type));
    if (request.with_status) {
      out.push_back(parquet::column_of(feature.name + "__status", {.kind = Kind::String}));
    }
  }
  return out;
}

}  // namespace

Result<PageResult> PageResult::create(const std::filesystem::path& path,
                                      const Request& request,
                                      std::span<const AnsweredFeature> features) {
  PROVENDER_ASSIGN(auto out,
                   parquet::FileWriter::open(path, columns_of(request, features), kCreatedBy));
  PROVENDER_ASSIGN(auto spine, parquet::File::open(request.spine.pages()->name(0)));
  return PageResult(request, std::move(out), std::move(spine));
}

Result<parquet::WrittenChunk> PageResult::make_chunk(ResultColumns& tool,
                                                     const AnsweredRows& answered,
                                                     std::size_t column,
                                                     RowsOfSpine rows) const {
  if (column == 0) request_.progress.add(rows.count());
  const PageFile& spine = request_.spine.pages()->file(0);
  const std::size_t spine_columns = spine.footer.columns.size();
  if (column < spine_columns) {
    auto chunk = tool.copy_spine(spine_, spine, column, rows);
    const bool is_about_spine = !chunk && (chunk.error().code() == ErrorCode::InvalidArgument ||
                                           chunk.error().code() == ErrorCode::ResourceExhausted);
    if (is_about_spine) return request_.spine.within(std::move(chunk).error());
    return chunk;
  }
  const std::size_t columns_each = request_.with_status ? 2 : 1;
  const std::size_t place = column - spine_columns;
  const AnsweredFeature& feature = answered.features[place / columns_each];
  return place % columns_each == 0
             ? tool.write_values(out_.columns()[column], answered, feature, rows)
             : tool.write_status(out_.columns()[column], answered, feature, rows);
}

Result<> PageResult::append(const AnsweredRows& answered) {
  const auto groups = result_row_groups(request_.spine.pages()->file(0),
                                        answered.rows,
                                        {.rows = answered.row_group_rows,
                                         .column_bytes = request_.bytes.piece,
                                         .bytes = request_.bytes.held});
  const RowGroupQueue<ResultColumns>::Make make =
      [&](ResultColumns& tool, std::size_t group, std::size_t column) {
        return make_chunk(tool, answered, column, groups[group]);
      };
  std::vector<ResultColumns> tools;
  for (std::size_t i = 0; i < request_.threads.count(); ++i) {
    tools.emplace_back(request_.bytes.piece, request_.stop);
  }
  return RowGroupQueue<ResultColumns>(out_, groups.size(), request_.bytes.held, make)
      .run(request_.threads, tools, request_.stop);
}

}  // namespace provender::offline
