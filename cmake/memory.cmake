# hospes_memory: jemalloc for the programs that people run. Sanitizers bring an allocator of their own.
#
# 2026-11-27, both orders, busy machine, against glibc: ingest-sealed 46.8 -> 36.9 us of the server's CPU an event,
# segments-1k over 1 M people 4.9 -> 2.8 us (docs/adr/0008-jemalloc.md).
add_library(hospes_memory INTERFACE)
if(NOT HOSPES_SANITIZE)
  pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
  target_sources(hospes_memory INTERFACE ${CMAKE_SOURCE_DIR}/cmake/memory.cc)
  target_link_libraries(hospes_memory INTERFACE PkgConfig::JEMALLOC)
endif()
