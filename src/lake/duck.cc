#include "lake/duck.h"

#include <dlfcn.h>
#include <duckdb.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>

namespace hospes::lake {
namespace {

constexpr std::string_view version = "v1.5.5";

/// The functions we call, found by name.
#define HOSPES_DUCKDB(X)                                                                        \
  X(library_version) X(create_config) X(set_config) X(destroy_config) X(open_ext) X(close)      \
  X(connect) X(disconnect) X(free) X(query) X(destroy_result) X(result_error)                   \
  X(result_error_type) X(fetch_chunk) X(destroy_data_chunk) X(data_chunk_get_size)              \
  X(data_chunk_get_vector) X(vector_get_data) X(vector_get_validity) X(validity_row_is_valid)   \
  X(string_t_data) X(string_t_length) X(prepare) X(prepare_error) X(destroy_prepare)            \
  X(nparams) X(bind_varchar_length) X(pending_prepared) X(pending_error)                        \
  X(pending_execute_task) X(pending_execution_is_finished) X(execute_pending)                   \
  X(destroy_pending) X(query_progress) X(interrupt) X(appender_create) X(appender_destroy)      \
  X(appender_close) X(appender_end_row) X(appender_error) X(append_uint64) X(append_int64)      \
  X(append_bool) X(append_timestamp) X(append_varchar_length) X(append_null) X(column_count)

struct Api {
#define HOSPES_DECLARE(name) decltype(&::duckdb_##name) name = nullptr;
  HOSPES_DUCKDB(HOSPES_DECLARE)
#undef HOSPES_DECLARE
};

/// Where the library may lie, in the order in which it is looked for.
std::vector<std::string> places() {
  std::vector<std::string> out;
  if (const char* said = std::getenv("HOSPES_DUCKDB")) out.emplace_back(said);
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    out.push_back(program.parent_path() / "libduckdb.so");
    out.push_back(program.parent_path().parent_path() / "lib/hospes/libduckdb.so");
  }
  return out;
}

Result<Api> load() {
  void* library = nullptr;
  std::string tried;
  for (const std::string& place : places()) {
    library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) break;
    tried.append(tried.empty() ? "" : ", ").append(place);
  }
  if (library == nullptr)
    return fail(
        Code::unavailable,
        fmt::format(
            "DuckDB's library cannot be opened (looked at {}): copy libduckdb.so beside the program, or say where it is "
            "with HOSPES_DUCKDB",
            tried
        )
    );
  Api api;
#define HOSPES_FIND(name)                                                                      \
  api.name = reinterpret_cast<decltype(api.name)>(dlsym(library, "duckdb_" #name));            \
  if (api.name == nullptr)                                                                     \
    return fail(Code::unavailable, "the library of DuckDB lacks duckdb_" #name ": it is not the one this was built for");
  HOSPES_DUCKDB(HOSPES_FIND)
#undef HOSPES_FIND
  if (api.library_version() != version)
    return fail(
        Code::unavailable,
        fmt::format("the library of DuckDB is {}, and this was built for {}", api.library_version(), version)
    );
  return api;
}

Result<const Api*> api() {
  static const Result<Api> once = load();  // a failure stays: the next start tries again
  if (!once) return std::unexpected(once.error());
  return &*once;
}

/// Its own first line, without what names the kind twice.
std::string sentence(const char* said) {
  std::string text = said == nullptr ? "it does not say why" : said;
  if (const auto colon = text.find(" Error: "); colon != text.npos && colon < 40) text.erase(0, colon + 8);
  return text;
}

Error error_of(const char* said) {
  const std::string_view text = said == nullptr ? "" : said;
  const bool memory = text.starts_with("Out of Memory");
  const bool disk = text.starts_with("IO Error");
  return {memory ? Code::over_limit : disk ? Code::unavailable : Code::invalid_input, sentence(said)};
}

}  // namespace

bool is_number(const Column& column) {
  static constexpr std::string_view names[] = {"TINYINT",  "SMALLINT",  "INTEGER",  "BIGINT",  "HUGEINT",  "FLOAT",
                                               "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "DOUBLE"};
  for (const std::string_view name : names)
    if (column.type == name) return true;
  return column.type.starts_with("DECIMAL");
}

std::string sql_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out += '\'';
}

struct Duck::State {
  const Api& api;
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;

  explicit State(const Api& with) : api(with) {}
  ~State() {
    if (connection != nullptr) api.disconnect(&connection);
    if (database != nullptr) api.close(&database);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Duck::Duck(std::unique_ptr<State> state) : state_(std::move(state)) {}
Duck::~Duck() = default;

Result<std::unique_ptr<Duck>> Duck::open(const Options& options) {
  const Api& with = *TRY(api());
  auto state = std::make_unique<State>(with);
  duckdb_config config = nullptr;
  if (with.create_config(&config) != DuckDBSuccess) return fail(Code::unavailable, "DuckDB gives no configuration");
  const std::string memory = fmt::format("{}MB", options.memory_mb_max);
  const std::pair<const char*, const char*> settings[] = {
      {"threads", "1"},  // the caller's: no other thread is taken from those who answer
      {"memory_limit", memory.c_str()},
      {"temp_directory", ""},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
  };
  bool set = true;
  for (const auto& [name, value] : settings) set = set && with.set_config(config, name, value) == DuckDBSuccess;
  char* why = nullptr;
  const bool open = set && with.open_ext(nullptr, &state->database, config, &why) == DuckDBSuccess;
  with.destroy_config(&config);
  if (!open) {
    const std::string told = sentence(why);
    if (why != nullptr) with.free(why);
    return fail(Code::unavailable, "DuckDB does not open: " + told);
  }
  if (with.connect(state->database, &state->connection) != DuckDBSuccess)
    return fail(Code::unavailable, "DuckDB gives no connection");
  std::unique_ptr<Duck> duck(new Duck(std::move(state)));
  TRY(duck->run("SET TimeZone = " + sql_text(options.time_zone)));
  return duck;
}

Status Duck::run(const std::string& sql) {
  duckdb_result result;
  const bool done = state_->api.query(state_->connection, sql.c_str(), &result) == DuckDBSuccess;
  Status out;
  if (!done) out = std::unexpected(error_of(state_->api.result_error(&result)));
  state_->api.destroy_result(&result);
  return out;
}

Status Duck::lock(const std::vector<std::string>& folders) {
  std::string list;
  for (const std::string& folder : folders) list.append(list.empty() ? "" : ", ").append(sql_text(folder));
  TRY(run("SET allowed_directories = [" + list + "]"));
  TRY(run("SET enable_external_access = false"));
  return run("SET lock_configuration = true");
}

namespace {

/// What a statement leaves behind, whatever way it ends.
struct Running {
  const Api& api;
  duckdb_prepared_statement prepared = nullptr;
  duckdb_pending_result pending = nullptr;
  duckdb_result result{};

  explicit Running(const Api& with) : api(with) {}
  ~Running() {
    if (pending != nullptr) api.destroy_pending(&pending);
    if (prepared != nullptr) api.destroy_prepare(&prepared);
    api.destroy_result(&result);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
};

Status execute(
    const Api& api, duckdb_connection connection, const std::string& sql, const Watch& watch,
    const std::optional<std::string>& parameter, Running& running
) {
  if (api.prepare(connection, sql.c_str(), &running.prepared) != DuckDBSuccess)
    return std::unexpected(error_of(api.prepare_error(running.prepared)));
  if (parameter && api.nparams(running.prepared) == 1)
    api.bind_varchar_length(running.prepared, 1, parameter->data(), parameter->size());
  if (api.pending_prepared(running.prepared, &running.pending) != DuckDBSuccess)
    return std::unexpected(error_of(api.pending_error(running.pending)));
  for (;;) {
    const duckdb_pending_state state = api.pending_execute_task(running.pending);
    if (state == DUCKDB_PENDING_ERROR) return std::unexpected(error_of(api.pending_error(running.pending)));
    if (api.pending_execution_is_finished(state)) break;
    if (watch.progress) watch.progress(api.query_progress(connection).percentage / 100);
    if (!watch.stop) continue;
    if (auto why = watch.stop()) {
      api.interrupt(connection);
      return std::unexpected(std::move(*why));
    }
  }
  if (api.execute_pending(running.pending, &running.result) != DuckDBSuccess)
    return std::unexpected(error_of(api.result_error(&running.result)));
  return {};
}

/// Every column is VARCHAR.
void take_chunk(const Api& api, duckdb_data_chunk chunk, std::size_t columns, std::size_t rows_max, Table& out) {
  const std::size_t first = out.rows.size();
  const std::size_t size = api.data_chunk_get_size(chunk);
  const std::size_t taken = std::min<std::size_t>(size, rows_max - first);
  out.cut = out.cut || taken < size;
  out.rows.resize(first + taken, std::vector<std::optional<std::string>>(columns));
  for (std::size_t c = 0; c < columns; ++c) {
    duckdb_vector vector = api.data_chunk_get_vector(chunk, c);
    auto* values = static_cast<duckdb_string_t*>(api.vector_get_data(vector));
    std::uint64_t* valid = api.vector_get_validity(vector);
    for (std::size_t r = 0; r < taken; ++r) {
      if (valid != nullptr && !api.validity_row_is_valid(valid, r)) continue;
      out.rows[first + r][c].emplace(api.string_t_data(&values[r]), api.string_t_length(values[r]));
    }
  }
}

Status take_all(const Api& api, Running& running, std::size_t rows_max, Table& out) {
  const std::size_t columns = api.column_count(&running.result);
  while (duckdb_data_chunk chunk = api.fetch_chunk(running.result)) {
    take_chunk(api, chunk, columns, rows_max, out);
    api.destroy_data_chunk(&chunk);
  }
  if (const char* why = api.result_error(&running.result)) return std::unexpected(error_of(why));
  return {};
}

}  // namespace

Result<Table> Duck::read(
    const std::string& sql, std::size_t rows_max, const Watch& watch, const std::optional<std::string>& parameter
) {
  const Api& with = state_->api;
  Table out;
  std::string wrapped;
  {
    Running described(with);
    TRY(execute(with, state_->connection, "DESCRIBE SELECT * FROM (" + sql + "\n)", {}, parameter, described));
    Table columns;
    TRY(take_all(with, described, 4'096, columns));
    std::string names, casts;
    for (const auto& row : columns.rows) {
      const std::string place = fmt::format("c{}", out.columns.size());
      names.append(names.empty() ? "" : ", ").append(place);
      casts.append(casts.empty() ? "" : ", ").append(place).append("::VARCHAR");
      out.columns.push_back({row[0].value_or(""), row[1].value_or("")});
    }
    wrapped = fmt::format("SELECT {} FROM ({}\n) AS asked({}) LIMIT {}", casts, sql, names, rows_max + 1);
  }
  Running running(with);
  TRY(execute(with, state_->connection, wrapped, watch, parameter, running));
  TRY(take_all(with, running, rows_max, out));
  return out;
}

struct Duck::Appender::State {
  const Api& api;
  duckdb_appender appender = nullptr;
  bool good = true;

  explicit State(const Api& with) : api(with) {}
  void heed(duckdb_state state) { good = good && state == DuckDBSuccess; }
};

Duck::Appender::Appender(std::unique_ptr<State> state) : state_(std::move(state)) {}
Duck::Appender::Appender(Appender&&) noexcept = default;
Duck::Appender::~Appender() {
  if (state_ && state_->appender != nullptr) state_->api.appender_destroy(&state_->appender);
}

Result<Duck::Appender> Duck::append(const std::string& table, const char* schema) {
  auto state = std::make_unique<Appender::State>(state_->api);
  if (state_->api.appender_create(state_->connection, schema, table.c_str(), &state->appender) != DuckDBSuccess)
    return std::unexpected(error_of(state_->api.appender_error(state->appender)));
  return Appender(std::move(state));
}

void Duck::Appender::add(std::uint64_t value) { state_->heed(state_->api.append_uint64(state_->appender, value)); }
void Duck::Appender::add(std::int64_t value) { state_->heed(state_->api.append_int64(state_->appender, value)); }
void Duck::Appender::add(bool value) { state_->heed(state_->api.append_bool(state_->appender, value)); }
void Duck::Appender::add(Instant at) {
  state_->heed(state_->api.append_timestamp(state_->appender, duckdb_timestamp{at.us}));
}
void Duck::Appender::add(std::string_view text) {
  state_->heed(state_->api.append_varchar_length(state_->appender, text.data(), text.size()));
}
void Duck::Appender::add_null() { state_->heed(state_->api.append_null(state_->appender)); }
void Duck::Appender::end() { state_->heed(state_->api.appender_end_row(state_->appender)); }

Status Duck::Appender::close() {
  state_->heed(state_->api.appender_close(state_->appender));
  if (state_->good) return {};
  return std::unexpected(error_of(state_->api.appender_error(state_->appender)));
}

}  // namespace hospes::lake
