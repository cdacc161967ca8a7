#include "filters/dns/hosts.h"

#include <algorithm>

#include "filters/dns/message.h"
#include "pipeline/base/text.h"

namespace penstock::dns {
namespace {

// Calls `take` with the words of each line, comments left out.
template <class Take>
void each_line(std::string_view text, Take take) {
  std::vector<std::string> words;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = line.substr(0, line.find_first_of("#;"));
    words.clear();
    while (!(line = trim(line)).empty()) {
      const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
      words.push_back(replace_invalid_utf8(word));
      line.remove_prefix(word.size());
    }
    if (!words.empty()) take(words);
  }
}

}  // namespace

void Hosts::add(std::string_view text) {
  each_line(text, [&](const std::vector<std::string>& words) {
    const std::string address = words[0].substr(0, words[0].find('%'));
    if (words.size() < 2 || !is_address(address)) return;
    names_.emplace(address, words[1]);
    for (size_t i = 1; i < words.size(); ++i) addresses_.emplace(words[i], address);
  });
}

SystemServers parse_resolv_conf(std::string_view text) {
  SystemServers out;
  each_line(text, [&](const std::vector<std::string>& words) {
    const auto rest = [&] { return std::vector<std::string>(words.begin() + 1, words.end()); };
    if (words[0] == "nameserver" && words.size() > 1) out.nameservers.push_back(words[1]);
    if (words[0] == "search" || words[0] == "domain") out.search = rest();
    if (words[0] != "options") return;
    for (const std::string& word : words)
      if (word.starts_with("ndots:"))
        out.ndots =
            static_cast<int>(std::clamp<int64_t>(parse_integer(word.substr(6)).value_or(1), 0, 15));
  });
  return out;
}

}  // namespace penstock::dns
