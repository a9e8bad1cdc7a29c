# varve_module(<folder below src> DEPS <modules and libraries> [TEST_DEPS ...])
#
# One static library `varve_<folder with _>` from the folder's sources, and one test binary
# `<library>_test` from its *_test.cc. Sources are found by glob, so a new file needs no line here.
function(varve_module folder)
  cmake_parse_arguments(arg "" "" "DEPS;TEST_DEPS" ${ARGN})
  string(REPLACE "/" "_" name ${folder})
  set(target varve_${name})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.cc)
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.h)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|main)\\.cc$")
  if(sources)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC varve_flags ${arg_DEPS})
    varve_precompile(${target})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE varve_flags ${arg_DEPS})
  endif()
  if(tests AND NOT VARVE_RELEASE)
    add_executable(${target}_test ${tests})
    target_link_libraries(${target}_test PRIVATE
      ${target} ${arg_TEST_DEPS} varve_asio GTest::gtest GTest::gmock GTest::gtest_main
      lib_rapidcheck)
    target_compile_definitions(${target}_test PRIVATE VARVE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    target_compile_options(${target}_test PRIVATE -Wno-conversion)
    varve_precompile(${target}_test)
    add_test(NAME ${name} COMMAND ${target}_test)
  endif()
endfunction()

# Everybody shares the one precompiled header of base/, which may speed up an include but never
# satisfy one: the tidy preset compiles without it.
function(varve_precompile target)
  if(VARVE_NO_PCH OR target STREQUAL "varve_base")
    return()
  endif()
  target_precompile_headers(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src/base/precompiled.h)
endfunction()
