// What JSON, Digest, OpenSSL::HMAC, SecureRandom and Zlib.crc32 need of C++; the prelude has their
// faces.
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <zlib.h>

#include "filters/ruby/state.h"
#include "filters/support/digest.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/event/json_writer.h"

namespace penstock::ruby {
namespace {

constexpr mrb_int kRandomBytesMax = 1 << 16;

JsonReader& reader_of(State& state) {
  if (!state.json) state.json = std::make_unique<JsonReader>();
  return *state.json;
}

// JSON.__parse(text): raises a RuntimeError, which the prelude turns into JSON::ParserError.
mrb_value json_parse(mrb_state* mrb, mrb_value) {
  mrb_value text;
  mrb_get_args(mrb, "S", &text);
  State& state = state_of(mrb);
  JsonReader::Outcome outcome;
  Value document;
  {
    Native native(mrb);
    state.json_arena.reset();
    outcome = reader_of(state).read(state.json_arena.copy(view(text)), state.json_arena, document);
  }
  if (outcome != JsonReader::Outcome::ok) {
    const std::string_view reason = JsonReader::describe(outcome);
    mrb_exc_raise(
        mrb, mrb_exc_new(mrb, E_RUNTIME_ERROR, reason.data(), static_cast<mrb_int>(reason.size())));
  }
  return from_event(mrb, document);
}

const char* print_json(mrb_state* mrb, mrb_value object, bool pretty) {
  Native native(mrb);
  State& state = state_of(mrb);
  state.json_arena.reset();
  state.scratch.clear();
  Value document;
  if (const char* fault = to_event(mrb, object, state.json_arena, document)) return fault;
  if (pretty)
    write_json_pretty(document, state.scratch);
  else
    write_json(document, state.scratch);
  return nullptr;
}

// JSON.__generate(object, pretty)
mrb_value json_generate(mrb_state* mrb, mrb_value) {
  mrb_value object;
  mrb_bool pretty = FALSE;
  mrb_get_args(mrb, "ob", &object, &pretty);
  if (const char* fault = print_json(mrb, object, pretty))
    mrb_raisef(mrb, E_RUNTIME_ERROR, "JSON can't hold %s", fault);
  return make_string(mrb, state_of(mrb).scratch.view());
}

const EVP_MD* method_of(std::string_view name) {
  return name == "MD5"      ? EVP_md5()
         : name == "SHA1"   ? EVP_sha1()
         : name == "SHA224" ? EVP_sha224()
         : name == "SHA256" ? EVP_sha256()
         : name == "SHA384" ? EVP_sha384()
         : name == "SHA512" ? EVP_sha512()
                            : nullptr;
}

// __digest(method, text, key or nil): the raw bytes.
mrb_value digest(mrb_state* mrb, mrb_value) {
  mrb_value name, text, key;
  mrb_get_args(mrb, "SSo", &name, &text, &key);
  const EVP_MD* const method = method_of(view(name));
  if (!method) mrb_raisef(mrb, E_ARGUMENT_ERROR, "unknown digest %v", name);
  const bool keyed = mrb_string_p(key);
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  {
    Native native(mrb);
    const std::string_view bytes = view(text);
    if (keyed)
      HMAC(method, RSTRING_PTR(key), static_cast<int>(RSTRING_LEN(key)),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out, &size);
    else
      EVP_Digest(bytes.data(), bytes.size(), out, &size, method, nullptr);
  }
  return make_string(mrb, {reinterpret_cast<const char*>(out), size});
}

// __hex(bytes)
mrb_value to_hex(mrb_state* mrb, mrb_value) {
  mrb_value bytes;
  mrb_get_args(mrb, "S", &bytes);
  State& state = state_of(mrb);
  {
    Native native(mrb);
    state.scratch_text.clear();
    append_hex(reinterpret_cast<const uint8_t*>(RSTRING_PTR(bytes)),
               static_cast<size_t>(RSTRING_LEN(bytes)), state.scratch_text);
  }
  return make_string(mrb, state.scratch_text);
}

// __random(count): bytes that nobody can guess.
mrb_value random_bytes(mrb_state* mrb, mrb_value) {
  mrb_int count = 0;
  mrb_get_args(mrb, "i", &count);
  if (count < 0 || count > kRandomBytesMax) raise_text(mrb, E_ARGUMENT_ERROR, "too many bytes");
  const mrb_value out = mrb_str_new(mrb, nullptr, count);
  Native native(mrb);
  RAND_bytes(reinterpret_cast<unsigned char*>(RSTRING_PTR(out)), static_cast<int>(count));
  return out;
}

// __crc32(text, start)
mrb_value crc32_of(mrb_state* mrb, mrb_value) {
  mrb_value text;
  mrb_int start = 0;
  mrb_get_args(mrb, "S|i", &text, &start);
  const std::string_view bytes = view(text);
  return mrb_int_value(mrb, static_cast<mrb_int>(crc32(static_cast<uLong>(start),
                                                       reinterpret_cast<const Bytef*>(bytes.data()),
                                                       static_cast<uInt>(bytes.size()))));
}

}  // namespace

void define_json(mrb_state* mrb) {
  RClass* const json = mrb_define_module(mrb, "JSON");
  mrb_define_module_function(mrb, json, "__parse", json_parse, MRB_ARGS_REQ(1));
  mrb_define_module_function(mrb, json, "__generate", json_generate, MRB_ARGS_REQ(2));
}

void define_digests(mrb_state* mrb) {
  RClass* const kernel = mrb->kernel_module;
  mrb_define_method(mrb, kernel, "__digest", digest, MRB_ARGS_REQ(3));
  mrb_define_method(mrb, kernel, "__hex", to_hex, MRB_ARGS_REQ(1));
  mrb_define_method(mrb, kernel, "__random", random_bytes, MRB_ARGS_REQ(1));
  mrb_define_method(mrb, kernel, "__crc32", crc32_of, MRB_ARGS_ARG(1, 1));
}

}  // namespace penstock::ruby
