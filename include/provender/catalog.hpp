#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "provender/online_read.hpp"

namespace provender {

/// One registered feature.
struct FeatureInfo {
  std::string name;
  std::string view;
  std::vector<std::string> entities;    ///< of its view
  std::vector<PreparedRead::Key> keys;  ///< of the entities together, in canonical order
  Type type;
  std::string source;  ///< as declared: a path, "view: NAME" or "sql: SELECT …"
  std::string cadence;
  std::optional<Duration> ttl;
  std::string description;  ///< of its own, else its view's; the owner too
  std::string owner;
  std::map<std::string, std::string> tags;  ///< its view's, and its own before them
};

/// One registered entity.
struct EntityInfo {
  std::string name;
  std::vector<PreparedRead::Key> keys;
  std::string description;
  std::string owner;
  std::map<std::string, std::string> tags;
};

/// One registered feature view.
struct ViewInfo {
  std::string name;
  std::vector<std::string> entities;
  std::vector<PreparedRead::Key> keys;  ///< of its entities together, in canonical order
  std::string source;                   ///< as in FeatureInfo
  std::string event_timestamp;          ///< the source's column
  std::string created_timestamp;        ///< the source's column; empty: not declared
  std::string cadence;
  std::optional<Duration> ttl;
  std::vector<PreparedRead::Feature> features;
  std::string description;
  std::string owner;
  std::map<std::string, std::string> tags;
};

/// One registered feature service.
struct ServiceInfo {
  std::string name;
  std::vector<std::string> features;  ///< "view:feature", in order; "alias=view:feature" in a role
  std::string description;
  std::string owner;
  std::map<std::string, std::string> tags;
};

/// What is registered besides features, each list by name.
struct Catalog {
  std::uint64_t version = 0;  ///< applied version; 0: nothing applied yet
  std::vector<EntityInfo> entities;
  std::vector<ViewInfo> views;
  std::vector<ServiceInfo> services;
};

}  // namespace provender
