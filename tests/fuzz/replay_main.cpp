// Runs a fuzz target over a corpus without libFuzzer: each file, and simple mutations of it (cut
// short, a byte changed), so that any compiler can replay it as a test.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kMutationsMax = 400;  // per file

void run(const std::vector<uint8_t>& bytes) {
  // Exactly sized, so that reading past the end is seen.
  const std::vector<uint8_t> exact(bytes);
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

void run_mutated(const std::vector<uint8_t>& bytes) {
  const size_t step = bytes.size() / kMutationsMax + 1;
  for (size_t i = 0; i < bytes.size(); i += step) {
    run({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(i)});
    std::vector<uint8_t> changed = bytes;
    changed[i] = static_cast<uint8_t>(changed[i] ^ (1U << (i % 8)));
    run(changed);
  }
}

}  // namespace

int main(int argc, char** argv) {
  size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::exists(argv[i])) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
      run(bytes);
      run_mutated(bytes);
      ++files;
    }
  }
  std::printf("replayed %zu files\n", files);
  return files == 0;  // an empty corpus tests nothing
}
