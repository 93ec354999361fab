/* Eight slots of 64 bytes. A free slot holds the address of the next free one: the list lies in the pool itself.
 * Each `#ifdef` is one defect: corpus.toml says what it breaks. */

typedef unsigned int u32;
typedef unsigned char u8;

#define SLOTS 8u

union slot {
    union slot *next; /* while it is free */
    u8 bytes[64];
};

u32 fresh; /* the slots from here on were never taken */
u32 taken; /* a bit for each slot */
union slot *head;
union slot pool[SLOTS] __attribute__((aligned(8)));

__attribute__((export_name("take")))
u8 *take(void) {
    union slot *slot = head;
    if (slot) {
#ifndef HEAD_NOT_MOVED
        head = slot->next;
#endif
    } else if (fresh < SLOTS) {
        slot = &pool[fresh++];
    } else {
#ifdef NULL_WHEN_SPENT
        return 0;
#else
        __builtin_trap();
#endif
    }
    taken |= 1u << (slot - pool);
    return slot->bytes;
}

__attribute__((export_name("release")))
void release(u8 *block) {
    u32 at = (u32)block - (u32)pool;
    u32 number = at / sizeof(union slot);
    if (number >= SLOTS || at % sizeof(union slot) != 0)
        __builtin_trap();
#ifndef RELEASES_TWICE
    if (!(taken & (1u << number)))
        __builtin_trap();
#endif
#ifndef STAYS_TAKEN
    taken &= ~(1u << number);
#endif
    union slot *slot = &pool[number];
#ifdef LINKED_TO_THE_NEXT_SLOT
    slot->next = number + 1 < SLOTS ? slot + 1 : head;
#else
    slot->next = head;
#endif
    head = slot;
}
