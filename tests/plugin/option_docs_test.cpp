// Every doc page's options table says what the plugin declares, and PLUGINS.md lists them all.
// PENSTOCK_WRITE_DOCS=1 writes the tables instead (tools/option_docs).
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "codecs/codecs.h"
#include "compat/absent.h"
#include "filters/filters.h"
#include "inputs/inputs.h"
#include "outputs/outputs.h"
#include "pipeline/compat/page.h"
#include "pipeline/config/declare.h"
#include "pipeline/config/yaml_settings.h"
#include "pipeline/plugin/option_table.h"

namespace penstock {
namespace {

void check_page(const std::string& name, const std::string& table) {
  const std::string path = PENSTOCK_SOURCE_DIR "/docs/" + name + ".md";
  std::ifstream in(path, std::ios::binary);
  const std::string page(std::istreambuf_iterator<char>(in), {});
  ASSERT_FALSE(page.empty()) << path << " is missing";
  const std::string wanted = with_option_table(page, table);
  ASSERT_FALSE(wanted.empty()) << path << " has no <!-- options:begin --> ... <!-- options:end -->";
  if (std::getenv("PENSTOCK_WRITE_DOCS"))
    std::ofstream(path, std::ios::binary) << wanted;
  else
    EXPECT_EQ(page, wanted) << path << ": run tools/option_docs --write";
}

template <class Plugins>
void check_pages(const std::string& folder, PluginKind kind, const Plugins& plugins) {
  for (const auto& plugin : plugins)
    check_page(folder + "/" + std::string(plugin.info.name), option_table(kind, plugin.info));
}

// Run by tools/option_docs, until every plugin has its page.
TEST(OptionDocs, every_page_says_what_the_plugin_declares) {
  check_pages("inputs", PluginKind::input, all_inputs());
  check_pages("codecs", PluginKind::codec, all_codecs());
  check_pages("filters", PluginKind::filter, all_filters());
  check_pages("outputs", PluginKind::output, all_outputs());
}

template <class Plugins>
std::string list_of(const std::string& title, const std::string& folder, const Plugins& plugins) {
  std::string out = "## " + title + "\n\n| name | what |\n| --- | --- |\n";
  for (const auto& plugin : plugins) {
    const std::string name(plugin.info.name);
    out += "| [" + name + "](" + folder + "/" + name + ".md) | " +
           std::string(plugin.info.summary) + " |\n";
  }
  return out;
}

TEST(OptionDocs, the_list_of_plugins_has_every_plugin) {
  check_page("PLUGINS", list_of("Inputs", "inputs", all_inputs()) + "\n" +
                            list_of("Codecs", "codecs", all_codecs()) + "\n" +
                            list_of("Filters", "filters", all_filters()) + "\n" +
                            list_of("Outputs", "outputs", all_outputs()));
}

TEST(OptionDocs, the_settings_page_has_every_key) {
  check_page("SETTINGS", option_table(EngineSettings::keys()));
}

std::string contents(const std::string& path) {
  std::ifstream in(PENSTOCK_SOURCE_DIR + ("/" + path), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Registry everything() {
  return {all_inputs(), all_codecs(), all_filters(), all_outputs(), absent_plugins()};
}

TEST(OptionDocs, the_compatibility_page_is_made_of_the_declarations) {
  const std::string lists = "tests/conformance/expected-failures/";
  check_page("COMPATIBILITY",
             compatibility_tables(everything(),
                                  {{"Recorded from Logstash 9.5", contents(lists + "golden.txt")},
                                   {"Public specifications", contents(lists + "cases.txt")}}));
}

TEST(OptionDocs, absent_plugins_are_listed_once_and_sorted_with_what_to_use_instead) {
  const auto absent = absent_plugins();
  for (size_t i = 0; i < absent.size(); ++i) {
    EXPECT_FALSE(absent[i].instead.empty()) << absent[i].name;
    if (i == 0) continue;
    EXPECT_LT(std::pair(absent[i - 1].kind, absent[i - 1].name),
              std::pair(absent[i].kind, absent[i].name));
  }
}

TEST(OptionDocs, a_difference_says_how) {
  const auto check = [](const PluginInfo& info) {
    EXPECT_EQ(info.differs.empty(), read_difference(info.differs).how.empty()) << info.name;
    EXPECT_FALSE(read_difference(info.differs).alters) << info.name;
    for (const Option& option : info.options)
      EXPECT_EQ(option.differs.empty(), read_difference(option.differs).how.empty())
          << info.name << " " << option.name;
  };
  for (const auto& plugin : all_inputs()) check(plugin.info);
  for (const auto& plugin : all_codecs()) check(plugin.info);
  for (const auto& plugin : all_filters()) check(plugin.info);
  for (const auto& plugin : all_outputs()) check(plugin.info);
}

// Making the settings of an empty plugin checks each default against its type.
TEST(OptionDocs, every_default_fits_its_type) {
  const auto check = [](PluginKind kind, const PluginInfo& info) {
    PluginNode node;
    Errors errors;
    (void)Settings::check(kind, info, node, errors);
    for (const Option& option : info.options) {
      EXPECT_FALSE(option.doc.empty() && option.obsolete.empty())
          << info.name << " " << option.name;
      EXPECT_EQ(option.type == OptionType::choice && option.choices.empty(), false) << option.name;
    }
  };
  for (const auto& plugin : all_inputs()) check(PluginKind::input, plugin.info);
  for (const auto& plugin : all_codecs()) check(PluginKind::codec, plugin.info);
  for (const auto& plugin : all_filters()) check(PluginKind::filter, plugin.info);
  for (const auto& plugin : all_outputs()) check(PluginKind::output, plugin.info);
}

}  // namespace
}  // namespace penstock
