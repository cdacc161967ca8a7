#include "pipeline/flow/plan.h"

#include <gtest/gtest.h>

#include "pipeline/config/parser.h"

namespace penstock {
namespace {

constexpr Option kWords[] = {{"words", OptionType::strings, "", "Words."},
                             {"pattern", OptionType::string, "", "A pattern."}};
constexpr Option kCodecOption[] = {{"codec", OptionType::codec, "plain", "A codec."}};
constexpr Option kCharset[] = {{"charset", OptionType::string, "UTF-8", "A charset."}};

Result<std::unique_ptr<Decoder>> no_decoder(const Settings&, const Context&) {
  return io_error("not made in this test");
}
Result<std::unique_ptr<Encoder>> no_encoder(const Settings&, const Context&) {
  return io_error("not made in this test");
}

const InputPlugin kInputs[] = {{{"stdin", "", kWords}, "line", nullptr},
                               {{"file", "", {}}, "plain", nullptr}};
const FilterPlugin kFilters[] = {{{"grok", "", kWords}, nullptr}, {{"mutate", "", {}}, nullptr}};
const OutputPlugin kOutputs[] = {{{"stdout", "", kCodecOption}, nullptr},
                                 {{"elasticsearch", "", {}}, nullptr}};
const CodecPlugin kCodecs[] = {
    {{"plain", "", kCharset}, nullptr, no_decoder, no_encoder},
    {{"line", "", kCharset}, nullptr, no_decoder, no_encoder},
    {{"dots", "", {}}, nullptr, nullptr, no_encoder},
    {{"netflow", "", {}}, nullptr, no_decoder, nullptr},
};
const Registry kRegistry = {kInputs, kCodecs, kFilters, kOutputs};

struct Planned_ {
  Plan plan;
  Errors errors;
  std::string text() const {
    std::string out;
    for (const Error& error : errors) out += error.text() + "\n";
    return out;
  }
};

Planned_ plan(std::string_view text, Ecs ecs = Ecs::v8) {
  Planned_ out;
  ConfigTree tree;
  EXPECT_TRUE(parse_config(text, "t", {}, tree, out.errors)) << out.text();
  make_plan(tree, kRegistry, {ecs}, out.plan, out.errors);
  return out;
}

TEST(Plan, holds_what_was_written_in_its_order) {
  const auto p = plan(R"(
input { stdin { id => "in" ecs_compatibility => disabled } file { codec => plain { charset => "x" } } }
filter { grok {} if [a] { mutate {} } else { grok { words => ["a"] } } }
filter { mutate {} }
output { stdout {} elasticsearch {} })");
  EXPECT_EQ(p.text(), "");
  ASSERT_EQ(p.plan.inputs.size(), 2U);
  EXPECT_EQ(p.plan.inputs[0].id, "in");
  EXPECT_EQ(p.plan.inputs[0].ecs, Ecs::disabled);
  EXPECT_EQ(p.plan.inputs[0].codec.plugin->info.name, "line");
  EXPECT_EQ(p.plan.inputs[1].id, "file_input_1");
  EXPECT_EQ(p.plan.inputs[1].ecs, Ecs::v8);
  EXPECT_EQ(p.plan.inputs[1].codec.settings.string("charset"), "x");
  ASSERT_EQ(p.plan.filters.size(), 3U);
  EXPECT_EQ(p.plan.filters[0].plugin->id, "grok_filter_1");
  ASSERT_EQ(p.plan.filters[1].branch->arms.size(), 2U);
  EXPECT_EQ(p.plan.filters[1].branch->arms[1].condition, nullptr);
  EXPECT_EQ(p.plan.filters[1].branch->arms[1].block[0].plugin->id, "grok_filter_2");
  EXPECT_EQ(p.plan.filters[2].plugin->id, "mutate_filter_2");
  EXPECT_EQ(p.plan.outputs[0].plugin->codec.plugin->info.name, "plain");
  EXPECT_EQ(p.plan.outputs[1].plugin->codec.plugin, nullptr);
}

TEST(Plan, reports_every_mistake_at_once) {
  const auto p = plan(R"(input {
  stdni {}
  grok {}
  stdin { codec => dots id => "x" }
  file { codec => jsno }
  file { codec => plain { charst => "x" } }
  if [a] { stdin {} }
}
filter {
  grok { id => "x" }
  if [a] =~ /(/ { grok { wrods => 1 } }
}
output { stdout { codec => netflow } })");
  EXPECT_EQ(p.text(),
            "t:2:3: unknown input plugin `stdni`; did you mean `stdin`?\n"
            "t:3:3: unknown input plugin `grok`; `grok` is a filter\n"
            "t:4:20: codec: `dots` can't decode, so no input can use it\n"
            "t:5:19: codec: unknown codec plugin `jsno`; `penstock plugins` lists them\n"
            "t:6:27: unknown option `charst` of `plain`; did you mean `charset`?\n"
            "t:7:3: an input section takes plugins only, found `if`\n"
            "t:10:16: id: `x` is already the id of another plugin (t:4:31)\n"
            "t:11:13: invalid pattern: end of expression inside a group (at offset 1 of the "
            "expression)\n"
            "t:11:26: unknown option `wrods` of `grok`; did you mean `words`?\n"
            "t:13:28: codec: `netflow` can't encode, so no output can use it\n");
}

TEST(Plan, branches_that_constants_decide_are_gone) {
  const auto p = plan(R"(input { stdin {} }
filter {
  if 1 == 2 { grok {} } else if "x" { mutate {} mutate {} } else { grok {} }
  if [a] { grok {} } else if 1 == 1 { mutate {} } else if [b] { grok {} }
  if "" { grok {} }
})");
  EXPECT_EQ(p.text(), "");
  ASSERT_EQ(p.plan.filters.size(), 3U);
  EXPECT_EQ(p.plan.filters[0].plugin->id, "mutate_filter_1");
  EXPECT_EQ(p.plan.filters[1].plugin->id, "mutate_filter_2");
  ASSERT_EQ(p.plan.filters[2].branch->arms.size(), 2U);
  EXPECT_EQ(p.plan.filters[2].branch->arms[1].condition, nullptr);
  EXPECT_EQ(p.plan.warnings.size(), 1U);  // no output
}

TEST(Plan, mistakes_in_a_branch_never_taken_are_still_mistakes) {
  EXPECT_EQ(plan("input { stdin {} } filter { if 1 == 2 { gork {} } }").text(),
            "t:1:41: unknown filter plugin `gork`; did you mean `grok`?\n");
}

TEST(Plan, what_the_parser_could_read_is_checked_and_what_it_could_not_is_left_alone) {
  Planned_ p;
  ConfigTree tree;
  EXPECT_FALSE(parse_config("filter { grok { words [1] } gork {} } output { stdout { x => 1 } }",
                            "t", {}, tree, p.errors));
  EXPECT_FALSE(make_plan(tree, kRegistry, {Ecs::v8}, p.plan, p.errors));
  order_by_place(p.errors);
  EXPECT_EQ(p.text(),
            "t:1:23: expected `=>` after `words`, found `[`\n"
            "t:1:29: unknown filter plugin `gork`; did you mean `grok`?\n"
            "t:1:57: unknown option `x` of `stdout`\n");
}

TEST(Plan, errors_are_ordered_by_place_and_told_once) {
  Errors errors = {{Errc::bad_config, "c", {"b", 1, 1}},
                   {Errc::io, "z", {}},
                   {Errc::bad_config, "b", {"a", 2, 1}},
                   {Errc::bad_config, "a", {"a", 1, 9}},
                   {Errc::bad_config, "b", {"a", 2, 1}}};
  order_by_place(errors);
  std::string text;
  for (const Error& error : errors) text += error.message;
  EXPECT_EQ(text, "abcz");
}

TEST(Plan, says_that_there_is_no_input) {
  const auto p = plan("filter { mutate {} } output { stdout {} }");
  EXPECT_EQ(p.text(), "");
  ASSERT_EQ(p.plan.warnings.size(), 1U);
  EXPECT_EQ(p.plan.warnings[0].message, "the configuration has no input");
}

TEST(Plan, a_context_takes_the_plugins_name_id_and_mode) {
  const auto p = plan("input { stdin { ecs_compatibility => v1 } }", Ecs::disabled);
  const Context context = context_of(Context(), p.plan.inputs[0]);
  EXPECT_EQ(context.plugin_name, "stdin");
  EXPECT_EQ(context.plugin_id, "stdin_input_1");
  EXPECT_EQ(context.ecs, Ecs::v1);
}

}  // namespace
}  // namespace penstock
