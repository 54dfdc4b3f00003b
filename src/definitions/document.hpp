#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "definitions/sections.hpp"
#include "model/problem.hpp"

namespace provender::definitions {

/// Reads the text of one definitions file into `into`, and adds what is wrong with it to
/// `problems`. `file` is its name for messages. Pure: nothing else is read or opened.
void read_document(std::string_view text,
                   const std::string& file,
                   Loaded& into,
                   std::vector<Problem>& problems);

/// Makes the entities that are only named: one key of the entity's name, its type left to the
/// sources. A name close to another entity's is taken for a typo and reported.
void add_named_entities(Loaded& loaded, std::vector<Problem>& problems);

}  // namespace provender::definitions
