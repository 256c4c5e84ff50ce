// hospes verify: checks a receipt alone, offline: no house, no network, no configuration.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/json_text.h"
#include "receipt/receipt.h"
#include "server/command.h"
#include "server/json.h"

namespace hospes::server {
namespace {

constexpr std::streamsize file_bytes_max = 1 << 20;

struct VerifyAsk {
  std::string file, grown;
  std::vector<std::string> keys;
};

Result<std::string> read_file(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& in = path == "-" ? std::cin : file;
  if (!in) return fail(Code::not_found, "cannot read " + path);
  std::string out(file_bytes_max, '\0');
  in.read(out.data(), file_bytes_max);
  out.resize(static_cast<std::size_t>(in.gcount()));
  return out;
}

/// Where the object that begins at `at` ends; npos when it does not. Braces in texts do not count.
std::size_t end_of_object(std::string_view text, std::size_t at) {
  bool in_text = false;
  for (std::size_t depth = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_text && c == '\\') {
      ++at;
    } else if (c == '"') {
      in_text = !in_text;
    } else if (!in_text && c == '{') {
      ++depth;
    } else if (!in_text && c == '}' && --depth == 0) {
      return at + 1;
    }
  }
  return text.npos;
}

/// The receipt in the answer of the house that bears it; else the text as it is.
std::string receipt_in(const std::string& text) {
  constexpr std::string_view name = "\"receipt\"";
  const auto at = text.find(name);
  if (at == text.npos) return text;
  const auto begin = text.find_first_not_of(" \t\r\n:", at + name.size());
  if (begin == text.npos || text[begin] != '{') return text;
  const auto end = end_of_object(text, begin);
  return end == text.npos ? text : text.substr(begin, end - begin);
}

int refuse(const Globals& globals, const Error& error) {
  if (globals.json) {
    fmt::print("{{\"valid\":false,\"reason\":{}}}\n", json_text(error.message));
  } else {
    fmt::print("{}: {}\n", globals.say("not valid", "non valable"), error.message);
  }
  return exit_no;
}

bool vouched(const VerifyAsk& ask, const receipt::Proved& proved) {
  return std::ranges::any_of(ask.keys, [&](const std::string& key) {
    return std::ranges::any_of(proved.keys, [&](const receipt::Verifier& v) {
      return v.text() == key;
    });
  });
}

void tell(const Globals& globals, const receipt::Proved& proved) {
  const auto record = Json::parse(proved.record);
  const auto text = [&](const char* key) { return record ? (*record)[key].text() : std::string(); };
  fmt::print(
      "{}\n", globals.say("valid: this stands in the log", "valable : ceci figure au journal")
  );
  const auto line = [&](std::string_view en, std::string_view fr, const std::string& value) {
    if (!value.empty()) fmt::print("  {:<11}{}\n", globals.say(en, fr), value);
  };
  line("house", "maison", text("house"));
  line("what", "quoi", fmt::format("{} {} {}", text("kind"), text("purpose"), text("state")));
  line("who", "qui", text("subject"));
  line("when", "quand", text("at"));
  line("leaf", "feuille", fmt::format("{} / {}", proved.leaf, proved.checkpoint.size));
  line("first key", "1re clé", proved.keys.front().text());
  line("signed by", "signé par", proved.keys.back().text());
}

void tell_unvouched(const Globals& globals) {
  fmt::print(
      "  {}\n", globals.say(
                    "compare the key with the one that the house publishes, or give it: --key",
                    "comparez la clé à celle que publie la maison, ou donnez-la : --key"
                )
  );
}

int verify(const Globals& globals, const VerifyAsk& ask) {
  const auto text = read_file(ask.file);
  if (!text) return report(text.error());
  auto proved = receipt::verify(*text);
  if (!proved && proved.error().code == Code::invalid_input) {
    if (const std::string inner = receipt_in(*text); inner != *text) proved = receipt::verify(inner);
  }
  if (!proved) return refuse(globals, proved.error());
  if (!ask.keys.empty() && !vouched(ask, *proved))
    return refuse(
        globals, {Code::corrupt, std::string(globals.say(
                                     "it is signed, but not under the key that you gave",
                                     "il est signé, mais pas sous la clé que vous avez donnée"
                                 ))}
    );
  if (!ask.grown.empty()) {
    const auto growth = read_file(ask.grown);
    if (!growth) return report(growth.error());
    if (const auto later = receipt::verify_growth(*proved, *growth); !later)
      return refuse(globals, later.error());
  }
  if (globals.json) {
    fmt::print(
        "{{\"valid\":true,\"leaf\":{},\"size\":{},\"first_key\":{},\"key\":{},\"record\":{}}}\n",
        proved->leaf, proved->checkpoint.size, json_text(proved->keys.front().text()),
        json_text(proved->keys.back().text()), proved->record
    );
    return exit_done;
  }
  tell(globals, *proved);
  if (ask.keys.empty()) tell_unvouched(globals);
  return exit_done;
}

constexpr Help verify_help{
    "verify",
    "Checks a receipt of any house, offline: that what it says stands in the house's log, signed, "
    "and unchanged since.",
    "Vérifie un reçu de toute maison, hors ligne : ce qu'il dit figure au journal de la maison, "
    "signé, et inchangé depuis.",
    "hospes verify receipt.json\n"
    "hospes verify receipt.json --key 'disquaire/receipts+1f2e…+AQ…'   under a key you know\n"
    "hospes verify receipt.json --grown growth.json   that today's log still holds it: save\n"
    "  /v1/audit/consistency?from=SIZE of the house, SIZE being the second number of its leaf\n"
    "The file is the receipt, or the whole answer of the house; - reads it from the input.",
    "hospes verify recu.json\n"
    "hospes verify recu.json --key 'disquaire/receipts+1f2e…+AQ…'   sous une clé connue de vous\n"
    "hospes verify recu.json --grown suite.json   le journal d'aujourd'hui le contient encore :\n"
    "  enregistrez /v1/audit/consistency?from=TAILLE, le second nombre de sa feuille\n"
    "Le fichier est le reçu, ou la réponse entière de la maison ; - le lit sur l'entrée."};

}  // namespace

void add_verify(Command hospes) {
  const auto ask = std::make_shared<VerifyAsk>();
  const Command command = hospes.command(verify_help);
  command.option("receipt", ask->file, "a file, or -").required();
  command.option("--key", ask->keys, "a key of the house that you know; may be given again");
  command.option("--grown", ask->grown, "a file: what /v1/audit/consistency answered");
  command.run(ask, verify);
}

}  // namespace hospes::server
