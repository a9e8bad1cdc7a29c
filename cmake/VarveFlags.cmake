# Warnings, sanitizers and feature switches, carried by one interface target that every module links.
add_library(varve_flags INTERFACE)
target_include_directories(varve_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(varve_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wold-style-cast -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(varve_flags INTERFACE -Wshadow -Wthread-safety)
  # Keep ccache and the precompiled header friends.
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
else()
  add_compile_options(-fpch-preprocess)
  # From the precompiled header gtest's macros are ours to g++: no -Wshadow, no -Wdangling-else.
  # g++ 12 sees ghosts in coroutine frames and in std::string at -O1; clang watches these for us.
  target_compile_options(varve_flags INTERFACE
    -Wno-dangling-else -Wno-maybe-uninitialized -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
    -Wno-dangling-pointer -Wno-uninitialized -Wno-mismatched-new-delete -Wno-free-nonheap-object)
endif()
# Asio and Beast are compiled once, in src/http/asio_impl.cc, and only seen as declarations elsewhere.
target_compile_definitions(varve_flags INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_DATE_TIME)
target_compile_definitions(varve_flags INTERFACE VARVE_VERSION="${PROJECT_VERSION}")
if(VARVE_SANITIZE)
  set(sanitize_flags -fsanitize=${VARVE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_compile_options(${sanitize_flags})
  add_link_options(${sanitize_flags})
endif()
if(VARVE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
