// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/build_id.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstring>
#include <span>

#include <elf.h>
#include <link.h>

namespace tdxcheck::support {
namespace {

constexpr std::size_t padded(std::size_t bytes) { return (bytes + 3) / 4 * 4; }

std::string in_hexadecimal(std::span<const unsigned char> bytes) {
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

// Of the notes of one segment: each is a header, a name, and what it says, padded to four bytes.
std::string id_among(std::span<const unsigned char> notes) {
  ElfW(Nhdr) header;
  while (notes.size() >= sizeof header) {
    std::memcpy(&header, notes.data(), sizeof header);
    const std::size_t name = sizeof header, said = name + padded(header.n_namesz);
    if (said + header.n_descsz > notes.size()) return "";
    const bool is_gnu = header.n_namesz == 4 && std::memcmp(notes.data() + name, "GNU", 4) == 0;
    if (is_gnu && header.n_type == NT_GNU_BUILD_ID)
      return in_hexadecimal(notes.subspan(said, header.n_descsz));
    notes = notes.subspan(std::min(notes.size(), said + padded(header.n_descsz)));
  }
  return "";
}

// The program itself comes first; libraries are not asked.
int first_object(dl_phdr_info* object, std::size_t, void* found) {
  for (ElfW(Half) i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    // The loader gives addresses as numbers.
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    const auto* bytes = reinterpret_cast<const unsigned char*>(object->dlpi_addr + segment.p_vaddr);
    auto& id = *static_cast<std::string*>(found);
    if (id.empty()) id = id_among({bytes, segment.p_memsz});
  }
  return 1;
}

} // namespace

std::string build_id() {
  std::string id;
  ::dl_iterate_phdr(first_object, &id);
  return id;
}

} // namespace tdxcheck::support
