// Any datagram as an answer, with the question's own head put before half of them: reading ends,
// and what is found is printable.
#include <cstdint>
#include <string>

#include "filters/dns/hosts.h"
#include "filters/dns/message.h"
#include "pipeline/base/check.h"
#include "pipeline/base/text.h"

namespace {

using namespace penstock;

void read(const std::string& bytes, dns::Type type) {
  const auto answer = dns::read_answer(bytes, 7, "a.example", type);
  if (!answer) return;
  CHECK(is_utf8(answer->text), "answers are well-formed");
  CHECK((answer->kind == dns::Answer::Kind::found) == !answer->text.empty(), "found is a text");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const dns::Type type : {dns::Type::a, dns::Type::aaaa, dns::Type::ptr}) {
    read(bytes, type);
    std::string reply = dns::build_question(7, "a.example", type);
    reply[2] = '\x81';
    reply[3] = '\x80';
    reply[7] = static_cast<char>(size ? data[0] : 1);
    read(reply + bytes, type);
  }
  dns::Hosts().add(bytes);
  (void)dns::parse_resolv_conf(bytes);
  (void)dns::build_question(1, bytes, dns::Type::a);
  return 0;
}
