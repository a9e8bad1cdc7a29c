// Small operations on text that configuration needs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace varve::server {

std::string lower_case(std::string_view text);  // ASCII
std::string upper_case(std::string_view text);  // ASCII
std::string trim(std::string_view text);        // spaces and tabs, at both ends

// The parts between `separator`s, trimmed; no parts for "".
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Levenshtein: insertions, deletions and replacements that turn one into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace varve::server
