#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "provender/online_read.hpp"
#include "provender/server_config.hpp"

#include "base/clock.hpp"
#include "http/server.hpp"
#include "online/online_store.hpp"
#include "registry/registry.hpp"
#include "server/feature_handler.hpp"

/// The whole read path, from a registry to a server, over made-up features.
namespace provender::serving_test {

/// A folder that goes with the object.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  Folder(Folder&&) = delete;
  Folder& operator=(Folder&&) = delete;
  ~Folder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Views `v0`, `v1`, … of the entity user_id, with the features `v0_f0` … `v0_f9`, and a row in
/// each view for each of the users `user0`, `user1`, …; `v0_f0` of user N is N.
class Sample {
 public:
  enum class Store : unsigned char { Memory, Lmdb };
  struct Size {
    int views = 5;
    int users = 200;
  };
  explicit Sample(Store store) : Sample(store, Size()) {}
  Sample(Store store, Size size);

  /// Applies the same definitions with one view more, of no rows.
  void apply_another();
  /// Goes on with another store.
  void use(std::unique_ptr<online::OnlineStore> store);
  OnlineReader& reader() { return *reader_; }
  server::FeatureHandler::Context context();
  std::string metrics_text() const { return metrics_.render(); }
  ServerConfig config;
  server::AccessLog* access_log = nullptr;

  /// The names of the first `count` features, as the list of a request.
  static std::string names(int count);
  /// A body that asks for `count` features of one user, or, in the column form, of `users`.
  static std::string single(int count);
  static std::string columns(int count, int users);
  /// The body as a request.
  static std::string post(std::string_view body, std::string_view accept = "*/*");

 private:
  void fill(const Size& size);

  static constexpr unsigned kMostLoops = 4;
  Folder folder_;
  SystemClock clock_;
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<online::OnlineStore> store_;
  std::unique_ptr<OnlineReader> reader_;
  server::Metrics metrics_{kMostLoops};
  std::unique_ptr<server::Tokens> tokens_;
  std::string openapi_ = "{}";
};

}  // namespace provender::serving_test
