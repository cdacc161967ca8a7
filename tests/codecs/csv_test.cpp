#include "codecs/csv.h"

#include "pipeline/csv/row_parser.h"
#include "tests/codecs/codec_run.h"

namespace penstock {
namespace {

using test::decoded, test::encoded, test::DecoderRun, test::framed_anyhow;
using Lines = std::vector<std::string>;

TEST(CsvCodec, numbers_columns_that_have_no_name) {
  EXPECT_EQ(decoded("csv", "", "big,bird,sesame street"),
            R"({"column1":"big","column2":"bird","column3":"sesame street"})");
  EXPECT_EQ(decoded("csv", R"(columns => ["first", "last"])", "big,bird,\"sesame, street\""),
            R"({"column3":"sesame, street","first":"big","last":"bird"})");
  EXPECT_EQ(decoded("csv", R"(columns => ["a"] autogenerate_column_names => false)", "1,2,3"),
            R"({"a":"1"})");
}

TEST(CsvCodec, keeps_or_skips_empty_columns) {
  EXPECT_EQ(decoded("csv", "", "a,,\"\""), R"({"column1":"a","column2":null,"column3":""})");
  EXPECT_EQ(decoded("csv", "skip_empty_columns => true", "a,,\"\""), R"({"column1":"a"})");
}

TEST(CsvCodec, has_other_separators_and_quotes) {
  EXPECT_EQ(decoded("csv", R"(separator => ";" quote_char => "'")", "a;'b;c'"),
            R"({"column1":"a","column2":"b;c"})");
  EXPECT_EQ(decoded("csv", R"(quote_char => "\x00")", "a,\"b"),
            R"({"column1":"a","column2":"\"b"})");
}

TEST(CsvCodec, tags_what_is_malformed) {
  EXPECT_EQ(decoded("csv", "", "a,\"b"), R"({"message":"a,\"b","tags":["_csvparsefailure"]})");
}

TEST(CsvCodec, a_row_of_too_many_columns_is_malformed) {
  const std::string out = decoded("csv", "", std::string(csv::kFieldsMax + 1, ','));
  EXPECT_NE(out.find("_csvparsefailure"), std::string::npos);
}

TEST(CsvCodec, ignores_blank_records) { EXPECT_EQ(decoded("csv", "", ""), ""); }

TEST(CsvCodec, converts_columns) {
  EXPECT_EQ(decoded("csv", R"(convert => { "column1" => "integer" "column2" => "boolean"
                                          "column3" => "float" "column4" => "integer" })",
                    "12, TRUE ,1.5,x"),
            R"({"column1":12,"column2":true,"column3":1.5,"column4":"x"})");
  EXPECT_NE(test::make_error("csv", R"(convert => { "a" => "number" })").find("no type"),
            std::string::npos);
}

TEST(CsvCodec, puts_columns_into_the_target_and_keeps_the_original_under_ecs) {
  EXPECT_EQ(decoded("csv", R"(target => "[a][b]")", "1,2"),
            R"({"a":{"b":{"column1":"1","column2":"2"}}})");
  EXPECT_EQ(decoded("csv", "", "1", Ecs::v8), R"({"column1":"1","event":{"original":"1"}})");
}

TEST(CsvCodec, of_columns_with_one_name_the_last_wins) {
  EXPECT_EQ(decoded("csv", R"(columns => ["a", "b", "a"])", "1,2,3"), R"({"a":"3","b":"2"})");
}

TEST(CsvCodec, converts_the_charset) {
  EXPECT_EQ(decoded("csv", R"(charset => "ISO-8859-1")", "caf\xE9"), R"({"column1":"café"})");
}

TEST(CsvCodec, each_stream_has_its_own_header) {
  const auto records = framed_anyhow("csv", "autodetect_column_names => true", "a,b\n1,2\n\n3,4");
  EXPECT_EQ(records, (Lines{"\na,b\n1,2", "\na,b\n3,4"}));
  DecoderRun run("csv", "autodetect_column_names => true");
  EXPECT_EQ(run(records[0]), R"({"a":"1","b":"2"})");
  EXPECT_EQ(run("\nx,,y\n5,6,7,8"), R"({"column2":"6","column4":"8","x":"5","y":"7"})");
  EXPECT_EQ(run(records[1]), R"({"a":"3","b":"4"})");
}

TEST(CsvCodec, names_of_one_batch_live_as_long_as_it) {
  const CodecPlugin& plugin = test::codec("csv");
  auto made = plugin.make_decoder(
      test::settings_of(PluginKind::codec, plugin.info,
                        R"(autodetect_column_names => true charset => "ISO-8859-1")"),
      test::context_of(Ecs::disabled));
  Batch batch;
  const std::string records[] = {"\na_long_name_of_a_column,\"q\"\"q\",caf\xE9\n1,2,3",
                                 "\nanother_long_name,b\n4,5,6"};
  for (int i = 0; i < 100; ++i) made.value()->decode(records[i % 2], batch);
  for (Row row = 0; row < batch.size(); ++row) {
    batch[row].erase(FieldRef::of("@timestamp"));
    batch[row].erase(FieldRef::of("@version"));
    EXPECT_EQ(test::to_json(batch[row]),
              row % 2 ? R"({"another_long_name":"4","b":"5","column3":"6"})"
                      : R"({"a_long_name_of_a_column":"1","café":"3","q\"q":"2"})");
  }
}

TEST(CsvCodec, an_input_that_cuts_nothing_gives_the_header_first) {
  DecoderRun run("csv", "autodetect_column_names => true");
  EXPECT_EQ(run("a,b"), "");
  EXPECT_EQ(run("1,2"), R"({"a":"1","b":"2"})");
}

TEST(CsvCodec, has_no_framing_without_detection) { EXPECT_EQ(test::framer_of("csv"), nullptr); }

TEST(CsvCodec, writes_rows_as_ruby_does) {
  EXPECT_EQ(encoded("csv", R"(columns => ["a", "[b][c]", "none", "d", "e", "f"])",
                    R"({"a":"x,\"y\"","b":{"c":1.5},"d":"","e":[1,"z",null],"f":{"k":true}})"),
            "\"x,\"\"y\"\"\",1.5,,\"\",\"[1, \"\"z\"\", nil]\",\"{\"\"k\"\"=>true}\"\n");
  EXPECT_EQ(encoded("csv", R"(columns => ["a", "b"] separator => ";")", R"({"a":"p q","b":"x;y"})"),
            "p q;\"x;y\"\n");
}

TEST(CsvCodec, writes_the_names_first_on_request) {
  const CodecPlugin& plugin = test::codec("csv");
  const Settings settings = test::settings_of(PluginKind::codec, plugin.info,
                                              R"(columns => ["a", "b"] include_headers => true)");
  SharedResources resources;
  Context context = test::test_context();
  context.resources = &resources;
  Batch batch;
  const Row row = test::add_event(batch, R"({"a":1,"b":2})");
  ByteBuffer out;
  auto one = plugin.make_encoder(settings, context), other = plugin.make_encoder(settings, context);
  one.value()->encode(batch[row], out);
  one.value()->encode(batch[row], out);
  other.value()->encode(batch[row], out);
  EXPECT_EQ(out.view(), "a,b\n1,2\n1,2\n1,2\n");
}

}  // namespace
}  // namespace penstock
