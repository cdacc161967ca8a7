#include "filters/dns/message.h"

#include <arpa/inet.h>

#include <array>

#include "pipeline/base/text.h"

namespace penstock::dns {
namespace {

constexpr size_t kHeaderBytes = 12;
constexpr size_t kNameBytesMax = 253;
constexpr size_t kLabelBytesMax = 63;
constexpr int kJumpsMax = 16;  // compression pointers followed for one name
constexpr uint16_t kClassInternet = 1;

void put16(std::string& out, unsigned value) {
  out += static_cast<char>(value >> 8 & 0xFF);
  out += static_cast<char>(value & 0xFF);
}

bool put_name(std::string& out, std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > kNameBytesMax) return false;
  while (true) {
    const std::string_view label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > kLabelBytesMax) return false;
    out += static_cast<char>(label.size());
    out += label;
    if (label.size() == name.size()) break;
    name.remove_prefix(label.size() + 1);
  }
  out += '\0';
  return true;
}

// Reads a message from front to back; any read beyond the end makes it fail for good.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  uint8_t byte() { return need(1) ? static_cast<uint8_t>(bytes_[at_++]) : uint8_t{0}; }
  uint16_t word() {
    const unsigned high = byte();
    return static_cast<uint16_t>(high << 8 | byte());
  }
  std::string_view take(size_t size) {
    if (!need(size)) return {};
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  void skip(size_t size) { (void)take(size); }
  std::string name();

 private:
  bool need(size_t size) {
    ok_ = ok_ && bytes_.size() - at_ >= size;
    return ok_;
  }

  std::string_view bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

std::string Reader::name() {
  std::string out;
  size_t after = 0;  // where the message goes on, once a pointer was followed
  for (int jumps = 0; ok_;) {
    const uint8_t length = byte();
    if (length == 0) break;
    if (length >= 0xC0) {
      const size_t target = static_cast<size_t>(length & 0x3F) << 8 | byte();
      if (after == 0) after = at_;
      ok_ = ok_ && ++jumps <= kJumpsMax && target < bytes_.size();
      at_ = ok_ ? target : at_;
      continue;
    }
    const std::string_view label = take(length);
    ok_ = ok_ && length <= kLabelBytesMax && out.size() + length <= kNameBytesMax;
    if (!out.empty()) out += '.';
    out += label;
  }
  if (after != 0) at_ = after;
  return out;
}

bool is_printable(std::string_view text) {
  for (const char c : text)
    if (c <= ' ' || c > '~') return false;
  return !text.empty();
}

std::optional<std::string> read_data(Reader& reader, Type type, uint16_t size) {
  if (type == Type::ptr) {
    std::string name = reader.name();
    if (!reader.ok() || !is_printable(name)) return std::nullopt;
    return name;
  }
  const std::string_view data = reader.take(size);
  const bool v4 = type == Type::a;
  if (!reader.ok() || size != (v4 ? 4 : 16)) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(v4 ? AF_INET : AF_INET6, data.data(), text.data(), text.size());
  return std::string(text.data());
}

}  // namespace

std::string build_question(uint16_t id, std::string_view name, Type type) {
  std::string out;
  put16(out, id);
  put16(out, 0x0100);  // recursion desired
  put16(out, 1);       // one question
  put16(out, 0);
  put16(out, 0);
  put16(out, 0);
  if (!put_name(out, name)) return {};
  put16(out, static_cast<unsigned>(type));
  put16(out, kClassInternet);
  return out;
}

std::optional<Answer> read_answer(std::string_view bytes, uint16_t id, std::string_view name,
                                  Type type) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  Reader reader(bytes);
  const uint16_t got_id = reader.word();
  const uint16_t flags = reader.word();
  const uint16_t questions = reader.word();
  const uint16_t answers = reader.word();
  reader.skip(4);
  if (got_id != id || !(flags & 0x8000) || questions != 1) return std::nullopt;
  if (name.ends_with('.')) name.remove_suffix(1);
  if (!equals_ignore_case(reader.name(), name)) return std::nullopt;
  if (reader.word() != static_cast<uint16_t>(type) || reader.word() != kClassInternet)
    return std::nullopt;
  const unsigned code = flags & 0x0F;
  if (code != 0) return Answer{code == 3 ? Answer::Kind::no_such_name : Answer::Kind::failure, {}};
  for (uint16_t i = 0; i < answers && reader.ok(); ++i) {
    (void)reader.name();  // the question's or an alias of it
    const uint16_t got_type = reader.word();
    const uint16_t got_class = reader.word();
    reader.skip(4);  // time to live
    const uint16_t size = reader.word();
    if (!reader.ok()) break;
    if (got_type != static_cast<uint16_t>(type) || got_class != kClassInternet) {
      reader.skip(size);
      continue;
    }
    if (auto text = read_data(reader, type, size))
      return Answer{Answer::Kind::found, std::move(*text)};
    return Answer{Answer::Kind::failure, {}};
  }
  return Answer{reader.ok() ? Answer::Kind::none : Answer::Kind::failure, {}};
}

bool is_address(std::string_view text) {
  std::array<unsigned char, 16> bytes;
  const std::string copy(text.substr(0, INET6_ADDRSTRLEN));
  return inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1;
}

std::string reverse_name(std::string_view address) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, 16> bytes{};
  const std::string copy(address.substr(0, INET6_ADDRSTRLEN));
  std::string out;
  if (inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) {
    for (size_t i = 4; i-- > 0;) out += std::to_string(bytes[i]) + ".";
    return out + "in-addr.arpa";
  }
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) != 1) return {};
  for (size_t i = 16; i-- > 0;) {
    out += kDigits[bytes[i] & 15];
    out += '.';
    out += kDigits[bytes[i] >> 4];
    out += '.';
  }
  return out + "ip6.arpa";
}

}  // namespace penstock::dns
