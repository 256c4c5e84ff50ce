// toml++ throws; nothing it throws leaves here.
#include "catalog/moving.h"

#include <toml++/toml.h>

#include <algorithm>

#include "base/json_text.h"

namespace hospes::catalog {
namespace {

std::unexpected<Error> wrong(const toml::node& node, const std::string& message) {
  return fail(
      Code::invalid_input,
      "moving.toml:" + std::to_string(node.source().begin.line) + ": " + message
  );
}

Status take(const toml::node& node, Settled& out) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return wrong(node, "write a table, as [bounces]");
  for (const auto& [key, value] : *table) {
    const auto text = value.value_exact<std::string>();
    if (key == "imported" && value.is_array()) {
      for (const toml::node& one : *value.as_array()) {
        const auto name = one.value_exact<std::string>();
        if (!name) return wrong(one, "imported holds texts");
        out.imported.push_back(*name);
      }
    } else if (key == "waived_by" && text) {
      out.waived_by = *text;
    } else if (key == "on" && text) {
      out.on = *text;
    } else if (key == "because" && text) {
      out.because = *text;
    } else {
      return wrong(value, "known are imported = [texts], waived_by, on, because = texts");
    }
  }
  return {};
}

}  // namespace

std::string_view to_string(NoList list) {
  constexpr std::array<std::string_view, no_lists.size()> names = {
      "unsubscribes", "bounces", "complaints"};
  return names[static_cast<std::size_t>(list)];
}

std::vector<NoList> Moving::open() const {
  std::vector<NoList> out;
  for (const NoList list : no_lists)
    if (begun && !of(list).done()) out.push_back(list);
  return out;
}

Result<Moving> read_moving(std::string_view text) {
  toml::table table;
  try {
    table = toml::parse(text, std::string_view("moving.toml"));
  } catch (const toml::parse_error& error) {
    return fail(
        Code::invalid_input, "moving.toml:" + std::to_string(error.source().begin.line) + ": " +
                                 std::string(error.description())
    );
  }
  Moving out{.begun = true};
  for (const auto& [key, node] : table) {
    const auto list = std::ranges::find(no_lists, key.str(), [](NoList l) { return to_string(l); });
    if (list == no_lists.end())
      return wrong(node, "known are [unsubscribes], [bounces] and [complaints]");
    TRY(take(node, out.of(*list)));
  }
  return out;
}

std::string write_moving(const Moving& moving) {
  std::string out =
      "# The lists of those who said no to the tool this house comes from. Until each is imported "
      "or waived by name,\n# no yes from there enters and contact:* stays closed "
      "(hospes import --help).\n";
  for (const NoList list : no_lists) {
    const Settled& settled = moving.of(list);
    out.append("\n[").append(to_string(list)).append("]\n");
    if (!settled.imported.empty()) {
      out += "imported = [";
      for (std::size_t i = 0; i < settled.imported.size(); ++i)
        out.append(i == 0 ? "" : ", ").append(json_text(settled.imported[i]));
      out += "]\n";
    }
    if (settled.waived_by.empty()) continue;
    out.append("waived_by = ").append(json_text(settled.waived_by));
    out.append("\non = ").append(json_text(settled.on));
    out.append("\nbecause = ").append(json_text(settled.because)).append("\n");
  }
  return out;
}

}  // namespace hospes::catalog
