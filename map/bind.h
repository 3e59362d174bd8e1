/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Binding: from a row's attribute path to calls.  Private to map/. */
#pragma once
#include "map/map.h"

/* Objects between the start and the attribute: "platform.x86.HPETEnabled" has two. */
#define BINDING_STEPS_MAX 4

typedef struct Binding {
    const Method *steps[BINDING_STEPS_MAX];
    guint n_steps;
    const Method *get, *set; /* set NULL: read-only */
} Binding;

/* NULL: this VirtualBox has no such attribute. */
const Binding *binding_find(const Field *field);

/* The attribute by which an element's slots are switched on and off. */
const Binding *binding_find_enabled(const Element *element);

/* ret_there FALSE: an object on the way is NULL (an x86 attribute of an ARM machine). */
gboolean binding_get(const Binding *self, MapContext *context, Object *object, Value *ret_value,
                     gboolean *ret_there, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean binding_set(const Binding *self, MapContext *context, Object *object, const Value *value,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
