#pragma once

#include <vector>

#include "model/names.hpp"
#include "model/problem.hpp"

namespace provender {

/// Checks `definitions` in themselves (sources are not opened) and returns all that is wrong: names
/// (form, length, reserved words, clashes), references (entities, SQL views, views, features and
/// services that do not exist, with the nearest name), key types, cycles of SQL views, features
/// that share a name with a key, services whose output names collide or are ambiguous. Sorts each
/// list by name.
std::vector<Problem> validate(Definitions& definitions);

}  // namespace provender
