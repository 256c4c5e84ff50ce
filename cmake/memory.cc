// Linked into the Release programs (cmake/memory.cmake): how jemalloc manages memory here.
//
// Huge pages: a house in memory is read all over the place, and most of what an event costs is finding where its pages lie.
// What is no longer used is given back by a thread of its own, not by the one that happens to free.
// MALLOC_CONF in the environment overrides any of it (jemalloc 5.3 manual, TUNING).
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "thp:always,metadata_thp:auto,background_thread:true";
}
