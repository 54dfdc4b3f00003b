#include <benchmark/benchmark.h>

#include "codec/row_codec.hpp"
#include "codec/value_columns.hpp"

namespace provender::codec {
namespace {

constexpr std::string_view kKey{"8a2f\0\0", 6};

using Cells = std::vector<std::pair<Type, Value>>;

Cells cells(int fields) {
  Cells cells(static_cast<std::size_t>(fields), {{.kind = Kind::Int64}, {std::int64_t{47}}});
  for (std::size_t i = 0; i < cells.size(); i += 5) {
    cells[i] = {{.kind = Kind::String}, {}};
  }
  for (std::size_t i = 0; i < cells.size(); i += 5) {
    cells[i].second.storage = "documentary";
  }
  for (std::size_t i = 1; i < cells.size(); i += 5) {
    cells[i] = {{.kind = Kind::Float64}, {}};
  }
  return cells;
}

RowSchema schema_of(const Cells& cells) {
  RowSchema schema{.id = 1, .fields = {}};
  for (const auto& [type, value] : cells) {
    schema.fields.push_back({.id = static_cast<std::uint16_t>(schema.fields.size()), .type = type});
  }
  return schema;
}

void encode_row(benchmark::State& state) {
  const auto fields = cells(static_cast<int>(state.range(0)));
  const RowEncoder encoder(schema_of(fields));
  const ValueRow row(fields);
  std::string out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    if (!encoder.encode(kKey, {}, row.columns(), 0, out)) state.SkipWithError("not encoded");
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(encode_row)->Arg(10)->Arg(50);

void read_row(benchmark::State& state) {
  const auto fields = cells(static_cast<int>(state.range(0)));
  const RowSchema schema = schema_of(fields);
  const RowLayout layout(schema);
  const ValueRow columns(fields);
  std::string row;
  if (!RowEncoder(schema).encode(kKey, {}, columns.columns(), 0, row)) return;
  for ([[maybe_unused]] auto _ : state) {
    if (!read_header(kKey, row)) state.SkipWithError("not read");
    for (const auto& field : schema.fields) {
      benchmark::DoNotOptimize(layout.read(row, *layout.slot(field.id)));
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(read_row)->Arg(10)->Arg(50);

}  // namespace
}  // namespace provender::codec
