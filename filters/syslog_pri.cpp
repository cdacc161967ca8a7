// Labels and field names are Logstash's (logstash-filter-syslog_pri); numbers RFC 3164's, 4.1.1.
#include "filters/syslog_pri.h"

#include "filters/support/prepared_field.h"
#include "pipeline/event/ruby_numbers.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"syslog_pri_field_name", OptionType::field, "",
     "The field with the priority. Unset: `syslog_pri`, with ECS `[log][syslog][priority]`."},
    {"use_labels", OptionType::boolean, "true",
     "Whether to add names of facility and severity to their numbers."},
    {"facility_labels", OptionType::strings,
     "[\"kernel\", \"user-level\", \"mail\", \"daemon\", \"security/authorization\", \"syslogd\", "
     "\"line printer\", \"network news\", \"uucp\", \"clock\", \"security/authorization\", "
     "\"ftp\", \"ntp\", \"log audit\", \"log alert\", \"clock\", \"local0\", \"local1\", "
     "\"local2\", \"local3\", \"local4\", \"local5\", \"local6\", \"local7\"]",
     "Names of the facilities, from 0 on."},
    {"severity_labels", OptionType::strings,
     "[\"emergency\", \"alert\", \"critical\", \"error\", \"warning\", \"notice\", "
     "\"informational\", \"debug\"]",
     "Names of the severities, from 0 on."},
};

constexpr std::string_view kFailureTag = "_syslogpriparsefailure";
constexpr int64_t kDefaultPriority = 13;  // of an event without one (RFC 3164, 4.3.3)

class SyslogPri : public Filter {
 public:
  SyslogPri(const Settings& settings, bool ecs)
      : source_(settings.has("syslog_pri_field_name")
                    ? settings.field("syslog_pri_field_name")
                    : FieldRef::of(ecs ? "[log][syslog][priority]" : "syslog_pri")),
        facility_code_(ecs ? "[log][syslog][facility][code]" : "syslog_facility_code"),
        facility_name_(ecs ? "[log][syslog][facility][name]" : "syslog_facility"),
        severity_code_(ecs ? "[log][syslog][severity][code]" : "syslog_severity_code"),
        severity_name_(ecs ? "[log][syslog][severity][name]" : "syslog_severity"),
        use_labels_(settings.boolean("use_labels")),
        facilities_(settings.strings("facility_labels")),
        severities_(settings.strings("severity_labels")) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows) {
      Event& event = batch[row];
      const auto priority = priority_of(static_cast<const Event&>(event).find(source_));
      if (priority && set_all(*priority, event))
        matched.push_back(row);
      else
        event.tag(kFailureTag);
    }
  }

 private:
  // Empty for what Logstash can't make a number of (an object, true): it would die of it.
  static std::optional<int64_t> priority_of(const Value* value) {
    if (!value || value->is_null()) return kDefaultPriority;
    if (value->is_array()) {
      if (value->size == 0 || value->items[0].is_null()) return 0;
      value = value->items;
    } else if (value->kind == Kind::boolean && !value->truth()) {
      return kDefaultPriority;
    }
    if (value->is_string()) return leading_integer(value->view());
    return value->is_number() ? value->as_integer() : std::nullopt;
  }

  bool set_all(int64_t priority, Event& event) const {
    const int64_t severity = priority & 7, facility = priority >> 3;
    if (!severity_code_.set(event, Value::of_integer(severity)) ||
        !facility_code_.set(event, Value::of_integer(facility)))
      return false;
    if (!use_labels_) return true;
    const auto known = static_cast<int64_t>(facilities_.size());
    if (facility >= known) {
      event.tag(kFailureTag);
      return true;
    }
    // A negative number counts from the end, as Ruby's arrays do.
    const int64_t index = facility < 0 ? known + facility : facility;
    if (index >= 0 &&
        !facility_name_.set(event, Value::string(facilities_[static_cast<size_t>(index)])))
      return false;
    const auto place = static_cast<size_t>(severity);
    return place >= severities_.size() ||
           severity_name_.set(event, Value::string(severities_[place]));
  }

  FieldRef source_;
  PreparedField facility_code_, facility_name_, severity_code_, severity_name_;
  bool use_labels_;
  std::vector<std::string> facilities_, severities_;
};

}  // namespace

FilterPlugin syslog_pri_filter() {
  return {{"syslog_pri", "Takes a syslog priority apart into facility and severity.", kOptions},
          [](const Settings& settings, const Context& context) -> Result<std::unique_ptr<Filter>> {
            return std::unique_ptr<Filter>(
                std::make_unique<SyslogPri>(settings, context.ecs != Ecs::disabled));
          }};
}

}  // namespace penstock
