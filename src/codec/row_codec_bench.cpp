#include <benchmark/benchmark.h>

#include "codec/row_codec.hpp"
#include "codec/test_columns.hpp"

namespace provender::codec {
namespace {

constexpr std::string_view kKey{"8a2f\0\0", 6};

std::vector<std::pair<Type, Value>> cells(int fields) {
  std::vector<std::pair<Type, Value>> cells;
  for (int i = 0; i < fields; ++i) {
    switch (i % 5) {
      case 0:
        cells.push_back({{Kind::String}, {std::string("documentary")}});
        break;
      case 1:
        cells.push_back({{Kind::Float64}, {}});
        break;
      case 2:
        cells.push_back({{Kind::Float32}, {0.5F}});
        break;
      default:
        cells.push_back({{Kind::Int64}, {std::int64_t{i}}});
        break;
    }
  }
  return cells;
}

RowSchema schema_of(const std::vector<std::pair<Type, Value>>& cells) {
  RowSchema schema{.id = 1, .fields = {}};
  for (const auto& [type, value] : cells)
    schema.fields.push_back({.id = static_cast<std::uint16_t>(schema.fields.size()), .type = type});
  return schema;
}

void encode_row(benchmark::State& state) {
  const auto fields = cells(static_cast<int>(state.range(0)));
  const RowEncoder encoder(schema_of(fields));
  const TestRow row(fields);
  std::string out;
  for (auto _ : state) {
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
  const TestRow columns(fields);
  std::string row;
  if (!RowEncoder(schema).encode(kKey, {}, columns.columns(), 0, row)) return;
  for (auto _ : state) {
    if (!read_header(kKey, row)) state.SkipWithError("not read");
    for (const auto& field : schema.fields)
      benchmark::DoNotOptimize(layout.read(row, *layout.slot(field.id)));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(read_row)->Arg(10)->Arg(50);

}  // namespace
}  // namespace provender::codec
