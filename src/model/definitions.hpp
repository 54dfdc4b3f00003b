#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "provender/types.hpp"

#include "model/cadence.hpp"

/// What a project declares, as plain structs: made by `definitions/` from YAML or JSON, checked by
/// model/validate.hpp, kept by `registry/`, read by everything else.
namespace provender {

/// Where in the definitions a thing stands, for messages. Not part of its meaning: ignored by
/// comparisons.
struct Location {
  std::string file;
  int line = 0;  ///< from 1; 0 is unknown
  friend bool operator==(const Location&, const Location&) { return true; }
};

using Tags = std::map<std::string, std::string>;

/// What every declared object carries besides its meaning.
struct Annotations {
  std::string description;
  std::string owner;
  Tags tags;
  friend bool operator==(const Annotations&, const Annotations&) = default;
};

struct JoinKey {
  std::string name;
  std::optional<Type> type;  ///< nullopt: taken from the sources by `apply`
  friend bool operator==(const JoinKey&, const JoinKey&) = default;
};

struct Entity {
  std::string name;
  std::vector<JoinKey> keys;  ///< at least one; an entity of one key usually has the key's name
  Annotations about;
  Location where;
  friend bool operator==(const Entity&, const Entity&) = default;
};

/// A named SELECT over files, used by sources and by other SQL views.
struct SqlView {
  std::string name;
  std::string sql;
  Location where;
  friend bool operator==(const SqlView&, const SqlView&) = default;
};

/// The unit of an event or created timestamp that is stored as an integer.
enum class TimestampUnit : std::uint8_t { Seconds, Milliseconds, Microseconds, Nanoseconds };

struct Source {
  enum class Kind : std::uint8_t { Parquet, Csv, Sql, View };
  Kind kind = Kind::Parquet;
  std::string
      text;  ///< a path or glob relative to the project; the SELECT; or the name of a SQL view
  std::string event_timestamp = "event_timestamp";
  std::optional<std::string> created_timestamp;
  std::optional<TimestampUnit> timestamp_unit;  ///< of integer timestamp columns
  std::map<std::string, std::string> columns;   ///< feature or join key → column, where they differ
  bool hive = false;                            ///< key=value folders are columns
  Location where;

  /// The source's column for a feature or join key.
  const std::string& column(const std::string& name) const {
    auto found = columns.find(name);
    return found == columns.end() ? name : found->second;
  }
  friend bool operator==(const Source&, const Source&) = default;
};

struct Feature {
  std::string name;
  Type type;
  Annotations about;
  Location where;
  friend bool operator==(const Feature&, const Feature&) = default;
};

struct FeatureView {
  std::string name;
  std::vector<std::string>
      entities;  ///< names of Entity; their keys together are the view's join keys
  Source source;
  std::optional<Duration> ttl;
  Cadence cadence;
  std::vector<Feature> features;
  Annotations about;
  Location where;
  friend bool operator==(const FeatureView&, const FeatureView&) = default;
};

/// What a feature service takes from one view.
struct ServiceItem {
  std::string view;   ///< empty: `features` are bare names, to be looked up
  std::string alias;  ///< prefix of the output names in place of the view's; may be empty
  std::map<std::string, std::string> keys;  ///< role: the view's join key → the request's column
  std::vector<std::string> features;        ///< empty: all of the view
  Location where;
  friend bool operator==(const ServiceItem&, const ServiceItem&) = default;
};

struct FeatureService {
  std::string name;
  std::vector<ServiceItem> items;
  Annotations about;
  Location where;
  friend bool operator==(const FeatureService&, const FeatureService&) = default;
};

/// All that a project declares. Each list is sorted by name once validated.
struct Definitions {
  std::string project;
  std::vector<Entity> entities;
  std::vector<SqlView> sql_views;
  std::vector<FeatureView> feature_views;
  std::vector<FeatureService> feature_services;

  const Entity* entity(std::string_view name) const;
  const SqlView* sql_view(std::string_view name) const;  ///< without case, as SQL compares names
  const FeatureView* feature_view(std::string_view name) const;
  const FeatureService* feature_service(std::string_view name) const;
  friend bool operator==(const Definitions&, const Definitions&) = default;
};

/// The join keys of a view's entities together, in canonical order: by name, so that the order in
/// which entities are listed does not matter. Entities must exist.
std::vector<JoinKey> join_keys(const Definitions& definitions, const FeatureView& view);

}  // namespace provender
