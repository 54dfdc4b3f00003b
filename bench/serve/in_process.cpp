// What a C++ program gets that reads without HTTP, through the public interface alone: prepares a
// feature service once, then reads batches of entities, touching every value. Prints one line of
// JSON.
//
//   in_process PROJECT SERVICE KEYS_FILE ROWS READS
//   in_process PROJECT SERVICE KEYS_FILE ROWS show     the first batch instead: a line an entity,
//                                                      "STATUS text" of each value between tabs
//
// KEYS_FILE has an entity's key, a text, on each line; batches take them in turn.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "provender/feature_store.hpp"

namespace {

using provender::Cell;
using provender::Kind;
using provender::OnlineFeatures;
using provender::Status;
using provender::ValueView;
using Clock = std::chrono::steady_clock;

/// A number that depends on the value, so that none can be skipped.
std::uint64_t touch(const ValueView& value) {
  switch (value.type().kind) {
    case Kind::Bool:
      return value.get<bool>() ? 1 : 2;
    case Kind::Int32:
      return static_cast<std::uint32_t>(value.get<std::int32_t>());
    case Kind::Int64:
      return static_cast<std::uint64_t>(value.get<std::int64_t>());
    case Kind::Float32:
      return static_cast<std::uint64_t>(value.get<float>());
    case Kind::Float64:
      return static_cast<std::uint64_t>(value.get<double>());
    case Kind::Timestamp:
      return static_cast<std::uint64_t>(
          value.get<provender::Timestamp>().time_since_epoch().count());
    case Kind::String:
    case Kind::Bytes:
      break;
  }
  const auto text = value.get<std::string_view>();
  return text.size() + (text.empty() ? 0 : static_cast<unsigned char>(text.back()));
}

class Reads {
 public:
  Reads(provender::OnlineReader& reader,
        std::shared_ptr<const provender::PreparedRead> prepared,
        const std::vector<std::string>& keys,
        std::size_t rows)
      : reader_(reader), prepared_(std::move(prepared)), rows_(rows) {
    for (const std::string& key : keys) {
      keys_.emplace_back(Kind::String, key);
    }
  }

  template <class Done>
  bool next(Done&& done) {
    if (at_ + rows_ > keys_.size()) at_ = 0;
    const auto keys = std::span<const ValueView>(keys_).subspan(at_, rows_);
    at_ += rows_;
    bool is_read = false;
    reader_.read(prepared_, keys, [&](const auto& features) {
      is_read = features && features->get().rows() == rows_;
      if (is_read) done(features->get());
    });
    return is_read;
  }

  bool show() {
    return next([&](const OnlineFeatures& features) {
      for (std::size_t row = 0; row < rows_; ++row) {
        for (std::size_t i = 0; i < prepared_->features().size(); ++i) {
          const Cell cell = features.cell(row, i);
          std::printf("%s%s %s",
                      i == 0 ? "" : "\t",
                      std::string(to_string(cell.status)).c_str(),
                      to_text(cell.value).c_str());
        }
        std::printf("\n");
      }
    });
  }

  bool measure(std::size_t reads) {
    std::vector<double> times;
    times.reserve(reads);
    std::uint64_t sum = 0;
    std::size_t missing = 0;
    const std::size_t warm = reads / 10;
    for (std::size_t i = 0; i < warm + reads; ++i) {
      const auto begin = Clock::now();
      const bool is_read = next([&](const OnlineFeatures& features) {
        for (std::size_t row = 0; row < rows_; ++row) {
          for (std::size_t feature = 0; feature < prepared_->features().size(); ++feature) {
            const Cell cell = features.cell(row, feature);
            if (cell.status == Status::Present) {
              sum += touch(cell.value);
            } else if (cell.status != Status::NullValue) {
              ++missing;
            }
          }
        }
      });
      const auto time = Clock::now() - begin;
      if (!is_read || missing > 0) return false;
      if (i >= warm) times.push_back(std::chrono::duration<double, std::micro>(time).count());
    }
    print(times, sum);
    return true;
  }

 private:
  void print(std::vector<double>& times, std::uint64_t sum) const {
    double total = 0;
    for (const double time : times) {
      total += time;
    }
    std::ranges::sort(times);
    const auto at = [&](double part) {
      return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
    };
    std::printf(
        "{\"rows\":%zu,\"features\":%zu,\"reads\":%zu,\"p50_us\":%.2f,\"p99_us\":%.2f,"
        "\"keys_per_s\":%.0f,\"sum\":\"%016llx\"}\n",
        rows_,
        prepared_->features().size(),
        times.size(),
        at(0.5),
        at(0.99),
        static_cast<double>(rows_ * times.size()) / total * 1e6,
        static_cast<unsigned long long>(sum));
  }

  provender::OnlineReader& reader_;
  std::shared_ptr<const provender::PreparedRead> prepared_;
  std::vector<ValueView> keys_;
  std::size_t rows_;
  std::size_t at_ = 0;
};

int fail(std::string_view what) {
  std::fprintf(stderr, "in_process: %.*s\n", static_cast<int>(what.size()), what.data());
  return 1;
}

std::vector<std::string> lines_of(const char* file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return fail("PROJECT SERVICE KEYS_FILE ROWS READS|show");
  const auto rows = static_cast<std::size_t>(std::atoll(argv[4]));
  const auto keys = lines_of(argv[3]);
  if (rows == 0 || keys.size() < rows) return fail("fewer keys than rows");
  auto store = provender::FeatureStore::open({.project = argv[1], .read_only = true});
  if (!store) return fail(store.error().message());
  auto online = (*store)->online();
  if (!online) return fail(online.error().message());
  auto prepared = (*online)->prepare({.features = {}, .service = argv[2]});
  if (!prepared) return fail(prepared.error().message());
  Reads reads(**online, *std::move(prepared), keys, rows);
  const bool is_shown = std::strcmp(argv[5], "show") == 0;
  const bool is_good =
      is_shown ? reads.show() : reads.measure(static_cast<std::size_t>(std::atoll(argv[5])));
  return is_good ? 0 : fail("a read failed, or a value was not found");
}
