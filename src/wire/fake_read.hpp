#pragma once

#include <string>
#include <vector>

#include "provender/online_read.hpp"

#include "base/try.hpp"
#include "wire/read_reply.hpp"
#include "wire/read_request.hpp"

namespace provender::wire {

inline constexpr Type kString{.kind = Kind::String};
inline constexpr Type kInt64{.kind = Kind::Int64};

/// A prepared read of given keys and features, for tests.
class FakePreparedRead final : public PreparedRead {
 public:
  FakePreparedRead(std::vector<Key> keys, std::vector<Feature> features)
      : keys_(std::move(keys)), features_(std::move(features)) {
    for (const Key& key : keys_) {
      known_.push_back(key.name);
    }
    known_.emplace_back("movie_id");
  }
  std::span<const Key> keys() const override { return keys_; }
  std::span<const Feature> features() const override { return features_; }
  std::span<const std::string> known_keys() const override { return known_; }
  std::uint64_t revision() const override { return 1; }

 private:
  std::vector<Key> keys_;
  std::vector<Feature> features_;
  std::vector<std::string> known_;
};

/// Answers with given cells, row after row, for tests.
class FakeOnlineFeatures final : public OnlineFeatures {
 public:
  FakeOnlineFeatures(std::size_t width, std::vector<Cell> cells)
      : width_(width), cells_(std::move(cells)) {}
  std::size_t rows() const override { return cells_.size() / width_; }
  Cell cell(std::size_t row, std::size_t feature) const override {
    return cells_[row * width_ + feature];
  }
  Timestamp now() const override { return Timestamp(std::chrono::seconds(1'000)); }

 private:
  std::size_t width_;
  std::vector<Cell> cells_;
};

/// A request and its parts in one call each, for tests.
inline Result<ReadRequest> parse_read_request(const json::Value& body, std::size_t max_rows) {
  ReadRequest request;
  PROVENDER_TRY(request.parse(body, max_rows));
  return request;
}

inline Result<BoundKeys> bind_keys(ReadRequest& request, const PreparedRead& prepared) {
  BoundKeys keys;
  PROVENDER_TRY(keys.bind(request, prepared));
  return keys;
}

inline std::string read_reply(const ReadRequest& request,
                              const PreparedRead& prepared,
                              const OnlineFeatures& features) {
  std::string out;
  ReplyWriter().write(out,
                      {.request = request,
                       .prepared = prepared,
                       .names = ReplyNames(prepared),
                       .features = features});
  return out;
}

}  // namespace provender::wire
