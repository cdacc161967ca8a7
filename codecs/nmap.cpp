#include "codecs/nmap.h"

#include "codecs/refused.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"emit_scan_metadata", OptionType::boolean, "true", "Whether there is an event for the scan."},
    {"emit_hosts", OptionType::boolean, "true", "Whether there is an event for each host."},
    {"emit_ports", OptionType::boolean, "true", "Whether there is an event for each port."},
    {"emit_traceroute_links", OptionType::boolean, "true",
     "Whether there is an event for each hop of a traceroute."},
};

std::string_view advice() {
  return "nmap isn't supported. Give the report of `nmap -oX` to the filter `xml` (one document "
         "per "
         "event, codec `multiline` joins its lines) and `split` it by host, or write `nmap -oG` "
         "and "
         "take its lines apart with `dissect`";
}

}  // namespace

CodecPlugin nmap_codec() {
  return refused_codec<advice>({"nmap", "Not supported: use the filter xml instead.", kOptions});
}

}  // namespace penstock
