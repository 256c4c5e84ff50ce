// The one file of the room that knows toml++, which throws; nothing it throws leaves here.
#include "shops/hook.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/nearest.h"

namespace hospes::shops {
namespace {

namespace fs = std::filesystem;

using Texts = std::vector<std::pair<std::string, std::string*>>;

std::unexpected<Error> wrong(
    std::string_view file, const toml::node& node, const std::string& message
) {
  return fail(
      Code::invalid_input,
      std::string(file) + ":" + std::to_string(node.source().begin.line) + ": " + message
  );
}

/// Texts into their places; keys in `passed` are read elsewhere.
Status read_texts(
    std::string_view file, const toml::table& table, const Texts& into,
    std::initializer_list<std::string_view> passed
) {
  for (const auto& [key, node] : table) {
    if (std::ranges::find(passed, key.str()) != passed.end()) continue;
    const auto at = std::ranges::find(into, key.str(), &Texts::value_type::first);
    if (at == into.end()) {
      std::vector<std::string> known(passed.begin(), passed.end());
      for (const auto& one : into) known.push_back(one.first);
      return wrong(
          file, node,
          "unknown key \"" + std::string(key.str()) + "\"" + nearest_hint(key.str(), known)
      );
    }
    const auto text = node.value_exact<std::string>();
    if (!text) return wrong(file, node, std::string(key.str()) + " must be a text in quotes");
    *at->second = *text;
  }
  return {};
}

Status read_pairs(
    std::string_view file, const toml::table& table,
    std::vector<std::pair<std::string, std::string>>& into, std::string_view but = ""
) {
  for (const auto& [key, node] : table) {
    if (key.str() == but) continue;
    const auto text = node.value_exact<std::string>();
    if (!text) return wrong(file, node, std::string(key.str()) + " must be a text in quotes");
    into.emplace_back(key.str(), *text);
  }
  return {};
}

Status read_answer(std::string_view file, const toml::table& table, Rule& out) {
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (name == "state" && node.is_string()) {
      out.state = *node.value_exact<std::string>();
      continue;
    }
    const toml::array* words = node.as_array();
    if ((name != "given" && name != "withdrawn" && name != "refused") || words == nullptr)
      return wrong(file, node, "an answer has state = \"path\", given = [words], withdrawn = [words]");
    for (const toml::node& word : *words)
      if (const auto text = word.value_exact<std::string>()) out.states[*text] = name;
  }
  return {};
}

Result<Rule> read_rule(std::string_view file, const toml::table& table) {
  Rule out;
  TRY(read_texts(
      file, table,
      {{"topic", &out.topic},
       {"where", &out.where},
       {"event", &out.event},
       {"type", &out.type},
       {"purpose", &out.purpose},
       {"message_id", &out.message_id},
       {"timestamp", &out.timestamp},
       {"user_id", &out.user_id},
       {"email", &out.email},
       {"phone", &out.phone},
       {"card", &out.card}},
      {"properties", "products", "answer"}
  ));
  if (const auto* properties = table["properties"].as_table())
    TRY(read_pairs(file, *properties, out.properties));
  if (const auto* products = table["products"].as_table()) {
    out.products_from = (*products)["from"].value_or(std::string());
    if (out.products_from.empty()) return wrong(file, *products, "products need from = \"list\"");
    TRY(read_pairs(file, *products, out.products, "from"));
  }
  if (const auto* answer = table["answer"].as_table()) TRY(read_answer(file, *answer, out));
  const int meanings = !out.event.empty() + !out.type.empty() + !out.purpose.empty();
  if (meanings != 1)
    return wrong(file, table, "a row says event = \"…\", type = \"identify\" or purpose = \"…\", one of them");
  if (!out.type.empty() && out.type != "identify")
    return wrong(file, table, "type is \"identify\", or say event");
  if (out.topic.empty() || out.message_id.find('{') == std::string::npos)
    return wrong(file, table, "a row needs topic, and a message_id such as \"shop-order-{id}\"");
  if (out.user_id.empty() && out.email.empty() && out.phone.empty() && out.card.empty())
    return wrong(file, table, "a row needs user_id, email, phone or card");
  return out;
}

Result<std::vector<std::string>> lines_of(const fs::path& path, std::string_view what) {
  std::ifstream in(path);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) {
    while (line.ends_with('\r') || line.ends_with(' ')) line.pop_back();
    if (!line.empty()) out.push_back(line);
  }
  if (out.empty())
    return fail(
        Code::unavailable, path.string() + " holds no " + std::string(what) +
                               ": write it there, readable by this program alone (chmod 600)"
    );
  return out;
}

}  // namespace

Result<Hook> read_hook(std::string_view text, std::string_view file) {
  toml::table table;
  try {
    table = toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return fail(
        Code::invalid_input, std::string(file) + ":" +
                                 std::to_string(error.source().begin.line) + ": " +
                                 std::string(error.description())
    );
  }
  Hook out;
  std::string encoding = "base64";
  std::string secret_file, key_file;
  TRY(read_texts(
      file, table,
      {{"source", &out.source},
       {"signature", &out.signature},
       {"encoding", &encoding},
       {"topic", &out.topic},
       {"ping", &out.ping},
       {"zone", &out.zone},
       {"secret_file", &secret_file},
       {"key_file", &key_file}},
      {"on"}
  ));
  for (const auto& [key, value] : Texts{
           {"source", &out.source}, {"signature", &out.signature}, {"topic", &out.topic},
           {"secret_file", &secret_file}, {"key_file", &key_file}})
    if (value->empty()) return wrong(file, table, key + " is missing");
  if (encoding != "base64" && encoding != "hex")
    return wrong(file, table, "encoding is base64 or hex");
  out.hex = encoding == "hex";
  out.secrets = {secret_file};  // names of files until read_hooks has read them
  out.write_key = key_file;
  const toml::array* rules = table["on"].as_array();
  if (rules == nullptr || rules->empty()) return wrong(file, table, "no [[on]]: nothing is mapped");
  for (const toml::node& node : *rules) {
    if (!node.is_table()) return wrong(file, node, "write each row as [[on]]");
    out.rules.push_back(TRY(read_rule(file, *node.as_table())));
  }
  return out;
}

Result<std::vector<Hook>> read_hooks(const std::string& house_folder) {
  std::vector<Hook> out;
  std::error_code error;
  const fs::path folder = fs::path(house_folder) / "hooks";
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".toml") continue;
    std::ifstream in(at->path());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    Hook hook = TRY(read_hook(text, "hooks/" + at->path().filename().string()));
    hook.name = at->path().stem().string();
    hook.secrets = TRY(lines_of(folder / hook.secrets.front(), "secret"));
    hook.write_key = TRY(lines_of(folder / hook.write_key, "write key")).front();
    out.push_back(std::move(hook));
  }
  std::ranges::sort(out, {}, &Hook::name);
  return out;
}

}  // namespace hospes::shops
