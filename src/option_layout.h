/* SPDX-License-Identifier: MIT */
/* option_layout.h: how the record tables are written. */
#ifndef LL_OPTION_LAYOUT_H
#define LL_OPTION_LAYOUT_H

#include "option.h"

#define COUNT(fields)      (uint8_t)(sizeof(fields) / sizeof((fields)[0]))
#define SIZE(type, member) sizeof(((type *)0)->member)
#define AT(name, kind, type, member) \
    { name, offsetof(type, member), LL_FIELD_##kind, SIZE(type, member), 0, 0 }
#define ELEMENT(name, kind, type, member, size) \
    { name, offsetof(type, member), LL_FIELD_##kind, size, 0, 0 }

/* A record that is not known here: it goes as bytes. */
#define NO_FIELDS \
    { 0, 0, false, 0, false, NULL }

#endif
