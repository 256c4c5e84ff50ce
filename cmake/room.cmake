# hospes_room(NAME [BUSY] [JOINED] FACE a.h… SOURCES a.cc… [APART a.cc…] [NEEDS room…] [LIBS target…])
#
# One folder of src/ is one room is one static library. FACE are the headers that other rooms may include, SOURCES all else
# that is compiled, NEEDS the rooms above it. A need that does not exist yet is refused, so the order of src/CMakeLists.txt
# is the order of the house and a cycle cannot be written. Every *_test.cc of the folder goes into one test program. BUSY: its
# tests compute much or its parsers go deep, so that it is optimised under the sanitizers too; all else is compiled in three
# fifths of the time there. JOINED: eight files, and eight
# of its tests, are compiled as one, which reads the headers they share once and takes about half the time; two of them that
# give one name to two things of their own show it at once, and one of them goes APART.
# That is what ./up and ./test do (HOSPES_JOINED); whoever changes a file at a time leaves it off and waits for that file alone.

option(HOSPES_JOINED "Compile the files of joined rooms eight at a time" OFF)

set(HOSPES_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Werror -Wno-missing-field-initializers
    -Wno-maybe-uninitialized)  # GCC 12 sees it in every std::expected that it inlines

add_library(hospes_flags INTERFACE)
target_compile_options(hospes_flags INTERFACE ${HOSPES_WARNINGS} -march=x86-64-v3 -mpclmul
  -fpch-preprocess              # ccache looks into precompiled headers
  --param=ggc-min-heapsize=1000000)  # kB before the compiler collects garbage: a tenth of its time
target_include_directories(hospes_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(hospes_flags INTERFACE fmt::fmt)  # its definitions must be the same wherever it is read
if(HOSPES_SANITIZE)
  # Four checks stand in front of every access and take a quarter of the compile time: a null or stale pointer is found by
  # AddressSanitizer all the same, and this architecture reads at any alignment.
  target_compile_options(hospes_flags INTERFACE -fsanitize=address,undefined -fno-sanitize=null,vptr,object-size,alignment
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(hospes_flags INTERFACE -fsanitize=address,undefined)
endif()

if(HOSPES_FUZZ)  # calls a function that only tests/fuzz/driver.cc has: build fuzz_targets alone
  target_compile_options(hospes_flags INTERFACE -fsanitize-coverage=trace-pc)
endif()

# hospes_busy(target…): see BUSY. Before hospes_precompiled.
function(hospes_busy)
  if(HOSPES_SANITIZE)
    foreach(target IN LISTS ARGN)
      target_compile_options(${target} PRIVATE -O1)
      set_target_properties(${target} PROPERTIES HOSPES_BUSY ON)
    endforeach()
  endif()
endfunction()

# hospes_joined(target…): see JOINED.
function(hospes_joined)
  if(HOSPES_JOINED)
    set_target_properties(${ARGN} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    foreach(target IN LISTS ARGN)
      target_compile_options(${target} PRIVATE -Wno-subobject-linkage)  # what is private to a file looks shared to it
    endforeach()
  endif()
endfunction()

function(hospes_room name)
  cmake_parse_arguments(ROOM "BUSY;JOINED" "" "FACE;SOURCES;APART;NEEDS;LIBS" ${ARGN})
  if(ROOM_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "room ${name}: what is '${ROOM_UNPARSED_ARGUMENTS}'?")
  endif()
  set(folder ${CMAKE_SOURCE_DIR}/src/${name})
  set(needs)
  foreach(need IN LISTS ROOM_NEEDS)
    if(NOT TARGET hospes_${need})
      message(FATAL_ERROR "room ${name} needs ${need}, which does not stand above it in src/CMakeLists.txt")
    endif()
    list(APPEND needs hospes_${need})
  endforeach()
  list(TRANSFORM ROOM_SOURCES PREPEND ${folder}/)
  list(TRANSFORM ROOM_FACE PREPEND ${folder}/)
  add_library(hospes_${name} STATIC ${ROOM_SOURCES})
  target_sources(hospes_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR}/src FILES ${ROOM_FACE})
  target_link_libraries(hospes_${name} PUBLIC hospes_flags ${needs} ${ROOM_LIBS})
  if(ROOM_BUSY)
    hospes_busy(hospes_${name})
  endif()
  if(ROOM_JOINED)
    hospes_joined(hospes_${name})
    list(TRANSFORM ROOM_APART PREPEND ${folder}/)
    set_source_files_properties(${ROOM_APART} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  hospes_precompiled(hospes_${name})
  set_property(GLOBAL APPEND PROPERTY HOSPES_ROOMS ${name})
  set_property(GLOBAL PROPERTY HOSPES_ROOM_${name}_NEEDS ${ROOM_NEEDS})

  file(GLOB tests CONFIGURE_DEPENDS ${folder}/*_test.cc)
  if(HOSPES_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_compile_definitions(${name}_test PRIVATE HOSPES_SOURCE="${CMAKE_SOURCE_DIR}")
    target_link_libraries(${name}_test PRIVATE hospes_${name} ${ROOM_TEST_NEEDS} GTest::gtest_main)
    if(ROOM_BUSY)
      hospes_busy(${name}_test)
    endif()
    if(ROOM_JOINED)
      hospes_joined(${name}_test)
    endif()
    hospes_precompiled(${name}_test)
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
  endif()
endfunction()
