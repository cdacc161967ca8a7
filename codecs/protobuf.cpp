// Logstash's codec loads classes that protoc generated for Ruby: programs, not descriptions.
#include "codecs/protobuf.h"

#include "codecs/refused.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"class_name", OptionType::string, "", "The message's class."},
    {"class_file", OptionType::string, "", "The Ruby file with the class."},
    {"protobuf_root_directory", OptionType::string, "", "Where class_file's dependencies are."},
    {"include_path", OptionType::strings, "[ ]", "Ruby files with classes."},
    {"protobuf_version", OptionType::integer, "2", "2 or 3."},
    {"stop_on_error", OptionType::boolean, "false", "Whether a bad message ends the pipeline."},
    {"pb3_encoder_autoconvert_types", OptionType::boolean, "true",
     "Whether values are made to fit when encoding."},
    {"pb3_set_oneof_metainfo", OptionType::boolean, "false",
     "Whether [@metadata] says which member of a oneof was set."},
};

std::string_view advice() {
  return "protobuf isn't supported: its class files are Ruby programs. Let the sender write JSON "
         "(protobuf's own JSON mapping) and use `json`, or convert the topic on its way, for "
         "example with Kafka Connect's ProtobufConverter and JsonConverter";
}

}  // namespace

CodecPlugin protobuf_codec() {
  return refused_codec<advice>(
      {"protobuf", "Not supported: let the sender write JSON instead.", kOptions});
}

}  // namespace penstock
