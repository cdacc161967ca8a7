#include "filters/aggregate/group.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "pipeline/base/log.h"
#include "pipeline/event/json_reader.h"
#include "pipeline/event/json_writer.h"

namespace penstock::aggregate {

// What the code knows as map_meta: a view of two hashes.
const char kPrelude[] = R"ruby(
module LogStash
  module Filters
    module Aggregate
      class Element
        attr_reader :map
        def initialize(map, meta)
          @map = map
          @meta = meta
        end
        %w[creation_timestamp lastevent_timestamp task_id timeout inactivity_timeout].each do |name|
          define_method(name) { @meta[name] }
          define_method("#{name}=") { |value| @meta[name] = value }
        end
      end
    end
  end
end
)ruby";

size_t Group::add_snippets(const std::string& filter,
                           std::vector<ruby::Program::Snippet> snippets) {
  const auto [first, fresh] = first_snippets_.emplace(filter, program_.snippets.size());
  if (fresh)
    for (ruby::Program::Snippet& snippet : snippets)
      program_.snippets.push_back(std::move(snippet));
  return first->second;
}

void Group::widen(const ruby::Options& options) {
  const bool first = program_.init.text.empty();
  program_.init = {kPrelude, {"aggregate", 1, 1}};
  const ruby::Options before = options_;
  options_ = options;
  if (first) return;
  options_.memory_bytes_max = std::max(before.memory_bytes_max, options.memory_bytes_max);
  options_.time_limit_ms = std::max(before.time_limit_ms, options.time_limit_ms);
}

bool Group::set_file(const std::string& filter, const std::string& path) {
  if (!file_filter_.empty() && file_filter_ != filter) return false;
  file_filter_ = filter;
  file_ = path;
  return true;
}

ruby::Interpreter* Group::interpreter(Batch& batch) {
  if (!interpreter_ && !failed_) {
    auto made = ruby::Interpreter::make(program_, options_);
    if (!made.ok()) {
      failed_ = true;
      log::error("aggregate", "{}", made.error().text());
      return nullptr;
    }
    interpreter_ = std::move(made).value();
    // Holding the file's maps needs no batch.
    if (const Status loaded = load(); !loaded.ok())
      log::error("aggregate", "{}: {}", file_, loaded.error().message);
  }
  if (interpreter_) interpreter_->begin(batch);
  return interpreter_.get();
}

size_t Group::check_generation() {
  if (interpreter_->generation() == generation_) return 0;
  generation_ = interpreter_->generation();
  size_t lost = 0;
  for (auto& [id, pattern] : patterns_) {
    lost += pattern.tasks.size();
    pattern.tasks.clear();
  }
  return lost;
}

// {"%{id}": [{"id": ..., "map": {...}, "times": [created, last, by events: created, last]}]}
Status Group::save(const std::string& filter, Batch& batch) {
  if (file_.empty() || filter != file_filter_ || !interpreter_) return ok_status();
  interpreter_->begin(batch);
  Arena& arena = batch.arena();
  Value root = Value::object();
  for (auto& [id, pattern] : patterns_) {
    if (pattern.tasks.empty()) continue;
    Value list = Value::array();
    for (const Task& task : pattern.tasks.list()) {
      Value times = Value::array();
      for (const double time :
           {task.created, task.last, task.created_by_events, task.last_by_events})
        array_append(arena, times, Value::of_real(time));
      Value entry = Value::object();
      object_set(arena, entry, Name("id"), Value::string(task.id));
      object_set(arena, entry, Name("map"), interpreter_->read(task.map));
      object_set(arena, entry, Name("times"), times);
      array_append(arena, list, entry);
    }
    object_set(arena, root, Name(id), list);
  }
  if (root.size == 0) return ok_status();
  ByteBuffer text;
  write_json(root, text);
  const std::string beside = file_ + ".new";
  std::ofstream out(beside, std::ios::binary);
  out.write(text.view().data(), static_cast<std::streamsize>(text.view().size()));
  out.close();
  if (!out || std::rename(beside.c_str(), file_.c_str()) != 0)
    return io_error("can't be written; the maps are lost");
  return ok_status();
}

// As in Logstash the file is gone once it is read: what it held is in memory now.
Status Group::load() {
  std::error_code error;
  if (file_.empty() || !std::filesystem::exists(file_, error)) return ok_status();
  std::ifstream in(file_, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  Arena arena;
  Value root;
  const auto outcome = JsonReader().read(text, arena, root);
  if (outcome != JsonReader::Outcome::ok || !root.is_object())
    return Error{Errc::bad_data, "is no file of maps that this program wrote; left alone", {}};
  for (const Member& member : root.entries())
    load_pattern(std::string(member.name()), member.value);
  std::filesystem::remove(file_, error);
  return ok_status();
}

void Group::load_pattern(const std::string& task_id, const Value& list) {
  if (!list.is_array()) return;
  Tasks& tasks = patterns_[task_id].tasks;
  for (const Value& entry : list.elements()) {
    if (!entry.is_object()) continue;
    const Value* id = object_find(entry, Name("id"));
    const Value* map = object_find(entry, Name("map"));
    const Value* times = object_find(entry, Name("times"));
    if (!id || !id->is_string() || !map || !map->is_object() || !times || !times->is_array() ||
        times->size != 4 || tasks.find(id->view()))
      continue;
    Task& task = tasks.add(id->view());
    task.map = interpreter_->hold(*map);
    task.created = times->items[0].as_real().value_or(0);
    task.last = times->items[1].as_real().value_or(0);
    task.created_by_events = times->items[2].as_real().value_or(0);
    task.last_by_events = times->items[3].as_real().value_or(0);
  }
}

}  // namespace penstock::aggregate
