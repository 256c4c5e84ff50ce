// Random bytes of the operating system's generator (through OpenSSL), buffered per thread: a nonce
// costs 10 ns, not 1 µs.
#pragma once

#include <cstddef>

namespace hospes::seal {

/// Fills `out`. Stops the process when the system has no randomness: nothing may be sealed then.
/// Not after a fork without exec: parent and child would hand out the same bytes.
void random_bytes(unsigned char* out, std::size_t size);

}  // namespace hospes::seal
