// SPDX-License-Identifier: GPL-2.0-or-later
//
// Included once for each kind of processor, which has said by LINES_OF_* and GATHERS_FAST what it has.
// Nothing here may call an inline function of a library: it would be compiled for this processor and used on
// others.

namespace {

// ---- one cache line

struct Compared {
  unsigned same, free; // by slot, one bit each
};

#if defined(LINES_OF_256) || defined(LINES_OF_512)
// What other threads may write must not be loaded once for each use: a slot could be free in the first and
// hold the same state in the second, which would go unseen.
template <class Vector>
inline void look_once(Vector& slots) {
  asm volatile("" : "+v"(slots)); // NOLINT(hicpp-no-assembler)
}
#endif

#if defined(LINES_OF_512)
inline Compared compare(const Word* line, Word key, Word payload) {
  __m512i slots = _mm512_load_si512(line);
  look_once(slots);
  const __m512i keys = _mm512_and_si512(slots, _mm512_set1_epi64(static_cast<long long>(~payload)));
  return {_mm512_cmpeq_epi64_mask(keys, _mm512_set1_epi64(static_cast<long long>(key))),
          _mm512_testn_epi64_mask(slots, slots)};
}
#elif defined(LINES_OF_256)
inline unsigned bits_of(__m256i lower, __m256i upper) {
  return static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(lower))) |
         static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(upper))) << 4;
}
inline Compared compare(const Word* line, Word key, Word payload) {
  __m256i a = _mm256_load_si256(reinterpret_cast<const __m256i*>(line));
  __m256i b = _mm256_load_si256(reinterpret_cast<const __m256i*>(line + 4));
  look_once(a);
  look_once(b);
  const __m256i mask = _mm256_set1_epi64x(static_cast<long long>(payload));
  const __m256i keys = _mm256_set1_epi64x(static_cast<long long>(key)), zero = _mm256_setzero_si256();
  return {bits_of(_mm256_cmpeq_epi64(_mm256_andnot_si256(mask, a), keys),
                  _mm256_cmpeq_epi64(_mm256_andnot_si256(mask, b), keys)),
          bits_of(_mm256_cmpeq_epi64(a, zero), _mm256_cmpeq_epi64(b, zero))};
}
#else
inline Compared compare(const Word* line, Word key, Word payload) {
  Compared result{0, 0};
  for (unsigned i = 0; i < SeenSet::slots_of_a_bucket; ++i) {
    const Word slot = __atomic_load_n(line + i, __ATOMIC_ACQUIRE);
    result.same |= static_cast<unsigned>((slot & ~payload) == key) << i;
    result.free |= static_cast<unsigned>(slot == 0) << i;
  }
  return result;
}
#endif

// ---- the seen set

// If not, it is now.
template <std::size_t Words>
inline bool was_recent(Word* recent, std::size_t bucket, const Word* state, std::size_t stride,
                       std::size_t words) {
  if constexpr (Words != 0) words = Words;
  Word* const last = recent + bucket % recent_states * words;
  Word different = 0;
  for (std::size_t w = 0; w < words; ++w) {
    different |= last[w] ^ state[w * stride];
    last[w] = state[w * stride];
  }
  return different == 0;
}

#if defined(LINES_OF_512)
// Mixing::probe of eight exact states at once, whose words are one or two columns.
typedef Word Lanes __attribute__((vector_size(64)));

inline Lanes lanes_at(const Word* words) {
  Lanes lanes;
  __builtin_memcpy(&lanes, words, sizeof lanes);
  return lanes;
}

// Those of eight lanes that `mask` names come first, the others are zero.
inline Lanes first_of(unsigned mask, Lanes lanes) {
  return reinterpret_cast<Lanes>(
      _mm512_maskz_compress_epi64(static_cast<__mmask8>(mask), reinterpret_cast<__m512i>(lanes)));
}

// How many of eight there are to insert.
template <std::size_t Words>
inline std::size_t probe_eight(const Mixing& mixing, const Word* state, std::size_t stride, std::size_t at,
                               Word* recent, Probe* probes) {
  static_assert(sizeof(Probe) == 2 * sizeof(Word), "bucket and successor are one word");
  const Word mask = mixing.low_mask;
  const unsigned fold = mixing.fold, rest_bits = mixing.low_bits - mixing.bucket_bits;
  Lanes low = lanes_at(state);
  [[maybe_unused]] Lanes high;
  if constexpr (Words == 2) {
    high = lanes_at(state + stride);
    low ^= (high * 0x9e3779b97f4a7c15) & mask;
  }
  low ^= low >> fold;
  low = low * 0xff51afd7ed558ccd & mask;
  low ^= low >> fold;
  low = low * 0xc4ceb9fe1a85ec53 & mask;
  Lanes rest = low & ((Word{1} << rest_bits) - 1);
  if constexpr (Words == 2) rest |= high << rest_bits;
  const Lanes buckets = low >> rest_bits;
  Lanes places = buckets | (at + Lanes{0, 1, 2, 3, 4, 5, 6, 7}) << 32;
  Lanes keys = Mixing::occupied | rest << mixing.place;
  std::size_t count = 8;
  if (recent != nullptr) {
    unsigned fresh = 0;
    Word bucket[8]; // NOLINT(modernize-avoid-c-arrays): no library's code here
    __builtin_memcpy(bucket, &buckets, sizeof buckets);
    for (unsigned i = 0; i < 8; ++i)
      fresh |= (was_recent<Words>(recent, bucket[i], state + i, stride, Words) ? 0U : 1U) << i;
    count = static_cast<unsigned>(__builtin_popcount(fresh));
    places = first_of(fresh, places);
    keys = first_of(fresh, keys);
  }
  const Lanes first = __builtin_shuffle(places, keys, Lanes{0, 8, 1, 9, 2, 10, 3, 11});
  const Lanes second = __builtin_shuffle(places, keys, Lanes{4, 12, 5, 13, 6, 14, 7, 15});
  __builtin_memcpy(static_cast<void*>(probes), &first, sizeof first);
  __builtin_memcpy(static_cast<void*>(probes + 4), &second, sizeof second);
  return count;
}
#endif

template <SlotKind Kind, std::size_t Words>
void prepare(Preparation& job) {
  const Mixing mixing = *job.mixing;
  const Word* const columns = job.columns;
  const std::size_t stride = job.stride;
  Word* const recent = job.recent;
  std::size_t i = job.at, count = job.count;
#if defined(LINES_OF_512)
  if constexpr (Kind != SlotKind::tagged && (Words == 1 || Words == 2)) {
    for (; job.end - i >= 8; i += 8) {
      Probe* const probes = job.probes + count;
      count += probe_eight<Words>(mixing, columns + i, stride, i, recent, probes);
      // Of those that are left out, the first line, which is near.
      for (std::size_t p = 0; p < 8; ++p)
        __builtin_prefetch(job.slots + std::size_t{probes[p].bucket} * SeenSet::slots_of_a_bucket, 1);
    }
  }
#endif
  for (; i < job.end; ++i) {
    Probe probe = mixing.probe<Kind, Words>(columns + i, stride, job.words);
    probe.successor = static_cast<std::uint32_t>(i);
    job.probes[count] = probe;
    __builtin_prefetch(job.slots + std::size_t{probe.bucket} * SeenSet::slots_of_a_bucket, 1);
    const bool is_left_out =
        recent != nullptr && was_recent<Words>(recent, probe.bucket, columns + i, stride, job.words);
    count += is_left_out ? 0 : 1;
  }
  job.at = i;
  job.count = count;
}

template <std::size_t Words>
inline bool is_at(const Word* stored, const Word* state, std::size_t stride, std::size_t words) {
  Word different = 0;
  for (std::size_t w = 0; w < (Words != 0 ? Words : words); ++w) different |= stored[w] ^ state[w * stride];
  return different == 0;
}

// Without a branch, for neither whether a state is in its bucket nor whether that is full can be predicted.
// Where it is full of others, the next bucket is where insertion begins.
template <SlotKind Kind>
void sift(Insertion& job) {
  if constexpr (Kind != SlotKind::tagged) {
    const Word payload = Kind == SlotKind::state ? 0 : job.mixing->payload, step = job.mixing->step;
    std::size_t count = job.at;
    for (std::size_t i = job.at; i < job.end; ++i) {
      Probe probe = job.probes[i];
      const Word* const line = job.slots + std::size_t{probe.bucket} * SeenSet::slots_of_a_bucket;
      const Compared seen = compare(line, probe.key, payload);
      const bool is_full = seen.free == 0;
      const Word moves = is_full ? 1 : 0;
      probe.bucket += static_cast<std::uint32_t>(moves);
      probe.key += step & -moves;
      __builtin_prefetch(line + moves * SeenSet::slots_of_a_bucket, 1);
      job.probes[count] = probe;
      count += seen.same == 0 ? 1 : 0;
    }
    job.end = count;
  }
}

enum class Ended : std::uint8_t { found, added, no_slot };

template <bool Shared, SlotKind Kind, std::size_t Words>
void insert(Insertion& job) {
  const Mixing mixing = *job.mixing;
  const std::size_t words = Words != 0 ? Words : job.words;
  const std::size_t stride = job.stride;
  const Word payload = Kind == SlotKind::state ? 0 : mixing.payload;
  constexpr std::size_t ahead = 24;

  // The state that a tag most likely stands for.
  const auto look_ahead = [&](std::size_t i) {
    const Word* const line = job.slots + std::size_t{job.probes[i].bucket} * SeenSet::slots_of_a_bucket;
    const unsigned same = compare(line, job.probes[i].key, payload).same;
    if (same == 0) return;
    const Word number = line[__builtin_ctz(same)] & payload;
    __builtin_prefetch(job.pool + number * words);
  };
  if constexpr (Kind == SlotKind::tagged)
    for (std::size_t i = job.at; i < job.end && i < job.at + ahead; ++i) look_ahead(i);
  // Where a bucket is full of others, the next one will be looked at, too. Without a branch: that it is full
  // cannot be predicted, and asking for a line that is there costs nothing.
  const auto look_further = [&](std::size_t i) {
    const Word* const line = job.slots + std::size_t{job.probes[i].bucket} * SeenSet::slots_of_a_bucket;
    const Compared seen = compare(line, job.probes[i].key, payload);
    const std::size_t tries = Mixing::tries_of(job.probes[i].key) + 1;
    const std::size_t further = (seen.same | seen.free) == 0 ? tries * SeenSet::slots_of_a_bucket : 0;
    __builtin_prefetch(line + further, 1);
  };

  StateNumber next = job.next;
  std::size_t i = job.at;
  for (; i < job.end && next < job.last; ++i) {
    if (i + ahead < job.end) {
      if constexpr (Kind == SlotKind::tagged) look_ahead(i + ahead);
      else look_further(i + ahead);
    }
    const std::size_t successor = job.probes[i].successor;
    const Word* const state = job.columns + successor;
    Word* line = job.slots + std::size_t{job.probes[i].bucket} * SeenSet::slots_of_a_bucket;
    Word key = job.probes[i].key;
    Word* const place = job.pool + std::size_t{next} * words;
    for (std::size_t w = 0; w < words; ++w) place[w] = state[w * stride];
    job.parents[next] = job.sources[successor];
#if defined(LINES_OF_512)
    // Whether a state is new cannot be predicted: nearly always its first bucket says it, without a branch.
    if constexpr (!Shared && Kind != SlotKind::tagged) {
      const Compared seen = compare(line, key, payload);
      if (const unsigned either = seen.same | seen.free; either != 0) [[likely]] {
        const auto at = static_cast<unsigned>(__builtin_ctz(either));
        const bool is_new = seen.same == 0;
        const Word value = Kind == SlotKind::state ? key : key | next;
        _mm512_mask_storeu_epi64(line, static_cast<__mmask8>(static_cast<unsigned>(is_new) << at),
                                 _mm512_set1_epi64(static_cast<long long>(value)));
        if (Kind != SlotKind::state && job.numbers != nullptr)
          job.numbers[successor] = is_new ? next : static_cast<StateNumber>(line[at] & payload);
        next += is_new ? 1 : 0;
        continue;
      }
    }
#endif
    Word number = 0;
    Ended ended = Ended::no_slot;
    std::size_t tries = Kind == SlotKind::tagged ? 0 : Mixing::tries_of(key);
    for (;;) {
      const Compared seen = compare(line, key, payload);
      if constexpr (Kind == SlotKind::tagged) {
        for (unsigned same = seen.same; same != 0; same &= same - 1) {
          number = line[__builtin_ctz(same)] & payload;
          if (is_at<Words>(job.pool + number * words, state, stride, words)) {
            ended = Ended::found;
            break;
          }
        }
        if (ended == Ended::found) break;
      } else if (seen.same != 0) {
        number = line[__builtin_ctz(seen.same)] & payload;
        ended = Ended::found;
        break;
      }
      if (seen.free != 0) {
        Word* const slot = line + __builtin_ctz(seen.free);
        number = next;
        const Word value = Kind == SlotKind::state ? key : key | number;
        if constexpr (Shared) {
          Word expected = 0;
          // Lost to another thread, perhaps with the same state: look again.
          if (!__atomic_compare_exchange_n(slot, &expected, value, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            continue;
        } else {
          *slot = value;
        }
        ended = Ended::added;
        break;
      }
      if (++tries == most_tries) break;
      line += tries * SeenSet::slots_of_a_bucket;
      key += mixing.step;
    }
    if (ended == Ended::no_slot) break;
    if (job.numbers != nullptr) job.numbers[successor] = static_cast<StateNumber>(number);
    next += ended == Ended::added ? 1 : 0;
  }
  job.next = next;
  job.at = i;
}

// ---- successors

#if defined(GATHERS_FAST)
inline Word gather(Word word, Word mask) { return _pext_u64(word, mask); }
#else
inline Word gather(Word word, Word mask) { return gather_bits_one_by_one(word, mask); }
#endif

template <std::size_t Words>
inline std::size_t key_of(const Row& row, const Word* state, std::size_t words) {
  std::size_t key = gather(state[0], row.mask);
  const Word* more = row.more;
  for (std::size_t w = 1; w < (Words != 0 ? Words : words); ++w, more += 2)
    key |= gather(state[w], more[0]) << more[1];
  return key;
}

// Four patches at once, how many of them there may be.
template <std::size_t Words>
inline void patch(const Word* block, const Word* state, std::size_t words, Word* to, std::size_t stride) {
  for (std::size_t w = 0; w < (Words != 0 ? Words : words); ++w, block += 8, to += stride) {
#if defined(LINES_OF_256) || defined(LINES_OF_512)
    const __m256i word = _mm256_set1_epi64x(static_cast<long long>(state[w]));
    const __m256i keep = _mm256_load_si256(reinterpret_cast<const __m256i*>(block));
    const __m256i value = _mm256_load_si256(reinterpret_cast<const __m256i*>(block + 4));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_or_si256(_mm256_and_si256(word, keep), value));
#else
    for (std::size_t i = 0; i < patches_of_a_block; ++i) to[i] = (state[w] & block[i]) | block[4 + i];
#endif
  }
}

template <std::size_t Words>
std::size_t expand(StepTables& tables, Expansion& job) {
  const std::size_t words = Words != 0 ? Words : tables.words;
  const std::size_t stride = job.stride;
  const StepTables::Thread* const threads = tables.threads;
  const StepTables::Thread* const end = threads + tables.count;
  const Word* blocks = tables.blocks;
  const Move* moves = tables.moves;
  std::size_t size = job.size;
  std::size_t i = 0;
  for (; i < job.count && size <= job.full; ++i) {
    const Word* const state = job.states + i * words;
    const std::size_t begin = size;
    for (const StepTables::Thread* thread = threads; thread != end; ++thread) {
      Row* row = thread->rows + ((state[thread->word] >> thread->shift) & thread->mask);
      for (; row != nullptr; row = row->next) {
        const Entry entry = row->entries[key_of<Words>(*row, state, words)];
        const std::size_t length = std::size_t{entry & list_is_odd} - 1;
        const std::size_t first = entry >> bits_of_a_length;
        if (__builtin_expect(length > patches_of_a_block, 0)) {
          if (length >= list_is_odd - 1) {
            size = job.odd(job.by, tables, *row, thread->number, state,
                           job.first + static_cast<StateNumber>(i), size);
            blocks = tables.blocks;
            moves = tables.moves;
            continue;
          }
          for (std::size_t b = patches_of_a_block; b < length; b += patches_of_a_block) {
            const std::size_t patches = first * patches_of_a_block + b;
            patch<Words>(blocks + patches * 2 * words, state, words, job.columns + size + b, stride);
            for (std::size_t m = 0; m < patches_of_a_block; ++m) job.moves[size + b + m] = moves[patches + m];
          }
        }
        patch<Words>(blocks + first * patches_of_a_block * 2 * words, state, words, job.columns + size,
                     stride);
        __builtin_memcpy(job.moves + size, moves + first * patches_of_a_block,
                         patches_of_a_block * sizeof(Move));
        size += length;
      }
    }
    const StateNumber number = job.first + static_cast<StateNumber>(i);
    std::size_t to = begin;
    do
      for (std::size_t m = 0; m < 8; ++m) job.sources[to + m] = number;
    while ((to += 8) < size);
    job.ends[i] = static_cast<std::uint32_t>(size);
  }
  job.size = size;
  return i;
}

template <SlotKind Kind>
constexpr void fill_kind(InnerLoops& loops) {
  constexpr auto k = static_cast<std::size_t>(Kind);
  loops.prepare[k][0] = prepare<Kind, 0>;
  loops.prepare[k][1] = prepare<Kind, 1>;
  loops.prepare[k][2] = prepare<Kind, 2>;
  loops.prepare[k][3] = prepare<Kind, 3>;
  loops.prepare[k][4] = prepare<Kind, 4>;
  loops.sift[k] = sift<Kind>;
  loops.insert[0][k][0] = insert<false, Kind, 0>;
  loops.insert[0][k][1] = insert<false, Kind, 1>;
  loops.insert[0][k][2] = insert<false, Kind, 2>;
  loops.insert[0][k][3] = insert<false, Kind, 3>;
  loops.insert[0][k][4] = insert<false, Kind, 4>;
  loops.insert[1][k][0] = insert<true, Kind, 0>;
  loops.insert[1][k][1] = insert<true, Kind, 1>;
  loops.insert[1][k][2] = insert<true, Kind, 2>;
  loops.insert[1][k][3] = insert<true, Kind, 3>;
  loops.insert[1][k][4] = insert<true, Kind, 4>;
}

constexpr InnerLoops all_loops(const char* name) {
#if defined(GATHERS_FAST)
  InnerLoops loops{name, true, {expand<0>, expand<1>, expand<2>, expand<3>, expand<4>}, {}, {}, {}};
#else
  InnerLoops loops{name, false, {expand<0>, expand<1>, expand<2>, expand<3>, expand<4>}, {}, {}, {}};
#endif
  fill_kind<SlotKind::state>(loops);
  fill_kind<SlotKind::map>(loops);
  fill_kind<SlotKind::tagged>(loops);
  return loops;
}

} // namespace
