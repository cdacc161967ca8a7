// Steps, caches, failures: logstash-filter-dns (dns.rb). Logstash waits for each event by itself;
// here a batch's names are looked up together, so that a worker waits once per option field.
#include "filters/dns.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <unordered_map>

#include "filters/dns/cache.h"
#include "filters/dns/hosts.h"
#include "filters/dns/resolver.h"
#include "filters/shared_state.h"
#include "filters/support/set_field.h"
#include "pipeline/base/text.h"

namespace penstock {
namespace {

using dns::Lookup;

constexpr std::string_view kActions[] = {"append", "replace"};
constexpr int64_t kCacheEntriesMax = 10'000'000;
constexpr size_t kSearchMax = 6;
constexpr int64_t kRetriesMax = 100;

constexpr Option kOptions[] = {
    {"resolve", OptionType::fields, "", "Fields with host names that become addresses."},
    {"reverse", OptionType::fields, "", "Fields with addresses that become host names."},
    {"action", OptionType::choice, "append",
     "Whether what is found is appended to the field, which becomes a list, or replaces it.", false,
     kActions},
    {"nameserver", OptionType::any, "",
     "Addresses of name servers, `ADDRESS:PORT` too, or a hash with `address`, `search` and "
     "`ndots`. Unset: what /etc/resolv.conf says, unless `hostsfile` is given."},
    {"hostsfile", OptionType::strings, "",
     "Files like /etc/hosts that are looked into before it. Without `nameserver` no server is "
     "asked then."},
    {"timeout", OptionType::number, "0.5", "Seconds to wait for an answer of a server."},
    {"max_retries", OptionType::integer, "2", "How often all servers are asked again."},
    {"hit_cache_size", OptionType::integer, "0", "How many answers are remembered; 0: none."},
    {"hit_cache_ttl", OptionType::number, "60", "Seconds that an answer is remembered."},
    {"failed_cache_size", OptionType::integer, "0", "How many failures are remembered; 0: none."},
    {"failed_cache_ttl", OptionType::number, "5", "Seconds that a failure is remembered."},
    {"tag_on_timeout", OptionType::strings, "[\"_dnstimeout\"]",
     "Tags for an event whose name no server answered for in time."},
};

// Of all workers.
struct Shared {
  dns::Cache hits, failures;
  Counter queries, timeouts;
};

struct Step {
  FieldRef field;
  bool reverse;
};

class DnsFilter : public Filter {
 public:
  struct Parts {
    std::vector<Step> steps;
    bool replace = false;
    std::vector<std::string> tags;
    std::shared_ptr<const dns::Hosts> hosts;
    std::shared_ptr<Shared> shared;
    dns::ResolverOptions resolver;
  };
  DnsFilter(Parts parts, const Clock* clock)
      : parts_(std::move(parts)), clock_(clock), resolver_(parts_.resolver) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    going_.assign(rows.begin(), rows.end());
    for (const Step& step : parts_.steps) run(step, batch);
    matched.insert(matched.end(), going_.begin(), going_.end());
  }

 private:
  // An event whose field waits for a name.
  struct Waiting {
    Row row;
    size_t lookup;
  };

  // The step for all events; those for which it fails leave going_.
  void run(const Step& step, Batch& batch) {
    collect(step, batch);
    const auto now = clock_->steady();
    parts_.shared->queries.add(asked_.size());
    resolver_.resolve(asked_);
    for (const Lookup& lookup : asked_) remember(lookup, now);
    stopped_.assign(batch.size(), false);
    for (const Waiting& each : waiting_)
      stopped_[each.row] = !settle(step, batch[each.row], lookup_of(each.lookup));
    std::erase_if(going_, [&](Row row) { return stopped_[row]; });
  }

  void collect(const Step& step, const Batch& batch) {
    waiting_.clear();
    known_.clear();
    asked_.clear();
    numbers_.clear();
    const auto now = clock_->steady();
    std::erase_if(going_, [&](Row row) {
      const Value* value = batch[row].find(step.field);
      if (!value || value->is_null()) return false;
      const bool list = value->is_array();
      if (list && value->size != 1) return true;
      if (list) value = value->items;
      if (!value->is_string()) return true;
      const std::string name(value->view());
      if (step.reverse && !dns::is_address(name)) return true;
      if (parts_.shared->failures.find(name, now)) return true;
      waiting_.push_back({row, number_of(name, step.reverse, now)});
      return false;
    });
  }

  // Lookups whose end is known have even numbers, those to ask for odd ones.
  size_t number_of(const std::string& name, bool reverse,
                   std::chrono::steady_clock::time_point now) {
    const auto [at, fresh] = numbers_.try_emplace(name, 0);
    if (!fresh) return at->second;
    if (auto found = known(name, reverse, now)) {
      known_.push_back({name, reverse, Lookup::Outcome::found, std::move(*found)});
      return at->second = (known_.size() - 1) * 2;
    }
    asked_.push_back({name, reverse, Lookup::Outcome::timed_out, {}});
    return at->second = (asked_.size() - 1) * 2 + 1;
  }

  const Lookup& lookup_of(size_t number) const {
    return number % 2 ? asked_[number / 2] : known_[number / 2];
  }

  std::optional<std::string> known(const std::string& name, bool reverse,
                                   std::chrono::steady_clock::time_point now) const {
    if (auto hit = parts_.shared->hits.find(name, now)) return hit;
    if (!reverse && dns::is_address(name)) return name;
    const std::string* found =
        reverse ? parts_.hosts->name_of(name) : parts_.hosts->address_of(name);
    return found ? std::optional(*found) : std::nullopt;
  }

  void remember(const Lookup& lookup, std::chrono::steady_clock::time_point now) {
    if (lookup.outcome == Lookup::Outcome::found)
      parts_.shared->hits.put(lookup.name, lookup.text, now);
    else
      parts_.shared->failures.put(lookup.name, "", now);
    if (lookup.outcome == Lookup::Outcome::timed_out) parts_.shared->timeouts.add();
  }

  // Whether the event goes on with the next step.
  bool settle(const Step& step, Event& event, const Lookup& lookup) const {
    if (lookup.outcome != Lookup::Outcome::found) {
      if (lookup.outcome == Lookup::Outcome::timed_out) tag_all(event, parts_.tags);
      return false;
    }
    Value* value = event.find(step.field);
    const Value found = event.string(lookup.text);
    if (value->is_array() && parts_.replace) {
      value->items[0] = found;
    } else if (value->is_array()) {
      array_append(event.arena(), *value, found);
    } else if (parts_.replace) {
      *value = found;
    } else {
      const Value before = *value;
      *value = Value::array();
      array_append(event.arena(), *value, before);
      array_append(event.arena(), *value, found);
    }
    return true;
  }

  Parts parts_;
  const Clock* clock_;
  dns::Resolver resolver_;
  std::vector<Row> going_;
  std::vector<bool> stopped_;  // by row
  std::vector<Waiting> waiting_;
  std::vector<Lookup> known_, asked_;
  std::unordered_map<std::string, size_t> numbers_;  // lookup by name
};

// --- making one ---

std::string read_file(const std::string& path, bool& ok) {
  std::ifstream in(path, std::ios::binary);
  ok = static_cast<bool>(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

Result<std::shared_ptr<const dns::Hosts>> read_hosts(const Settings& settings) {
  auto out = std::make_shared<dns::Hosts>();
  bool ok = true;
  for (const std::string& path : settings.strings("hostsfile")) {
    out->add(read_file(path, ok));
    if (!ok) return settings.error("hostsfile", path + " can't be read");
  }
  out->add(read_file("/etc/hosts", ok));
  return std::shared_ptr<const dns::Hosts>(std::move(out));
}

// A value of one text or a list of them.
std::vector<std::string> texts_of(const ConfigValue& value) {
  if (value.is_scalar()) return {value.text};
  std::vector<std::string> out;
  for (const ConfigValue& item : value.items) out.push_back(item.text);
  return out;
}

Result<dns::Server> parse_server(const Settings& settings, const std::string& text) {
  dns::Server out{text, 53};
  const size_t colon = text.rfind(':');
  if (!dns::is_address(text) && colon != text.npos) {
    const auto port = parse_integer(text.substr(colon + 1));
    if (port && *port > 0 && *port < 65536)
      out = {text.substr(0, colon), static_cast<uint16_t>(*port)};
  }
  if (out.address.starts_with('[') && out.address.ends_with(']'))
    out.address = out.address.substr(1, out.address.size() - 2);
  if (!dns::is_address(out.address))
    return settings.error("nameserver", "`" + text + "` is no address");
  return out;
}

Status add_servers(const Settings& settings, const std::vector<std::string>& addresses,
                   dns::ResolverOptions& out) {
  if (addresses.empty()) return settings.error("nameserver", "needs at least one address");
  for (const std::string& text : addresses) {
    TRY(dns::Server server, parse_server(settings, text));
    out.servers.push_back(std::move(server));
  }
  return ok_status();
}

Status read_nameserver_hash(const Settings& settings, const ConfigValue& hash,
                            dns::ResolverOptions& out) {
  std::vector<std::string> addresses;
  for (size_t i = 0; i + 1 < hash.items.size(); i += 2) {
    const std::string& key = hash.items[i].text;
    const ConfigValue& value = hash.items[i + 1];
    if (key == "address") {
      addresses = texts_of(value);
    } else if (key == "search") {
      out.search = texts_of(value);
    } else if (key == "ndots") {
      const auto ndots = parse_integer(value.text);
      if (!ndots || *ndots <= 0 || *ndots > 15)
        return settings.error("nameserver", "`ndots` must be a number from 1 to 15");
      out.ndots = static_cast<int>(*ndots);
    } else {
      return settings.error("nameserver",
                            "there is no `" + key + "`; there are address, search and ndots");
    }
  }
  if (out.search.size() > kSearchMax)
    return settings.error("nameserver", "`search` takes at most 6 domains");
  return add_servers(settings, addresses, out);
}

Status read_servers(const Settings& settings, dns::ResolverOptions& out) {
  const ConfigValue* given = settings.value("nameserver");
  if (given && given->kind == ConfigValue::Kind::hash)
    return read_nameserver_hash(settings, *given, out);
  if (given) return add_servers(settings, texts_of(*given), out);
  if (settings.is_given("hostsfile")) return ok_status();
  bool ok = true;
  const dns::SystemServers system = dns::parse_resolv_conf(read_file("/etc/resolv.conf", ok));
  for (const std::string& address : system.nameservers)
    if (dns::is_address(address)) out.servers.push_back({address, 53});
  if (out.servers.empty()) out.servers.push_back({"127.0.0.1", 53});
  out.search = system.search;
  out.ndots = system.ndots;
  return ok_status();
}

std::chrono::milliseconds seconds_of(const Settings& settings, std::string_view option) {
  const double seconds = std::clamp(settings.number(option), 0.0, 1e9);
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

size_t entries_of(const Settings& settings, std::string_view option) {
  return static_cast<size_t>(std::clamp<int64_t>(settings.integer(option), 0, kCacheEntriesMax));
}

std::shared_ptr<Shared> make_shared_part(const Settings& settings) {
  return std::shared_ptr<Shared>(new Shared{
      {entries_of(settings, "hit_cache_size"), seconds_of(settings, "hit_cache_ttl")},
      {entries_of(settings, "failed_cache_size"), seconds_of(settings, "failed_cache_ttl")},
      {},
      {}});
}

Result<std::unique_ptr<Filter>> make_dns(const Settings& settings, const Context& context) {
  DnsFilter::Parts parts;
  for (FieldRef& field : settings.fields("resolve"))
    parts.steps.push_back({std::move(field), false});
  for (FieldRef& field : settings.fields("reverse"))
    parts.steps.push_back({std::move(field), true});
  parts.replace = settings.string("action") == "replace";
  parts.tags = settings.strings("tag_on_timeout");
  TRY(parts.hosts, read_hosts(settings));
  TRY_STATUS(read_servers(settings, parts.resolver));
  parts.resolver.timeout = std::max(seconds_of(settings, "timeout"), std::chrono::milliseconds(1));
  parts.resolver.tries =
      1 + static_cast<int>(std::clamp<int64_t>(settings.integer("max_retries"), 0, kRetriesMax));
  parts.shared = shared_state<Shared>(context, [&] { return make_shared_part(settings); });
  if (context.worker == 0) {
    context.metrics->counter("queries", "Names that were asked for.", {}, parts.shared->queries);
    context.metrics->counter("timeouts", "Names that no server answered for in time.", {},
                             parts.shared->timeouts);
  }
  return std::unique_ptr<Filter>(std::make_unique<DnsFilter>(std::move(parts), context.clock));
}

}  // namespace

FilterPlugin dns_filter() {
  return {{"dns", "Looks up addresses of names and names of addresses.", kOptions,
           "Names beyond ASCII aren't found (write them as xn--...); an answer too long for UDP "
           "counts by the records in it."},
          make_dns};
}

}  // namespace penstock
