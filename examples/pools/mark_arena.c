/* An arena of 1024 bytes and eight blocks: a client marks a place, and resets the arena to it when the blocks above are released.
 * Each `#ifdef` is one defect: corpus.toml says what it breaks. */

typedef unsigned int u32;
typedef unsigned char u8;

#define POOL_BYTES 1024u
#define BLOCKS 8u

u32 used;
u32 count;
u8 pool[POOL_BYTES] __attribute__((aligned(8)));
struct block {
    u32 start, end, live;
} blocks[BLOCKS];

__attribute__((export_name("take")))
u8 *take(u32 size, u32 align) {
#ifndef BLOCKS_NOT_COUNTED
    if (count == BLOCKS)
        __builtin_trap();
#endif
    if (align != 1 && align != 2 && align != 4 && align != 8)
        __builtin_trap();
    u32 at = (used + align - 1) & ~(align - 1); /* the pool is aligned to 8 */
    if (size == 0 || at > POOL_BYTES || size > POOL_BYTES - at) {
#ifdef NULL_WHEN_SPENT
        return 0;
#endif
        __builtin_trap();
    }
    blocks[count].start = at;
    blocks[count].end = at + size;
    blocks[count].live = 1;
    count++;
    used = at + size;
    return pool + at;
}

__attribute__((export_name("release")))
void release(const u8 *block) {
    u32 at = (u32)block - (u32)pool;
    for (u32 i = 0; i < count; i++)
        if (blocks[i].live && blocks[i].start == at) {
            blocks[i].live = 0;
            return;
        }
    __builtin_trap();
}

__attribute__((export_name("mark")))
u8 *mark(void) {
    return pool + used;
}

__attribute__((export_name("reset")))
void reset(const u8 *place) {
    u32 to = (u32)place - (u32)pool;
#ifndef RESETS_UPWARDS
    if (to > used)
        __builtin_trap();
#endif
#ifdef RESETS_BELOW_LIVE
#elif defined LOOKS_AT_THE_LAST
    if (count > 0 && blocks[count - 1].live && blocks[count - 1].end > to)
        __builtin_trap();
#elif defined LOOKS_AT_STARTS
    for (u32 i = 0; i < count; i++)
        if (blocks[i].live && blocks[i].start > to)
            __builtin_trap();
#else
    for (u32 i = 0; i < count; i++)
        if (blocks[i].live && blocks[i].end > to)
            __builtin_trap();
#endif
    while (count > 0 && blocks[count - 1].start >= to)
        count--;
    used = to;
}
