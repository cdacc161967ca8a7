#include "filters/syslog_pri.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

using test::FilterRun;

std::string of(std::string_view json, Ecs ecs = Ecs::disabled, const std::string& options = "") {
  Context context = test::test_context();
  context.ecs = ecs;
  FilterRun run(syslog_pri_filter(), options, context);
  return run.one(json);
}

std::string codes(int facility, int severity, std::string_view pri) {
  return "{\"syslog_facility_code\":" + std::to_string(facility) +
         ",\"syslog_pri\":" + std::string(pri) +
         ",\"syslog_severity_code\":" + std::to_string(severity) + "}";
}

TEST(SyslogPri, numbers_and_names) {
  EXPECT_EQ(of(R"({"syslog_pri":"34"})"),
            R"({"syslog_facility":"security/authorization","syslog_facility_code":4,)"
            R"("syslog_pri":"34","syslog_severity":"critical","syslog_severity_code":2})");
  EXPECT_EQ(of(R"({"log":{"syslog":{"priority":34}}})", Ecs::v8),
            R"({"log":{"syslog":{"facility":{"code":4,"name":"security/authorization"},)"
            R"("priority":34,"severity":{"code":2,"name":"critical"}}}})");
}

TEST(SyslogPri, without_a_priority_it_is_13) {
  EXPECT_EQ(of("{}", Ecs::disabled, "use_labels => false"),
            R"({"syslog_facility_code":1,"syslog_severity_code":5})");
}

TEST(SyslogPri, texts_and_arrays) {
  const std::string options = "use_labels => false";
  EXPECT_EQ(of(R"({"syslog_pri":["13",1]})", Ecs::disabled, options), codes(1, 5, "[\"13\",1]"));
  EXPECT_EQ(of(R"({"syslog_pri":"12x"})", Ecs::disabled, options), codes(1, 4, "\"12x\""));
  EXPECT_EQ(of(R"({"syslog_pri":"x"})", Ecs::disabled, options), codes(0, 0, "\"x\""));
}

TEST(SyslogPri, an_unknown_facility_is_tagged) {
  EXPECT_EQ(of(R"({"syslog_pri":"192"})"),
            R"({"syslog_facility_code":24,"syslog_pri":"192","syslog_severity_code":0,)"
            R"("tags":["_syslogpriparsefailure"]})");
  EXPECT_EQ(of(R"({"syslog_pri":{}})"), R"({"syslog_pri":{},"tags":["_syslogpriparsefailure"]})");
}

}  // namespace
}  // namespace penstock
