/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory of one call: blocks that are filled from the front and freed together. */
#include "rpc/xdr.h"
#include <string.h>

#define ALIGNMENT 16u
#define FIRST_BLOCK 2048u /* enough for most calls: one g_malloc() a call */
#define LATER_BLOCK 16384u

typedef struct Block {
    struct Block *next;
    guint8 *free, *end;
} Block;

typedef struct Taken {
    struct Taken *next;
    void *memory;
} Taken;

struct Arena {
    Block *blocks; /* the one that is being filled first */
    Taken *taken;
};

#define ROUND_UP(size) (((size) + (ALIGNMENT - 1)) & ~(gsize)(ALIGNMENT - 1))

static Block *block_new(gsize room)
{
    gsize head = ROUND_UP(sizeof(Block));
    Block *block = g_malloc(head + room);
    block->next = NULL;
    block->free = (guint8 *)block + head;
    block->end = block->free + room;
    return block;
}

Arena *arena_new(void)
{
    Block *block = block_new(FIRST_BLOCK);
    Arena *self = (Arena *)block->free;
    block->free += ROUND_UP(sizeof(Arena));
    self->blocks = block;
    self->taken = NULL;
    return self;
}

void arena_free(Arena *self)
{
    if (!self)
        return;
    for (Taken *each = self->taken; each; each = each->next)
        g_free(each->memory);
    /* The arena itself is in one of these. */
    for (Block *block = self->blocks; block;) {
        Block *next = block->next;
        g_free(block);
        block = next;
    }
}

/* Room for size bytes, not zeroed. */
static void *find_room(Arena *self, gsize size)
{
    gsize rounded = ROUND_UP(size);
    g_assert(rounded >= size);
    Block *block = self->blocks;
    if (rounded > (gsize)(block->end - block->free)) {
        if (rounded > LATER_BLOCK / 4) {
            /* A block of its own, behind the one that is being filled. */
            Block *own = block_new(rounded);
            own->next = block->next;
            block->next = own;
            block = own;
        } else {
            block = block_new(LATER_BLOCK);
            block->next = self->blocks;
            self->blocks = block;
        }
    }
    void *memory = block->free;
    block->free += rounded;
    return memory;
}

void *arena_alloc(Arena *self, gsize size)
{
    return memset(find_room(self, size), 0, size);
}

char *arena_strndup(Arena *self, const void *text, gsize length)
{
    char *copy = find_room(self, length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_strdup(Arena *self, const char *text)
{
    return text ? arena_strndup(self, text, strlen(text)) : NULL;
}

void *arena_take(Arena *self, void *memory)
{
    if (!memory)
        return NULL;
    Taken *taken = arena_alloc(self, sizeof *taken);
    *taken = (Taken){.next = self->taken, .memory = memory};
    self->taken = taken;
    return memory;
}
