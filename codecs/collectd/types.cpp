#include "codecs/collectd/types.h"

#include <algorithm>
#include <fstream>

namespace penstock::collectd {
namespace {

constexpr std::string_view kSpace = " \t\r,";
constexpr size_t kTypesMax = 100'000;

// Facts from collectd's documentation (types.db(5) and the plugins' pages).
constexpr std::string_view kKnown[] = {
    "compression uncompressed compressed",
    "disk_latency read write",
    "disk_merged read write",
    "disk_octets read write",
    "disk_ops read write",
    "disk_time read write",
    "df used free",
    "dns_octets queries responses",
    "if_dropped rx tx",
    "if_errors rx tx",
    "if_octets rx tx",
    "if_packets rx tx",
    "io_octets rx tx",
    "io_packets rx tx",
    "load shortterm midterm longterm",
    "memcached_octets rx tx",
    "mysql_octets rx tx",
    "node_octets rx tx",
    "ps_count processes threads",
    "ps_cputime user syst",
    "ps_disk_octets read write",
    "ps_disk_ops read write",
    "ps_pagefaults minflt majflt",
    "serial_octets rx tx",
    "swap_io in out",
    "vmpaging_io in out",
    "vmpage_faults minflt majflt",
    "vmpage_io in out",
    "voltage_threshold value threshold",
};

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kSpace));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

Types Types::known() {
  Types out;
  for (const std::string_view line : kKnown) out.add_line(line);
  return out;
}

Result<Types> Types::read(const std::vector<std::string>& paths) {
  Types out;
  for (const std::string& path : paths) {
    std::ifstream file(path);
    if (!file) return io_error("cannot read " + path);
    for (std::string line; out.types_.size() < kTypesMax && std::getline(file, line);)
      out.add_line(line);
  }
  return out;
}

void Types::add_line(std::string_view line) {
  const std::string_view type = take_word(line);
  if (type.empty() || type[0] == '#') return;
  auto& names = types_[std::string(type)];
  names.clear();
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line))
    names.emplace_back(word.substr(0, word.find(':')));
}

const std::vector<std::string>* Types::find(std::string_view type) const {
  const auto found = types_.find(type);
  return found == types_.end() ? nullptr : &found->second;
}

}  // namespace penstock::collectd
