// What `hospes.toml` may say: one row per key, read by the program, by `--help` and by
// docs/config.md alike.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace hospes::config {

/// The values that stand here are the defaults. Paths are relative to the folder of hospes.toml
/// until `read_file` makes them absolute.
struct Settings {
  std::string data_folder = "data";
  std::string keys_folder = "keys";
  std::string house_folder = "house";

  std::string public_listen = "127.0.0.1:8080";
  bool public_behind_proxy = false;
  std::string public_url;
  std::int64_t public_threads = 1;
  std::int64_t public_connections_max = 4096;
  std::int64_t public_idle_timeout_ms = 75'000;
  std::int64_t public_header_timeout_ms = 10'000;
  std::int64_t public_body_timeout_ms = 10'000;

  std::string console_listen = "127.0.0.1:8081";
  bool console_behind_proxy = false;
  std::vector<std::string> console_hosts;
  std::int64_t console_live_clients_max = 64;

  std::int64_t store_partitions = 64;
  std::int64_t store_cache_mb = 64;
  std::int64_t store_write_buffer_mb = 64;
  std::int64_t store_timelines_mb = 256;
  std::int64_t store_checkpoint_s = 5;

  std::int64_t erasure_scrub_h = 24;

  std::int64_t lake_every_s = 20;

  std::int64_t disk_floor_mb = 1024;

  std::int64_t letters_days = 7;
  std::int64_t letters_mb = 64;

  std::vector<std::string> act_allow;

  std::string log_format = "text";
  std::string log_level = "info";
};

using Field = std::variant<
    std::string Settings::*, bool Settings::*, std::int64_t Settings::*,
    std::vector<std::string> Settings::*>;

struct Key {
  std::string_view section;
  std::string_view name;
  Field field;
  std::string_view means_en;  // one sentence
  std::string_view means_fr;
  std::int64_t min = 0, max = 0;               // numbers only
  std::vector<std::string_view> choices = {};  // texts only; empty: any
  bool path = false;

  std::string full_name() const { return std::string(section) + "." + std::string(name); }
};

/// In the order of docs/config.md; keys of one section stand together.
std::span<const Key> keys();

/// Reads the text of a configuration file. invalid_input names the file and line, what is wrong and
/// what would do; an unknown key comes with the nearest known one. Keys that are absent keep their
/// default.
Result<Settings> read(std::string_view text, std::string_view file_name);
/// Reads the file and makes paths absolute, relative to its folder. not_found says how to make one.
Result<Settings> read_file(const std::string& path);
/// Sets one key from text, as `--set public.listen=127.0.0.1:9090` gives it. Same errors.
Status set(Settings& settings, std::string_view full_name, std::string_view value);

/// A value as TOML writes it.
std::string show(const Settings& settings, const Key& key);
/// docs/config.md, whole.
std::string markdown();
/// A hospes.toml in which every key stands, commented out, with its default.
std::string sample();

}  // namespace hospes::config
