// aura-logs: a deterministic set of the log files that a healthcare platform writes: Django, its
// security and performance logs, Celery, nginx, metrics. The same options give the same bytes.
//
//   aura-logs --out FOLDER [--events N] [--seed S] [--start 2026-11-18] [--days 3]
//
// Beside the logs it writes manifest.json: how many lines carry what (errors, failed logins, slow
// requests, attacks, personal data, broken lines), so that what a pipeline found can be checked.
//
// People, addresses and numbers are made up: names from short lists, example.com-like domains,
// cards and SSNs that are valid in form only.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/data/aura_parts.h"
#include "pipeline/event/value.h"

namespace penstock::aura {
namespace {

// Everything one moment of the platform's life is written with.
class Platform {
 public:
  Platform(const std::filesystem::path& folder, uint64_t events, uint64_t seed, int64_t start,
           int64_t days)
      : random_(seed),
        events_(events),
        start_ms_(start * 1000),
        span_ms_(days * 86'400'000),
        django_(folder / "django.log"),
        security_(folder / "security.log"),
        performance_(folder / "performance.log"),
        celery_(folder / "celery.log"),
        access_(folder / "access.log"),
        metrics_(folder / "metrics.log") {}

  void write() {
    for (uint64_t i = 0; i < events_; ++i) {
      now_ms_ =
          start_ms_ + static_cast<int64_t>(static_cast<double>(span_ms_) * static_cast<double>(i) /
                                           static_cast<double>(events_));
      const uint64_t kind = random_.below(100);
      if (kind < 38)
        django();
      else if (kind < 68)
        access();
      else if (kind < 82)
        performance();
      else if (kind < 90)
        celery();
      else if (kind < 95)
        security();
      else
        metric();
    }
  }

  string manifest(uint64_t seed) const {
    string out = fmt::format("{{\n  \"seed\": {},\n  \"lines\": {{", seed);
    const std::pair<string_view, uint64_t> lines[] = {
        {"django", django_.lines},           {"security", security_.lines},
        {"performance", performance_.lines}, {"celery", celery_.lines},
        {"access", access_.lines},           {"metrics", metrics_.lines}};
    uint64_t total = 0;
    for (const auto& [name, count] : lines) {
      out += fmt::format("{}\"{}\": {}", total ? ", " : "", name, count);
      total += count;
    }
    out += fmt::format("}},\n  \"total\": {},\n  \"correlation_id\": \"{}\",\n  \"counts\": {{",
                       total, kTracedId);
    bool first = true;
    for (const auto& [name, count] : counts_) {
      out += fmt::format("{}\n    \"{}\": {}", first ? "" : ",", name, count);
      first = false;
    }
    return out + "\n  }\n}\n";
  }

 private:
  // One request followed through the logs; every 20,000th event carries its id.
  static constexpr string_view kTracedId = "c0ffee00-aura-4aaa-8bbb-000000000001";

  void count(const string& name) { ++counts_[name]; }

  string iso() const {
    char text[40];
    const auto ms = static_cast<uint32_t>(now_ms_ % 1000);
    return string(text, format_instant({now_ms_ / 1000, ms * 1'000'000}, text));
  }
  string correlation() {
    if (++requests_ % 20'000 == 0) {
      count("correlation");
      return string(kTracedId);
    }
    const uint64_t a = random_.next(), b = random_.next();
    return fmt::format("{:08x}-{:04x}-4{:03x}-9{:03x}-{:012x}", a >> 32, a & 0xFFFF,
                       (a >> 16) & 0xFFF, b & 0xFFF, (b >> 12) & 0xFFFFFFFFFFFF);
  }
  // Some 50,000 addresses, a few of them busy.
  string address() {
    const auto rank =
        static_cast<uint64_t>(50'000 * random_.unit() * random_.unit() * random_.unit());
    Random fixed(rank + 17);
    constexpr uint64_t kFirst[] = {5,   24,  46,  62,  73,  81,  88,  92,
                                   109, 145, 178, 188, 194, 203, 212, 217};
    return fmt::format("{}.{}.{}.{}", kFirst[fixed.below(16)], fixed.below(256), fixed.below(256),
                       1 + fixed.below(254));
  }
  string email() {
    return fmt::format("{}.{}{}@{}", random_.pick(kFirstNames), random_.pick(kLastNames),
                       random_.below(100), random_.pick(kDomains));
  }
  string ssn() {
    return fmt::format("{:03}-{:02}-{:04}", 100 + random_.below(550), 1 + random_.below(99),
                       1 + random_.below(9999));
  }

  // A message that a careless developer let personal data into.
  string personal_message() {
    switch (random_.below(6)) {
      case 0:
        count("pii_email");
        return "Reminder sent to " + email();
      case 1:
        count("pii_payment_card");
        return "Payment captured for card " + luhn_card(random_);
      case 2:
        count("pii_us_ssn");
        return fmt::format("Insurance check failed for SSN {}", ssn());
      case 3:
        count("pii_password");
        return fmt::format("retrying SOAP login with user=svc_lab password=Tr0ub4dor{}",
                           random_.below(1000));
      case 4:
        count("pii_email");
        count("pii_medical_record_number");
        return fmt::format("Merged records MRN: {} and contact {}",
                           10'000'000 + random_.below(89'999'999), email());
      default:
        count("pii_date_of_birth");
        return fmt::format("Eligibility request DOB: {:02}/{:02}/{}", 1 + random_.below(12),
                           1 + random_.below(28), 1935 + random_.below(80));
    }
  }
  string plain_message(string_view app) {
    switch (random_.below(5)) {
      case 0:
        return fmt::format("Rendered {} list of {} items", app, random_.below(500));
      case 1:
        return fmt::format("Cache miss for key {}:{}", app, random_.below(1'000'000));
      case 2:
        return fmt::format("Queued task {} in {} ms", random_.pick(kTasks), random_.below(900));
      case 3:
        return fmt::format("Updated {} id={} by user_id={}", app, random_.below(900'000),
                           random_.below(40'000));
      default:
        return fmt::format("Permission check {}.view ok", app);
    }
  }

  // A line that no parser likes: cut short, binary, or not what it says it is.
  bool broken(File& file, const string& whole) {
    if (!random_.chance(0.0002) || whole.find(kTracedId) != string::npos) return false;
    count("broken");
    switch (random_.below(4)) {
      case 0:
        file.line(whole.substr(0, whole.size() / 2));
        break;
      case 1:
        file.line(string_view("\x00\x01\xFF\xFE{\"levelname\":\xC3(", 19));
        break;
      case 2:
        file.line("-- MARK -- logger restarted");
        break;
      default:
        file.line(whole + "}}");
        break;
    }
    return true;
  }

  string django_head(string_view level, string_view app, const string& message) {
    return fmt::format(
        R"({{"timestamp":"{}","levelname":"{}","name":"aura.{}.views","message":{},"module":"views","process":{},"thread":{},"correlation_id":"{}")",
        iso(), level, app, json_text(message), 100 + random_.below(16),
        139'000'000'000'000 + random_.below(1'000'000), correlation());
  }

  void django() {
    const string_view app = random_.pick(kApps);
    const bool error = random_.chance(0.02);
    const bool personal = random_.chance(0.03);
    const uint64_t user = random_.below(40'000);
    const string_view level = error ? "ERROR" : random_.pick(kLevels);
    string line = django_head(level, app,
                              error      ? "Internal Server Error: /" + string(app) + "/"
                              : personal ? personal_message()
                                         : plain_message(app));
    line += fmt::format(
        R"(,"user_id":{},"request_method":"{}","request_path":"/{}/{}/","client_ip":"{}","user_agent":"{}")",
        user, random_.pick(kMethods), app, random_.below(90'000), address(),
        random_.pick(kUserAgents));
    if (error) {
      const string trace =
          random_.chance(0.8)
              ? fmt::format(fmt::runtime(kTraceback), app, 20 + random_.below(400), app)
              : fmt::format(fmt::runtime(kJavaTrace), 20 + random_.below(400));
      line += ",\"exc_info\":" + json_text(trace);
    }
    line += fmt::format(R"(,"status_code":{}}})", error ? 500 : 200);
    if (broken(django_, line)) return;
    if (error) count("level_error");
    django_.line(line);
  }

  void performance() {
    // Two in a hundred are slow, one in a hundred asks too often; some are both.
    const bool slow = random_.chance(0.02), heavy = random_.chance(0.01);
    const double duration =
        slow ? 2.001 + 8 * random_.unit() : 0.005 + 1.9 * random_.unit() * random_.unit();
    const uint64_t queries = heavy ? 21 + random_.below(200) : random_.below(20);
    const string_view app = random_.pick(kApps);
    string line = django_head("INFO", app, "request finished");
    line += fmt::format(
        R"(,"request_method":"{}","request_path":"/{}/{}/","request_duration":{:.3f},"db_queries":{},"db_time":{:.3f},"memory_mb":{},"status_code":{},"client_ip":"{}"}})",
        random_.pick(kMethods), app, random_.below(90'000), duration, queries, duration * 0.6,
        80 + random_.below(200), random_.chance(0.97) ? 200 : 404, address());
    if (broken(performance_, line)) return;
    if (slow || heavy) count("slow_or_heavy");
    if (slow) count("slow_request");
    if (heavy) count("query_heavy");
    performance_.line(line);
  }

  void security() {
    const uint64_t kind = random_.below(10);
    const string user = fmt::format("{}.{}", random_.pick(kFirstNames), random_.pick(kLastNames));
    const string ip = address();
    const bool failed = kind < 4;
    const string message = failed     ? "Authentication failed for user " + user + " from " + ip
                           : kind < 8 ? "Login succeeded for user " + user
                                      : "Session refreshed for user " + user;
    string line = django_head(failed ? "WARNING" : "INFO", "accounts", message);
    line +=
        fmt::format(R"(,"event_type":"{}","username":"{}","client_ip":"{}","user_agent":"{}"}})",
                    failed     ? "login_failed"
                    : kind < 8 ? "login_success"
                               : "session_refresh",
                    user, ip, random_.pick(kUserAgents));
    if (failed) count("authentication_failed");
    security_.line(line);
  }

  void celery() {
    const string_view task = random_.pick(kTasks);
    const string stamp = celery_stamp();
    const uint64_t id = random_.next();
    const string uuid = fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", id >> 32, id & 0xFFFF,
                                    (id >> 16) & 0xFFF, (id >> 8) & 0xFFF, id >> 16);
    if (random_.chance(0.02)) {
      count("level_error");
      celery_.line(
          fmt::format("[{}: ERROR/ForkPoolWorker-{}] Task aura.tasks.{}[{}] raised unexpected: "
                      "ConnectionError('lab gateway')",
                      stamp, 1 + random_.below(8), task, uuid));
      celery_.line("Traceback (most recent call last):");
      celery_.line(
          "  File \"/srv/aura/venv/lib/python3.11/site-packages/celery/app/trace.py\", line 477, "
          "in trace_task");
      celery_.line("ConnectionError: lab gateway");
      for (int i = 0; i < 3; ++i) count("celery_traceback_lines");
      return;
    }
    celery_.line(fmt::format(
        "[{}: INFO/ForkPoolWorker-{}] Task aura.tasks.{}[{}] succeeded in {:.6f}s: None", stamp,
        1 + random_.below(8), task, uuid, random_.unit() * 3));
  }
  string celery_stamp() const {
    string stamp = iso();  // 2026-11-18T00:00:00.123Z -> 2026-11-18 00:00:00,123
    stamp[10] = ' ';
    stamp[19] = ',';
    stamp.resize(23);
    return stamp;
  }

  void access() {
    const CivilDate date = civil_from_days(now_ms_ / 86'400'000);
    constexpr string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int64_t second = now_ms_ / 1000 % 86'400;
    const string stamp =
        fmt::format("{:02}/{}/{}:{:02}:{:02}:{:02} +0000", date.day, kMonths[date.month - 1],
                    date.year, second / 3600, second / 60 % 60, second % 60);
    string target = fmt::format("/{}/{}/", random_.pick(kApps), random_.below(90'000));
    string_view agent = random_.pick(kUserAgents);
    int status = random_.chance(0.96) ? 200 : random_.chance(0.7) ? 404 : 302;
    if (random_.chance(0.004)) {
      const Attack& attack = kAttacks[random_.below(std::size(kAttacks))];
      count("attack_" + string(attack.type));
      count("attacks");
      target = attack.target;
      status = 403;
    } else if (random_.chance(0.001)) {
      count("attack_scanner");
      count("attacks");
      agent = "sqlmap/1.8.4#stable (https://sqlmap.org)";
    } else if (random_.chance(0.002)) {
      count("pii_email");
      const string address_text = email();
      target += "?contact=" + address_text.substr(0, address_text.find('@')) + "%40" +
                address_text.substr(address_text.find('@') + 1);
    }
    access_.line(fmt::format("{} - {} [{}] \"{} {} HTTP/1.1\" {} {} \"{}\" \"{}\"", address(),
                             random_.chance(0.1) ? random_.pick(kLastNames) : "-", stamp,
                             random_.pick(kMethods), target, status, random_.below(60'000),
                             random_.chance(0.5) ? "https://app.aura.example/" : "-", agent));
  }

  void metric() {
    constexpr string_view kNames[] = {"system.cpu.percent", "system.memory.used_mb",
                                      "db.pool.in_use", "celery.queue.length",
                                      "gunicorn.workers.busy"};
    metrics_.line(fmt::format(
        R"({{"timestamp":"{}","metric":"{}","value":{:.2f},"host":{{"name":"web-{:02}"}},"service":"aura"}})",
        iso(), random_.pick(kNames), random_.unit() * 100, 1 + random_.below(6)));
  }

  Random random_;
  uint64_t events_;
  uint64_t requests_ = 0;
  int64_t start_ms_, span_ms_, now_ms_ = 0;
  File django_, security_, performance_, celery_, access_, metrics_;
  std::map<string, uint64_t> counts_;
};

[[noreturn]] void usage(const char* why) {
  std::fprintf(stderr,
               "aura-logs: %s\nusage: aura-logs --out FOLDER [--events N] [--seed S] [--start "
               "YYYY-MM-DD] [--days N]\n",
               why);
  std::exit(2);
}

int run(int argc, char** argv) {
  string out, start = "2026-11-18";
  uint64_t events = 1'000'000, seed = 1, days = 3;
  for (int i = 1; i < argc; i += 2) {
    const string_view flag = argv[i];
    if (i + 1 >= argc) usage("a flag lacks its value");
    const string value = argv[i + 1];
    if (flag == "--out")
      out = value;
    else if (flag == "--events")
      events = std::strtoull(value.c_str(), nullptr, 10);
    else if (flag == "--seed")
      seed = std::strtoull(value.c_str(), nullptr, 10);
    else if (flag == "--days")
      days = std::strtoull(value.c_str(), nullptr, 10);
    else if (flag == "--start")
      start = value;
    else
      usage("unknown flag");
  }
  const auto first = parse_instant(start);
  if (out.empty() || !first || events == 0 || days == 0)
    usage("--out is needed, and sensible numbers");
  std::error_code failed;
  std::filesystem::create_directories(out, failed);
  if (failed) usage("the folder can't be made");
  Platform platform(out, events, seed, first->seconds, static_cast<int64_t>(days));
  platform.write();
  const string manifest = platform.manifest(seed);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen((out + "/manifest.json").c_str(), "w"), std::fclose);
  return file && std::fwrite(manifest.data(), 1, manifest.size(), file.get()) == manifest.size()
             ? 0
             : 1;
}

}  // namespace
}  // namespace penstock::aura

int main(int argc, char** argv) { return penstock::aura::run(argc, argv); }
