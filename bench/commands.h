// What `hospes-bench` can do: one function a command, each gives a report.
#pragma once

#include <span>

#include "bench/report.h"

namespace hospes::bench {

Result<Report> load_command(std::span<const char* const> words);
Result<Report> machine_command(std::span<const char* const> words);
Result<Report> segments_1k_command(std::span<const char* const> words);
Result<Report> segments_10k_command(std::span<const char* const> words);
/// 100, 1,000 and 10,000 segments over the same people.
Result<Report> segments_curve_command(std::span<const char* const> words);
Result<Report> timers_command(std::span<const char* const> words);
Result<Report> window_exit_command(std::span<const char* const> words);
Result<Report> cpu_check_command(std::span<const char* const> words);
Result<Report> baseline_command(std::span<const char* const> words);
Result<Report> insight_command(std::span<const char* const> words);
Result<Report> crash_command(std::span<const char* const> words);
Result<Report> memory_command(std::span<const char* const> words);
Result<Report> set_algebra_command(std::span<const char* const> words);
Result<Report> truth_command(std::span<const char* const> words);
/// Becomes tests/mutants/run.py; returns only when it cannot.
Result<Report> mutants_command(std::span<const char* const> words);

Result<Report> mail_command(std::span<const char* const> words);
Result<Report> outbox_command(std::span<const char* const> words);
Result<Report> decide_command(std::span<const char* const> words);

// beside_commands.cc
Result<Report> backfill_command(std::span<const char* const> words);
Result<Report> weld_command(std::span<const char* const> words);

// server_commands.cc
Result<Report> ingest_sealed_command(std::span<const char* const> words);
Result<Report> ingest_latency_command(std::span<const char* const> words);
Result<Report> profile_read_command(std::span<const char* const> words);
Result<Report> transition_command(std::span<const char* const> words);
Result<Report> recovery_command(std::span<const char* const> words);

}  // namespace hospes::bench
