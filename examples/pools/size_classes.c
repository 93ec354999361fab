/* A canonical-ABI realloc over two size classes: eight slots of 32 bytes, four of 128, and of each class a bit for every
 * slot that is taken. What outgrows its slot is copied to one of the larger class.
 * Each `#ifdef` is one defect: corpus.toml says what it breaks. */

typedef unsigned int u32;
typedef unsigned char u8;

#define SMALL_SLOTS 8u
#define SMALL_BYTES 32u
#define LARGE_SLOTS 4u
#define LARGE_BYTES 128u

#ifdef CLASS_OFF_BY_ONE
#define IS_SMALL(size) ((size) <= SMALL_BYTES + 1)
#else
#define IS_SMALL(size) ((size) <= SMALL_BYTES)
#endif
#ifdef LARGE_AT_STRIDE_OF_SMALL
#define LARGE_STRIDE SMALL_BYTES
#else
#define LARGE_STRIDE LARGE_BYTES
#endif

u32 small_taken;
u32 large_taken;
u8 small[SMALL_SLOTS * SMALL_BYTES] __attribute__((aligned(8)));
u8 large[LARGE_SLOTS * LARGE_BYTES] __attribute__((aligned(8)));

/* The first slot whose bit is clear; else a trap. */
static u32 free_slot(u32 taken, u32 slots) {
    u32 slot = 0;
    while (taken & (1u << slot))
        if (++slot == slots)
            __builtin_trap();
    return slot;
}

static u8 *take(u32 size) {
    if (IS_SMALL(size)) {
#ifdef NULL_WHEN_SMALL_IS_SPENT
        if (small_taken == (1u << SMALL_SLOTS) - 1)
            return 0;
#endif
        u32 slot = free_slot(small_taken, SMALL_SLOTS);
        small_taken |= 1u << slot;
        return small + slot * SMALL_BYTES;
    }
    if (size > LARGE_BYTES)
        __builtin_trap();
    u32 slot = free_slot(large_taken, LARGE_SLOTS);
#ifdef TAKEN_IN_THE_OTHER
    small_taken |= 1u << slot;
#else
    large_taken |= 1u << slot;
#endif
    return large + slot * LARGE_STRIDE;
}

/* The number of the slot that starts at `block` and is taken; else a trap. */
static u32 slot_of(u32 offset, u32 bytes, u32 taken) {
    u32 slot = offset / bytes;
    if (offset % bytes != 0 || !(taken & (1u << slot)))
        __builtin_trap();
    return slot;
}

static void give(const u8 *block) {
    u32 in_small = (u32)block - (u32)small;
    u32 in_large = (u32)block - (u32)large;
    if (in_small < sizeof small)
        small_taken &= ~(1u << slot_of(in_small, SMALL_BYTES, small_taken));
    else if (in_large < sizeof large)
#ifdef RELEASED_IN_THE_OTHER
        small_taken &= ~(1u << slot_of(in_large, LARGE_STRIDE, large_taken));
#else
        large_taken &= ~(1u << slot_of(in_large, LARGE_STRIDE, large_taken));
#endif
    else
        __builtin_trap();
}

/* How many bytes there are in the slot that starts at `block`, which is taken; else a trap. */
static u32 room_of(const u8 *block) {
    u32 in_small = (u32)block - (u32)small;
    u32 in_large = (u32)block - (u32)large;
    if (in_small < sizeof small) {
        slot_of(in_small, SMALL_BYTES, small_taken);
#ifdef ROOM_OF_LARGE
        return LARGE_BYTES;
#else
        return SMALL_BYTES;
#endif
    }
    if (in_large >= sizeof large)
        __builtin_trap();
    slot_of(in_large, LARGE_STRIDE, large_taken);
    return LARGE_BYTES;
}

__attribute__((export_name("cabi_realloc")))
u8 *cabi_realloc(u8 *old, u32 old_size, u32 align, u32 new_size) {
    if (new_size == 0)
        return (u8 *)align;
    if (align != 1 && align != 2 && align != 4 && align != 8)
        __builtin_trap();
    if (old_size == 0)
        return take(new_size);
    u32 room = room_of(old);
    if (old_size > room)
        __builtin_trap();
    if (new_size <= room)
        return old;
    u8 *block = take(new_size);
#ifdef COPIES_FROM_THE_OTHER
    const u8 *from = large + ((u32)old - (u32)small) / SMALL_BYTES % LARGE_SLOTS * LARGE_BYTES;
#else
    const u8 *from = old;
#endif
    for (u32 place = 0; place < old_size; place++)
        block[place] = from[place];
    give(old);
    return block;
}

__attribute__((export_name("release")))
void release(const u8 *block) {
    give(block);
}
