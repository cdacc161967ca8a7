#include "filters/memcached.h"

#include <gtest/gtest.h>

#include "tests/support/plugins.h"

namespace penstock {
namespace {

TEST(Memcached, is_refused_with_what_to_use_instead) {
  const std::string error =
      test::make_error(memcached_filter(), R"(hosts => ["h"] get => { "%{ip}" => "threat" })");
  EXPECT_NE(error.find("translate"), std::string::npos);
  EXPECT_NE(error.find("aggregate"), std::string::npos);
}

}  // namespace
}  // namespace penstock
