#pragma once

#include <optional>
#include <string>
#include <vector>

#include "provender/online_read.hpp"

#include "wire/read_request.hpp"

namespace provender::wire {

/// How often each status was answered, for metrics: indexed by Status.
struct StatusCounts {
  std::uint64_t counts[5] = {};
};

/// What every answer to a prepared read says again: the names of its features as JSON text.
/// Immutable: safe for concurrent use.
class ReplyNames {
 public:
  explicit ReplyNames(const PreparedRead& prepared);

  /// `"name":` of a feature.
  const std::string& member(std::size_t feature) const { return members_[feature]; }
  /// `"a","b"`, of all features.
  const std::string& list() const { return list_; }

 private:
  std::vector<std::string> members_;
  std::string list_;
};

/// Writes answers in the form in which they were asked for; keeps its memory from one to the next.
/// Confined to one thread.
class ReplyWriter {
 public:
  struct Source {
    const ReadRequest& request;
    const PreparedRead& prepared;
    const ReplyNames& names;  ///< of `prepared`
    const OnlineFeatures& features;
  };
  /// Appends the answer to `out`. A value that JSON cannot carry is null and INVALID.
  StatusCounts write(std::string& out, const Source& source);

 private:
  /// What is told of a value behind the values.
  struct Told {
    Status status = Status::NotFound;
    std::optional<Timestamp> event_timestamp;
  };
  /// A part of the answer that is said again.
  struct Place {
    std::size_t begin = 0;
    std::size_t size = 0;  ///< 0: not written yet
  };
  /// What the features of one stored row have in common.
  struct Shared {
    Place timestamps;
    Place rest;  ///< all behind the values, where all of them are PRESENT
  };

  void write_single(std::string& out, const Source& source);
  void write_metadata(std::string& out, const Source& source) const;
  void write_columns(std::string& out, const Source& source);
  void write_feature_column(std::string& out,
                            const Source& source,
                            std::size_t feature,
                            Shared& shared);
  bool write_column_values(std::string& out, const Source& source, std::size_t feature);
  void write_statuses(std::string& out) const;
  void write_timestamps(std::string& out, Place& place) const;
  static void append_again(std::string& out, const Place& place);
  void tell(const Cell& cell);

  std::vector<Told> told_;      ///< of one column, or of the one row
  std::vector<Shared> shared_;  ///< by PreparedRead::Feature::row
  StatusCounts counts_;
};

}  // namespace provender::wire
