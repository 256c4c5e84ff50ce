#include "bench/report.h"

#include <fmt/format.h>

namespace hospes::bench {

void Report::name(std::string_view name) {
  if (!out_.empty()) out_ += ',';
  out_ += fmt::format("\"{}\":", name);
}

void Report::number(std::string_view n, double value) {
  name(n);
  out_ += fmt::format("{:.6g}", value);
}

void Report::whole(std::string_view n, std::uint64_t value) {
  name(n);
  out_ += fmt::format("{}", value);
}

void Report::text(std::string_view n, std::string_view value) {
  name(n);
  out_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out_ += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out_ += c;
    }
  }
  out_ += '"';
}

void Report::object(std::string_view n, const Report& inner) {
  name(n);
  out_ += inner.json();
}

Report core_surroundings() {
  const Machine m = this_machine();
  Report out;
  out.text("commit", HOSPES_COMMIT);
  out.text("cpu", m.cpu);
  out.whole("cores", m.cores);
  out.whole("memory_mb", m.memory_mb);
  out.number("load_1min", m.load_1min);
  out.number("calibration_us", calibrate_us());
  return out;
}

Result<Report> surroundings(const std::string& folder) {
  const DiskProbe disk = TRY(probe_disk(folder));
  Report out = core_surroundings();
  out.number("disk_sync_p50_ms", disk.p50_ms);
  out.number("disk_sync_p99_ms", disk.p99_ms);
  return out;
}

}  // namespace hospes::bench
