/* Eight slots of 32 bytes. The free ones are linked through their first word, when the first one is asked for; which
 * slots are taken is written down nowhere: that a slot is not released twice is up to the caller.
 * Each `#ifdef` is one defect: corpus.toml says what it breaks. */

typedef unsigned int u32;
typedef unsigned char u8;

#define SLOTS 8u

union slot {
    union slot *next; /* while it is free */
    u8 bytes[32];
};

u32 linked;
union slot *head;
union slot pool[SLOTS] __attribute__((aligned(8)));

static void link_all(void) {
#ifdef LINKED_PAST_THE_END
    for (u32 number = 0; number < SLOTS; number++)
        pool[number].next = &pool[number + 1];
#else
    for (u32 number = 0; number + 1 < SLOTS; number++)
        pool[number].next = &pool[number + 1];
    pool[SLOTS - 1].next = 0;
#endif
    head = pool;
#ifndef LINKED_AGAIN
    linked = 1;
#endif
}

__attribute__((export_name("take")))
u8 *take(void) {
    if (!linked)
        link_all();
    union slot *slot = head;
    if (!slot)
#ifdef NULL_WHEN_SPENT
        return 0;
#else
        __builtin_trap();
#endif
    head = slot->next;
    return slot->bytes;
}

__attribute__((export_name("release")))
void release(u8 *block) {
    union slot *slot = (union slot *)block;
#ifdef LINKED_TO_ITSELF
    slot->next = slot;
#else
    slot->next = head;
#endif
    head = slot;
}
