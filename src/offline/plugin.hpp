#pragma once

#include "offline/offline_store.hpp"

/// What a plug-in library exports: one function, and whether it was built with this program.
namespace provender::offline {

/// Filled in by the plug-in. Objects cross in C++ form: both sides must be of one build.
struct Plugin {
  const char* build;  ///< must equal kPluginBuild
  Result<std::unique_ptr<OfflineStore>> (*open)(const OfflineOptions& options);
};

/// The version of Provender and of the compiler.
inline constexpr const char* kPluginBuild = "provender " PROVENDER_VERSION ", " __VERSION__;

/// The exported function: `const Plugin* provender_offline_plugin()`, with C linkage.
inline constexpr const char* kPluginFunction = "provender_offline_plugin";
using PluginFunction = const Plugin* (*)();

}  // namespace provender::offline
