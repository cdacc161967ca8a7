// The rules are those of xml-simple 1.1.9 (xmlsimple.rb: collapse, collapse_text_node, merge) over
// REXML, with what logstash-filter-xml sets.
#include "filters/xml/simple.h"

#include "filters/xml/document.h"

namespace penstock::xml {
namespace {

constexpr std::string_view kContent = "content";
constexpr std::string_view kAnonymous = "anon";

bool is_text(const xmlNode& node) {
  return node.type == XML_TEXT_NODE || node.type == XML_CDATA_SECTION_NODE;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\n\v\f\r") == text.npos; }

bool is_empty(const Value& value) {
  if (value.is_object()) return value.size == 0;
  if (value.is_string()) return is_blank(value.view());
  return value.is_null();
}

// As it stood in the source, for mixed content: REXML gives it so.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

class Simple {
 public:
  Simple(const SimpleOptions& options, Arena& arena) : options_(options), arena_(arena) {}

  // Depth is bounded by the parser.
  Value collapse(const xmlNode& element) {
    Value result = attributes_of(element);
    const bool has_attributes = result.size > 0;
    bool elements = false, texts = false;
    for (const xmlNode* node = element.children; node; node = node->next) {
      elements = elements || node->type == XML_ELEMENT_NODE;
      texts = texts || is_text(*node);
    }
    if (!elements && texts) return collapse_text(result, element, has_attributes);
    if (elements) add_children(result, element, has_attributes);
    if (elements && texts) add_mixed_text(result, element);
    if (const Value* list = only_anonymous_list(result)) return *list;
    return result.size == 0 && options_.suppress_empty ? Value::null() : result;
  }

 private:
  Value string(std::string_view text) { return Value::string(arena_.copy(text)); }

  void add_member(Value& object, const xmlNs* ns, const xmlChar* name, const Value& value) {
    std::string full;
    if (ns && ns->prefix) full.append(view(ns->prefix)) += ':';
    full += view(name);
    object_set(arena_, object, Name(arena_.copy(full)), value);
  }

  Value attributes_of(const xmlNode& element) {
    Value out = Value::object();
    for (const xmlNs* ns = element.nsDef; ns; ns = ns->next) {
      std::string name = "xmlns";
      if (ns->prefix) (name += ':') += view(ns->prefix);
      object_set(arena_, out, Name(arena_.copy(name)), string(view(ns->href)));
    }
    for (const xmlAttr* attribute = element.properties; attribute; attribute = attribute->next) {
      std::string text;
      for (const xmlNode* node = attribute->children; node; node = node->next)
        text += view(node->content);
      add_member(out, attribute->ns, attribute->name, string(text));
    }
    return out;
  }

  Value collapse_text(Value& result, const xmlNode& element, bool has_attributes) {
    std::string text;
    for (const xmlNode* node = element.children; node; node = node->next)
      if (is_text(*node)) text += view(node->content);
    if (is_blank(text) && !has_attributes) return Value::object();
    const Value value = string(text);
    if (!has_attributes && !options_.force_content) return value;
    merge(result, kContent, value);
    return result;
  }

  void add_children(Value& result, const xmlNode& element, bool has_attributes) {
    for (const xmlNode* node = element.children; node; node = node->next) {
      if (node->type != XML_ELEMENT_NODE) continue;
      const Value value = collapse(*node);
      // The parent's attributes decide: so XmlSimple does it.
      if (is_empty(value) && !has_attributes && options_.suppress_empty) continue;
      merge(result, view(node->name), value);
    }
  }

  void add_mixed_text(Value& result, const xmlNode& element) {
    Value texts = Value::array();
    bool blank = true;
    for (const xmlNode* node = element.children; node; node = node->next) {
      if (!is_text(*node)) continue;
      const std::string_view text = view(node->content);
      blank = blank && is_blank(text);
      array_append(arena_, texts,
                   node->type == XML_TEXT_NODE ? string(escaped(text)) : string(text));
    }
    if (!blank)
      object_set(arena_, result, Name(kContent), texts.size == 1 ? texts.items[0] : texts);
  }

  void merge(Value& object, std::string_view key, const Value& value) {
    if (Value* held = object_find(object, Name(key))) {
      if (!held->is_array()) *held = list_of(*held);
      array_append(arena_, *held, value);
      return;
    }
    const bool list = value.is_array() || (options_.force_array && key != kContent);
    object_set(arena_, object, Name(arena_.copy(key)), list ? list_of(value) : value);
  }

  Value list_of(const Value& value) {
    Value out = Value::array();
    array_append(arena_, out, value);
    return out;
  }

  // Children named "anon" that are the only list stand for their parent.
  static const Value* only_anonymous_list(const Value& object) {
    uint32_t lists = 0;
    for (const Member& member : object.entries()) lists += member.value.is_array();
    if (lists != 1) return nullptr;
    const Value* found = object_find(object, Name(kAnonymous));
    return found && found->is_array() ? found : nullptr;
  }

  const SimpleOptions& options_;
  Arena& arena_;
};

}  // namespace

Value simple_value(const xmlNode& element, const SimpleOptions& options, Arena& arena) {
  return Simple(options, arena).collapse(element);
}

}  // namespace penstock::xml
