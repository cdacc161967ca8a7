// Stream: one file from the first time it was seen until all that was read of it is settled and
// nothing points at it any more. Private to the Collector. Loop thread, but for the window's
// settle().
#pragma once

#include <chrono>
#include <ctime>
#include <memory>
#include <optional>
#include <string>

#include "inputs/file/byte_source.h"
#include "inputs/file/identity.h"
#include "pipeline/event/origin.h"
#include "pipeline/plugin/ack_window.h"
#include "pipeline/plugin/codec.h"

namespace penstock::file {

struct Stream {
  uint32_t number = 0;
  std::string path;  // where it was last seen
  FileId id;
  Prefix prefix;
  std::shared_ptr<const Origin> origin;
  std::unique_ptr<Framer> framer;
  std::unique_ptr<ByteSource> source;  // null: closed
  std::optional<AckWindow> window;     // from the first open() on

  uint64_t first_size = 0;    // when it was found
  bool start_at_end = false;  // unless the registry knows better
  uint64_t size = 0;          // at the last look; of the compressed file
  timespec modified{};
  uint64_t read_offset = 0;  // bytes taken from the source, `carry` included
  Bytes carry;               // the unfinished end of the last chunk
  uint64_t marked = 0;       // position after the last parcel
  uint64_t committed = UINT64_MAX;
  bool committed_done = false;
  uint64_t counted_bytes = 0;                       // of the file, in the progress so far
  std::chrono::steady_clock::time_point touched{};  // when something was last read

  uint64_t chunks_this_turn = 0;
  bool queued = false;     // in the collector's queue
  bool ended = false;      // read mode: everything was read
  bool grown = false;      // something was added after that, and reading goes on
  bool failed = false;     // ended before the file did: never completed
  bool gone = false;       // its path leads elsewhere or nowhere
  bool abandoned = false;  // the file was cut or rewritten: positions mean nothing any more
  bool completed = false;  // the completed action was done

  // Up to here every record has been handed over.
  uint64_t position() const { return read_offset - carry.view.size() - framer->pending_bytes(); }
};

}  // namespace penstock::file
