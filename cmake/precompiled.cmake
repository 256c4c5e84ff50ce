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

if(HOSPES_PRECOMPILED)
  foreach(kind headers test_headers)
    add_library(hospes_${kind} STATIC ${CMAKE_SOURCE_DIR}/cmake/precompiled.cc)
    target_link_libraries(hospes_${kind} PRIVATE hospes_flags Boost::headers croaring)
    target_precompile_headers(hospes_${kind} PRIVATE ${HOSPES_LIBRARY_HEADERS})
    if(NOT HOSPES_TESTS)
      break()
    endif()
  endforeach()
  if(HOSPES_TESTS)
    target_link_libraries(hospes_test_headers PRIVATE GTest::gtest)
    target_precompile_headers(hospes_test_headers PRIVATE <gtest/gtest.h>)
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
    if("${libraries}" MATCHES "GTest::")
      target_precompile_headers(${target} REUSE_FROM hospes_test_headers)
    else()
      target_precompile_headers(${target} REUSE_FROM hospes_headers)
    endif()
  endforeach()
endfunction()
