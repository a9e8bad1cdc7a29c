// How many files the process may have open, and how many connections that allows. A connection that
// finds no descriptor for the object it asks for is an error; a store that finds none for its own
// files stops working. So connections are refused before descriptors run out.  [I-13]
#pragma once

#include <cstddef>
#include <cstdint>

namespace varve::server {

constexpr std::size_t ConnectionsMax = 10000;

// Raises this process's limit on open files as far as it may. The limit from now on.
std::uint64_t raise_file_limit();

// How many connections a process may serve that may have that many files open: each takes a socket
// and perhaps a file, and the stores keep their share. At least a few, however little there is.
std::size_t connections_within(std::uint64_t files_max);

}  // namespace varve::server
