/* Eight slots of 48 bytes. The free ones are linked by their numbers, when the first one is asked for; which slots are
 * taken is written down nowhere: that a slot is not released twice is up to the caller.
 * Each `#ifdef` is one defect: corpus.toml says what it breaks. */

typedef unsigned int u32;
typedef unsigned char u8;

#define SLOTS 8u
#define SIZE 48u

u8 linked;
u8 head;
u8 next[SLOTS]; /* SLOTS: none */
u8 pool[SLOTS][SIZE] __attribute__((aligned(8)));

__attribute__((export_name("take")))
u8 *take(void) {
    if (!linked) {
        for (u32 slot = 0; slot < SLOTS; slot++)
            next[slot] = slot + 1;
        head = 0;
        linked = 1;
    }
    u32 slot = head;
    if (slot >= SLOTS)
        __builtin_trap();
#ifndef HEAD_NOT_MOVED
    head = next[slot];
#endif
    return pool[slot];
}

__attribute__((export_name("release")))
void release(u8 *block) {
    u32 slot = (u32)(block - pool[0]) / SIZE;
    if (slot >= SLOTS)
        __builtin_trap();
    next[slot] = head;
    head = slot;
}
