# hospes_precompiled(target…): the library headers that nearly every file reads, read once.
#
# Reading <algorithm>, <map> or {fmt} took two thirds of a file's compile time. Only headers of the standard library, {fmt},
# Boost's maps and GoogleTest stand here: a change in a room must never build all others anew. A file still includes what it
# uses; HOSPES_PRECOMPILED=OFF shows where one forgot.

option(HOSPES_PRECOMPILED "Read the library headers once for all files" ON)

set(HOSPES_LIBRARY_HEADERS
  <algorithm> <array> <atomic> <charconv> <chrono> <cmath> <cstdint> <cstring> <deque> <expected> <filesystem> <fstream>
  <functional> <future> <map> <memory> <mutex> <numeric> <optional> <set> <span> <sstream> <string> <string_view> <thread>
  <unordered_map> <variant> <vector> <boost/unordered/unordered_flat_map.hpp> <boost/unordered/unordered_flat_set.hpp> <fmt/format.h>
  <roaring.hh>)

# One set for each way in which files are compiled: of tests, and of what is optimised under the sanitizers (room.cmake, BUSY).
function(hospes_precompiled_set name)
  add_library(${name} STATIC ${CMAKE_SOURCE_DIR}/cmake/precompiled.cc)
  target_link_libraries(${name} PRIVATE hospes_flags Boost::headers croaring ${ARGN})
  if(name MATCHES "_busy")
    target_compile_options(${name} PRIVATE -O1)
  endif()
  target_precompile_headers(${name} PRIVATE ${HOSPES_LIBRARY_HEADERS})
  if(name MATCHES "_test")
    target_precompile_headers(${name} PRIVATE <gtest/gtest.h>)
  endif()
endfunction()

if(HOSPES_PRECOMPILED)
  hospes_precompiled_set(hospes_headers)
  if(HOSPES_TESTS)
    hospes_precompiled_set(hospes_test_headers GTest::gtest)
  endif()
  if(HOSPES_SANITIZE)
    hospes_precompiled_set(hospes_busy_headers)
    if(HOSPES_TESTS)
      hospes_precompiled_set(hospes_busy_test_headers GTest::gtest)
    endif()
  endif()
endif()

function(hospes_precompiled)
  if(NOT HOSPES_PRECOMPILED)
    return()
  endif()
  foreach(target IN LISTS ARGN)
    # GCC 12 keeps these three, false ones of the library's own texts, to itself only when it reads the headers afresh.
    target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
    get_target_property(libraries ${target} LINK_LIBRARIES)
    get_target_property(busy ${target} HOSPES_BUSY)
    set(headers hospes)
    if(busy)
      string(APPEND headers _busy)
    endif()
    if("${libraries}" MATCHES "GTest::")
      string(APPEND headers _test)
    endif()
    target_precompile_headers(${target} REUSE_FROM ${headers}_headers)
  endforeach()
endfunction()
