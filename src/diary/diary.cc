#include "diary/diary.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <mutex>

namespace hospes::diary {
namespace {

/// One write(2) a line: lines of two processes on one terminal do not mix.
class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit DescriptorSink(int to) : to_(to) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    [[maybe_unused]] const auto written = ::write(to_, line.data(), line.size());
  }
  void flush_() override {}

  const int to_;
};

std::string escaped(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out.append("\\u00").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

std::string in_quotes(std::string_view text) { return '"' + escaped(text) + '"'; }

spdlog::level::level_enum spd(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

class SpdDiary final : public Diary {
 public:
  SpdDiary(Options options, int to)
      : options_(options), logger_("hospes", std::make_shared<DescriptorSink>(to)) {
    logger_.set_formatter(std::make_unique<spdlog::pattern_formatter>(
        options.json ? R"({"at":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                     : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
        spdlog::pattern_time_type::utc
    ));
    logger_.set_level(spd(options.level));
  }

  void note(
      Level level, std::string_view kind, std::string_view sentence,
      std::initializer_list<Field> fields
  ) override {
    if (level < options_.level) return;
    const std::lock_guard lock(mutex_);
    if (!room_for(kind)) return;
    write(level, kind, sentence, fields);
  }

 private:
  using Steady = std::chrono::steady_clock;
  struct Window {
    Steady::time_point began;
    std::uint32_t lines = 0;
    std::int64_t beyond = 0;
  };

  bool room_for(std::string_view kind) {
    const auto now = Steady::now();
    auto at = windows_.find(kind);
    if (at == windows_.end()) at = windows_.emplace(std::string(kind), Window{now, 0, 0}).first;
    Window& window = at->second;
    if (now - window.began >= std::chrono::seconds(options_.window_s)) {
      if (window.beyond > 0) {
        write(
            Level::warn, "diary.beyond", "lines of one kind were too many and are only counted",
            {{"of", std::string(kind)}, {"lines", window.beyond}}
        );
      }
      window = {now, 0, 0};
    }
    if (window.lines >= options_.lines_per_window_max) {
      ++window.beyond;
      return false;
    }
    ++window.lines;
    return true;
  }

  void write(
      Level level, std::string_view kind, std::string_view sentence,
      std::initializer_list<Field> fields
  ) {
    std::string line = options_.json
                           ? "\"kind\":" + in_quotes(kind) + ",\"message\":" + in_quotes(sentence)
                           : std::string(kind) + " " + escaped(sentence);
    for (const Field& field : fields) {
      const auto* number = std::get_if<std::int64_t>(&field.value);
      const std::string value =
          number != nullptr ? std::to_string(*number) : in_quotes(std::get<std::string>(field.value));
      line += options_.json ? "," + in_quotes(field.name) + ":" : " " + std::string(field.name) + "=";
      line += value;
    }
    logger_.log(spd(level), line);
  }

  const Options options_;
  std::mutex mutex_;                                    // guards all below
  std::map<std::string, Window, std::less<>> windows_;  // kinds are few and ours
  spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<Diary> open_diary(Options options, int to) {
  return std::make_unique<SpdDiary>(options, to);
}

Level level_of(std::string_view word) {
  if (word == "debug") return Level::debug;
  if (word == "warn") return Level::warn;
  if (word == "error") return Level::error;
  return Level::info;
}

}  // namespace hospes::diary
