#include "filters/cidr.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "filters/support/ip_network.h"
#include "pipeline/base/log.h"
#include "pipeline/base/text.h"
#include "pipeline/event/interpolate.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"address", OptionType::strings, "[ ]", "The addresses to look for. %{...} works."},
    {"address_field", OptionType::field, "",
     "The field with the address or an array of them, instead of `address`."},
    {"network", OptionType::strings, "[ ]",
     "The networks, as 10.0.0.0/8 or fe80::/64; several in one text with commas. %{...} works."},
    {"network_path", OptionType::path, "", "A file with the networks, instead of `network`."},
    {"separator", OptionType::string, "\"\n\"", "What stands between two networks of the file."},
    {"refresh_interval", OptionType::number, "600",
     "How often the file is read again, in seconds."},
};

constexpr size_t kFileBytesMax = size_t{64} << 20;

void add_network(std::string_view text, std::vector<IpNetwork>& out) {
  text = trim(text);
  if (const auto network = IpNetwork::parse(text))
    out.push_back(*network);
  else if (!text.empty())
    log::warn("cidr", "`{}` is no network and is left out", text);
}

// Empty: the file can't be read.
std::optional<IpSet> read_networks(const std::string& path, const std::string& separator) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  char chunk[1 << 16];
  while (file && text.size() < kFileBytesMax) {
    file.read(chunk, sizeof chunk);
    text.append(chunk, static_cast<size_t>(file.gcount()));
  }
  if (file.bad() || !file.eof()) return std::nullopt;
  std::vector<IpNetwork> networks;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(separator, at), text.size());
    add_network(std::string_view(text).substr(at, end - at), networks);
    at = end + separator.size();
  }
  return IpSet(networks);
}

struct Plan {
  std::vector<Template> addresses;
  std::optional<FieldRef> address_field;
  IpSet networks;                   // those that are known at start
  std::vector<Template> templates;  // the others
  std::string path, separator;
  std::chrono::nanoseconds refresh_interval{};
};

class Cidr : public Filter {
 public:
  explicit Cidr(Plan plan) : plan_(std::move(plan)) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows)
      if (matches(batch[row])) matched.push_back(row);
  }

  bool wants_tick() const override { return !plan_.path.empty(); }
  void tick(Batch&, std::chrono::steady_clock::time_point now) override {
    if (next_refresh_ == std::chrono::steady_clock::time_point()) {
      next_refresh_ = now + plan_.refresh_interval;
    } else if (now >= next_refresh_) {
      next_refresh_ = now + plan_.refresh_interval;
      auto read = read_networks(plan_.path, plan_.separator);
      if (read && !read->empty())
        plan_.networks = std::move(*read);
      else
        log::warn("cidr", "{} can't be read or is empty: the networks stay as they were",
                  plan_.path);
    }
  }

 private:
  bool matches(const Event& event) {
    if (!plan_.templates.empty()) resolve(event);
    if (plan_.address_field) {
      const Value* value = event.find(*plan_.address_field);
      if (!value) return false;
      if (!value->is_array()) return contains(*value);
      for (const Value& item : value->elements())
        if (contains(item)) return true;
      return false;
    }
    for (const Template& address : plan_.addresses) {
      text_.clear();
      address.append(event, text_);
      if (contains(text_)) return true;
    }
    return false;
  }

  bool contains(const Value& value) const { return value.is_string() && contains(value.view()); }
  bool contains(std::string_view text) const {
    const auto address = IpNetwork::parse(text);
    return address && (plan_.networks.contains(*address) || of_event_.contains(*address));
  }

  void resolve(const Event& event) {
    std::vector<IpNetwork> networks;
    for (const Template& network : plan_.templates) {
      text_.clear();
      network.append(event, text_);
      for (std::string_view rest = text_; !rest.empty();) {
        const size_t comma = std::min(rest.find(','), rest.size());
        if (const auto parsed = IpNetwork::parse(trim(rest.substr(0, comma))))
          networks.push_back(*parsed);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
      }
    }
    of_event_ = IpSet(networks);
  }

  Plan plan_;
  IpSet of_event_;
  std::string text_;
  std::chrono::steady_clock::time_point next_refresh_{};
};

Status read_addresses(const Settings& settings, Plan& plan) {
  if (settings.has("address_field")) {
    if (settings.is_given("address"))
      return settings.error("address_field", "either `address` or `address_field`, not both");
    plan.address_field = settings.field("address_field");
  }
  for (const std::string& text : settings.strings("address")) {
    auto parsed = Template::parse(text);
    if (!parsed.ok()) return settings.error("address", parsed.error().message);
    plan.addresses.push_back(std::move(parsed).value());
  }
  return ok_status();
}

Status read_network_option(const Settings& settings, Plan& plan) {
  std::vector<IpNetwork> networks;
  for (const std::string& text : settings.strings("network")) {
    auto parsed = Template::parse(text);
    if (!parsed.ok()) return settings.error("network", parsed.error().message);
    if (!parsed.value().is_constant()) {
      plan.templates.push_back(std::move(parsed).value());
      continue;
    }
    for (std::string_view rest = text; !rest.empty();) {
      const size_t comma = std::min(rest.find(','), rest.size());
      add_network(rest.substr(0, comma), networks);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  plan.networks = IpSet(networks);
  return ok_status();
}

Status read_network_file(const Settings& settings, Plan& plan) {
  if (settings.is_given("network"))
    return settings.error("network_path", "either `network` or `network_path`, not both");
  plan.path = settings.string("network_path");
  plan.separator = settings.string("separator");
  if (plan.separator.empty()) return settings.error("separator", "must not be empty");
  const double seconds = settings.number("refresh_interval");
  if (!(seconds > 0 && seconds < 1e9))
    return settings.error("refresh_interval", "expected a number of seconds above 0");
  plan.refresh_interval = std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
  auto read = read_networks(plan.path, plan.separator);
  if (!read) return settings.error("network_path", plan.path + " can't be read");
  plan.networks = std::move(*read);
  return ok_status();
}

Result<std::unique_ptr<Filter>> make(const Settings& settings, const Context&) {
  Plan plan;
  TRY_STATUS(read_addresses(settings, plan));
  if (settings.has("network_path"))
    TRY_STATUS(read_network_file(settings, plan));
  else
    TRY_STATUS(read_network_option(settings, plan));
  return std::unique_ptr<Filter>(std::make_unique<Cidr>(std::move(plan)));
}

}  // namespace

FilterPlugin cidr_filter() {
  return {
      {"cidr", "Lets the common options act on events whose address lies in a network.", kOptions},
      make};
}

}  // namespace penstock
