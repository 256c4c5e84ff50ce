// Letters as they lie on the disk, for who looks for what is left: nothing is changed, and what was
// ended, or lies behind a torn end, is read too.
#pragma once

#include <functional>
#include <string>

#include "dead_letter/letter.h"
#include "disk/disk.h"
#include "seal/keys.h"

namespace hospes::dead_letter {

/// `content` null: the key is gone. Cost: the files, byte by byte where they are damaged.
Status dig(
    disk::Disk& disk, seal::KeyStore& keys, const std::string& folder,
    const std::function<void(const Head& head, const Content* content)>& visit
);

}  // namespace hospes::dead_letter
