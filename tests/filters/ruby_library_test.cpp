// What scripts find in Ruby's library, through the filter.
#include <gtest/gtest.h>

#include "filters/ruby.h"
#include "tests/support/plugins.h"

namespace penstock {
namespace {

// What `expression` gives, as JSON: put into the field "o" of an event that has "m".
std::string value(const std::string& expression, const std::string& message = "") {
  test::FilterRun filter(ruby_filter(), "code => 'event.set(\"o\", (" + expression + "))'");
  const std::string out = filter.one("{\"m\":\"" + message + "\"}");
  const std::string begin = "{\"m\":\"" + message + "\",\"o\":";
  if (!out.starts_with(begin)) return out;
  return out.substr(begin.size(), out.size() - begin.size() - 1);
}

TEST(RubyRegexp, finds_and_captures) {
  EXPECT_EQ(value("\"abc\" =~ /c/"), "2");
  EXPECT_EQ(value("\"äöc\" =~ /c/"), "2");
  EXPECT_EQ(value("\"abc\" =~ /x/"), "null");
  EXPECT_EQ(value("m = \"foo123\".match(/(?<w>[a-z]+)(?<d>\\d+)/); [m[:w], m[\"d\"], m.captures]"),
            R"(["foo","123",["foo","123"]])");
  EXPECT_EQ(value("\"k=v\" =~ /(\\w)=(\\w)/; [$1, $2, $~[0]]"), R"(["k","v","k=v"])");
  EXPECT_EQ(value("case \"port 42\" when /^x/ then 1 when /(\\d+)/ then $1.to_i end"), "42");
  EXPECT_EQ(value("[\"Ab\".match?(/ab/i), \"a\\nb\".match?(/a.b/), \"a\\nb\".match?(/a.b/m)]"),
            "[true,false,true]");
  EXPECT_EQ(value("[\"ab12\"[/\\d+/], \"k=v\"[/(\\w)=(\\w)/, 2], \"x\"[/y/]]"),
            R"(["12","v",null])");
}

TEST(RubyRegexp, substitutes) {
  EXPECT_EQ(value("\"x1y2\".gsub(/\\d/) { |d| (d.to_i * 2).to_s }"), R"("x2y4")");
  EXPECT_EQ(value("\"John Smith\".sub(/(\\w+) (\\w+)/, \"\\\\2 \\\\1\")"), R"("Smith John")");
  EXPECT_EQ(value("\"cat\".gsub(/[aeiou]/, \"a\" => \"o\")"), R"("cot")");
  EXPECT_EQ(value("\"a.b.c\".gsub(\".\", \"\")"), R"("abc")");
  EXPECT_EQ(value("\"abc\".gsub(/x*/, \"-\")"), R"("-a-b-c-")");
  EXPECT_EQ(value("s = \"aa\"; [s.gsub!(/b/, \"c\"), s.sub!(/a/, \"b\"), s]"),
            R"([null,"ba","ba"])");
}

TEST(RubyRegexp, scans_and_splits) {
  EXPECT_EQ(value("\"a=1;b=2\".scan(/(\\w)=(\\d)/).to_h"), R"({"a":"1","b":"2"})");
  EXPECT_EQ(value("\"a-b_c\".split(/[-_]/)"), R"(["a","b","c"])");
  EXPECT_EQ(value("\"a1b2c\".split(/(\\d)/)"), R"(["a","1","b","2","c"])");
  EXPECT_EQ(value("[\"äb\".split(\"\"), \"abc\".split(//), \"a,b,,\".split(\",\")]"),
            R"([["ä","b"],["a","b","c"],["a","b"]])");
  EXPECT_EQ(value("[\"a,b,c\".split(/,/, 2), \"a,b,,\".split(/,/, -1), \" a  b \".split]"),
            R"([["a","b,c"],["a","b","",""],["a","b"]])");
}

TEST(RubyRegexp, a_hostile_line_ends_in_an_exception_and_not_in_a_hang) {
  test::FilterRun filter(ruby_filter(),
                         "code => 'event.set(\"o\", event.get(\"m\") =~ /^(a+)+$/)'");
  const std::string line = std::string(40, 'a') + "b";
  const std::string out = filter.one("{\"m\":\"" + line + "\"}");
  EXPECT_TRUE(out.find("_rubyexception") != out.npos || out.find("\"o\":null") != out.npos) << out;
}

TEST(RubyString, counts_characters_and_not_bytes) {
  EXPECT_EQ(
      value("m = event.get(\"m\"); [m.size, m[1..2], m[0], m.reverse, m.chars, m[-1]]", "äöü"),
      R"([3,"öü","ä","üöä",["ä","ö","ü"],"ü"])");
  EXPECT_EQ(value("m = event.get(\"m\"); [m.index(\"b\"), m.rjust(4, \".\"), m.upcase, m.bytesize]",
                  "äb"),
            R"([1,"..äb","ÄB",3])");
  EXPECT_EQ(
      value("[\"héllo\".tr(\"é\", \"e\"), \"hello\".tr(\"a-y\", \"b-z\"), \"aäb\".delete(\"ä\")]"),
      R"(["hello","ifmmp","ab"])");
}

TEST(RubyString, encodings) {
  EXPECT_EQ(value("\"\\xE9\".force_encoding(\"ISO-8859-1\").encode(\"UTF-8\")"), "\"\xC3\xA9\"");
  EXPECT_EQ(
      value("\"a\\xFF\".encode(\"UTF-8\", invalid: :replace, undef: :replace, replace: \"\")"),
      R"("a")");
  EXPECT_EQ(value("\"a\\xFFb\".scrub(\"?\")"), R"("a?b")");
  EXPECT_EQ(value("[\"ab\".unpack(\"C*\"), [104, 105].pack(\"C*\"), \"\\xFF\".valid_encoding?]"),
            R"([[97,98],"hi",false])");
  EXPECT_EQ(
      value("[\"ff\".hex, \"0x1f\".to_i(16), \"101\".to_i(2), 255.to_s(16), \"%05.2f\" % 3.14159]"),
      R"([255,31,5,"ff","03.14"])");
}

TEST(RubyTime, parses_and_prints) {
  EXPECT_EQ(value("Time.parse(\"2024-05-06 07:08:09.123 +0200\").utc.iso8601(3)"),
            R"("2024-05-06T05:08:09.123Z")");
  EXPECT_EQ(value("Time.strptime(\"06/May/2024:07:08:09 +0200\", \"%d/%b/%Y:%H:%M:%S %z\").to_i"),
            "1714972089");
  EXPECT_EQ(value("Time.at(1700000000.5).utc.strftime(\"%Y-%m-%dT%H:%M:%S.%L %j %a %-d %e %I%p\")"),
            R"("2023-11-14T22:13:20.500 318 Tue 14 14 10PM")");
  EXPECT_EQ(value("(Time.utc(2024, 3, 1) - 86400).day"), "29");
  EXPECT_EQ(
      value("[Date.parse(\"2024-05-06\").strftime(\"%d.%m.%y\"), (Date.new(2024, 3, 1) - 1).to_s]"),
      R"(["06.05.24","2024-02-29"])");
  EXPECT_EQ(value("DateTime.parse(\"2024-05-06T07:08:09\").to_time.to_i"), "1714979289");
  EXPECT_EQ(value("begin; Time.parse(\"x\"); rescue ArgumentError; 1; end"), "1");
}

TEST(RubyTime, timestamps_of_events) {
  const auto run = [](const std::string& code) {
    test::FilterRun filter(ruby_filter(), "code => '" + code + "'");
    return filter.one(R"({"@timestamp":"2026-11-21T10:00:00.123Z"})");
  };
  EXPECT_EQ(run("event.set(\"t\", event.get(\"@timestamp\").time + 8*60*60)"),
            R"({"@timestamp":"2026-11-21T10:00:00.123Z","t":"2026-11-21T18:00:00.123Z"})");
  EXPECT_EQ(run("event.set(\"t\", (event.timestamp.to_f * 1000).to_i)"),
            R"({"@timestamp":"2026-11-21T10:00:00.123Z","t":1795255200123})");
  EXPECT_EQ(run("event.set(\"@timestamp\", LogStash::Timestamp.new(\"2020-01-01T00:00:00Z\"))"),
            R"({"@timestamp":"2020-01-01T00:00:00.000Z"})");
  EXPECT_EQ(run("event.set(\"@timestamp\", \"x\")"),
            R"({"@timestamp":"2026-11-21T10:00:00.123Z","tags":["_rubyexception"]})");
  EXPECT_EQ(run("event.set(\"d\", event.get(\"@timestamp\") - LogStash::Timestamp.at(1795255200))"),
            R"({"@timestamp":"2026-11-21T10:00:00.123Z","d":0.123})");
}

TEST(RubyLibrary, digests_and_codes) {
  EXPECT_EQ(value("Digest::MD5.hexdigest(\"a\")"), R"("0cc175b9c0f1b6a831c399e269772661")");
  EXPECT_EQ(value("Digest::SHA256.hexdigest(\"a\")[0, 10]"), R"("ca978112ca")");
  EXPECT_EQ(value("d = Digest::SHA1.new; d << \"a\"; d.update(\"b\"); d.hexdigest[0, 8]"),
            R"("da23614e")");
  EXPECT_EQ(value("OpenSSL::HMAC.hexdigest(\"SHA256\", \"k\", \"d\")[0, 8]"), R"("e7ea21c3")");
  EXPECT_EQ(
      value("[Base64.strict_encode64(\"hi\"), Base64.decode64(\"aGk=\"), SecureRandom.uuid.size]"),
      R"(["aGk=","hi",36])");
}

TEST(RubyLibrary, json) {
  EXPECT_EQ(value("JSON.parse(\"{\\\"a\\\":[1,2.5,null,true]}\")"), R"({"a":[1,2.5,null,true]})");
  EXPECT_EQ(value("[{\"a\" => 1, :b => [nil]}.to_json, [1].to_json, \"x\".to_json, nil.to_json]"),
            R"(["{\"a\":1,\"b\":[null]}","[1]","\"x\"","null"])");
  EXPECT_EQ(value("begin; JSON.parse(\"{\"); rescue JSON::ParserError; 1; end"), "1");
}

TEST(RubyLibrary, addresses_and_urls) {
  EXPECT_EQ(
      value("[IPAddr.new(\"10.0.0.0/8\").include?(\"10.1.2.3\"), IPAddr.new(\"10.1.2.3\").to_i, "
            "IPAddr.new(\"fe80::1\").to_s, IPAddr.new(\"::ffff:1.2.3.4\").native.to_s]"),
      R"([true,167838211,"fe80::1","1.2.3.4"])");
  EXPECT_EQ(value("begin; IPAddr.new(\"x\"); rescue IPAddr::InvalidAddressError; 1; end"), "1");
  EXPECT_EQ(
      value("u = URI.parse(\"https://h.example:8443/a?x=1\"); [u.host, u.port, u.path, u.query]"),
      R"(["h.example",8443,"/a","x=1"])");
  EXPECT_EQ(value("[URI.decode_www_form_component(\"a%20b+c\"), CGI.unescape(\"%2F\"), "
                  "\"a,b\".split(\",\")]"),
            R"(["a b c","/",["a","b"]])");
}

TEST(RubyLibrary, collections) {
  EXPECT_EQ(
      value("[[1, 2, 3].sum, [0.1, 0.2, 0.3].sum, %w[a b].zip([1, 2]).to_h, Set.new([1, 1]).to_a]"),
      R"([6,0.6,{"a":1,"b":2},[1]])");
  EXPECT_EQ(
      value("[{\"a\" => 1}.map { |k, v| [k, v * 2] }.to_h, (1..3).reduce(:+), 7.fdiv(2), 5.even?]"),
      R"([{"a":2},6,3.5,false])");
  EXPECT_EQ(value("{\"a\" => {\"b\" => 1}}.dig(\"a\", \"b\")"), "1");
  EXPECT_EQ(value("[\"0.3\".to_f, 0.3, 1.0 / 3, 1234567.891.round(1)]"),
            "[0.3,0.3,0.3333333333333333,1234567.9]");
}

TEST(RubyLibrary, nothing_outside_is_reached) {
  const std::string tagged = R"({"m":"","tags":["_rubyexception"]})";
  EXPECT_EQ(value("File.read(\"/etc/passwd\")"), tagged);
  EXPECT_EQ(value("File.open(\"/tmp/x\", \"w\")"), tagged);
  EXPECT_EQ(value("`id`"), tagged);
  EXPECT_EQ(value("system(\"id\")"), tagged);
  EXPECT_EQ(value("exit"), tagged);
}

}  // namespace
}  // namespace penstock
