// Events from outside through a script that handles each value in the ways that scripts do. The
// script is ours; what comes out must be well-formed, whatever came in.
#include <cstdint>
#include <string_view>

#include "filters/ruby/interpreter.h"
#include "pipeline/base/check.h"
#include "pipeline/base/text.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/event/json_writer.h"

namespace penstock {
namespace {

constexpr std::string_view kScript = R"(
  out = {}
  try = lambda do |name, &work|
    begin
      out[name] = work.call
    rescue StandardError => error
      out[name] = error.message
    end
  end
  handle = lambda do |text|
    try.call('length') { [text.length, text.reverse, text[1..-2], text.chars.first(9), text[-3]] }
    try.call('case') { [text.upcase, text.downcase, text.capitalize, text.swapcase, text.inspect] }
    try.call('gsub') { text.gsub(/(\w)(\d*)/) { "#{$2}#{$1}" } + text.gsub(/x*/, '<\0>') }
    try.call('scan') { [text.scan(/\w+|\W/), text.split(/(,|\s)/), text.split(''), text.split('a', 3)] }
    try.call('match') { m = text.match(/(?<a>.)(?<b>.*)/m); m && [m[:a], m.pre_match, m.end(2), m.named_captures] }
    try.call('regexp') { [text =~ Regexp.new(text), Regexp.escape(text)] }
    try.call('tr') { [text.tr('a-z', 'b-za'), text.delete('aeä'), text.squeeze, text.count('^a'), text.succ] }
    try.call('pad') { [text.rjust(20, 'ä'), text.center(9), text.partition(','), text.rpartition('b'), text.index('b', 1)] }
    try.call('codes') { [text.bytes.sum, text.codepoints.last, text.unpack('N*'), text.byteslice(1, 3), text.hex] }
    try.call('encode') { [text.byteslice(1, 5).scrub('?'), text.encode('UTF-16LE').bytes.size, text.b.encode('UTF-8', invalid: :replace)] }
    try.call('number') { [text.to_i, text.to_f, text.to_i(16), Integer(text), Float(text)] }
    try.call('json') { JSON.generate(JSON.parse(text)) }
    try.call('time') { [Time.parse(text).to_i, Time.parse(text).strftime('%c %+ %V %j')] }
    try.call('strptime') { Time.strptime(text, '%Y-%m-%d %H:%M:%S.%N %z').to_f }
    try.call('strftime') { Time.at(text.length).utc.strftime(text) }
    try.call('address') { [IPAddr.new(text).to_s, IPAddr.new('10.0.0.0/8').include?(text)] }
    try.call('uri') { [URI.parse(text).host, URI.decode_www_form_component(text), CGI.unescapeHTML(text)] }
    try.call('csv') { text.parse_csv }
    try.call('base64') { [Base64.decode64(text), Base64.encode64(text), Digest::MD5.hexdigest(text)] }
    try.call('format') { [format('%5s|%-5s', text, text), text % [1, 2]] }
    try.call('yaml') { YAML.load(text) }
    event.set(text, 1)
  end
  event.to_hash.each do |name, value|
    try.call('text') { handle.call(value.to_s) }
    try.call('name') { handle.call(name) }
    try.call('sum') { value.is_a?(Array) ? [value.sum, value.sort, value.max, value.flatten] : value.to_h }
    try.call('set') { event.set("[copy][#{name}]", value) }
  end
  event.set('out', out)
  new_event_block.call(event.clone)
)";

void check(const Value& value, ByteBuffer& out) {
  out.clear();
  write_json(value, out);
  CHECK(is_utf8(out.view()), "an event with text that is not well-formed");
}

}  // namespace
}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  static const auto interpreter = [] {
    ruby::Program program;
    program.snippets.push_back(
        {{std::string(kScript), {"fuzz", 1, 1}}, {"event", "new_event_block"}});
    auto made = ruby::Interpreter::make(std::move(program), {});
    CHECK(made.ok(), "the script is good");
    return std::move(made).value();
  }();
  Batch batch;
  const Row row = batch.append();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  JsonReader reader;
  Value document;
  if (reader.read(text, batch.arena(), document) != JsonReader::Outcome::ok ||
      !document.is_object()) {
    document = Value::object();
    object_set(batch.arena(), document, Name{"m"},
               Value::string(batch.arena().copy(replace_invalid_utf8(text))));
  }
  if (!batch[row].adopt(document, {1'795'255'200, 0})) return 0;
  interpreter->begin(batch);
  interpreter->call(0, {ruby::Argument::event(row), ruby::Argument::emitter()});
  ByteBuffer out;
  for (Row each = 0; each < batch.size(); ++each) check(batch[each].root(), out);
  CHECK(is_utf8(interpreter->message()), "a message that is not well-formed");
  return 0;
}
