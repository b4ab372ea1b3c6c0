/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between edit.c (the tree in memory) and edit_blob.c (reading and writing the blob). */
#pragma once
#include "fdt/edit.h"

/* A new node at *@last, the end of @parent's children; NULL with @r set. */
struct edit_node *edit_append(struct edit *e, struct edit_node *parent, struct edit_node **last,
			      struct span name, int *r, struct err *err);
/* A new property at *@last, the end of a node's. */
int edit_append_prop(struct edit *e, struct edit_prop **last, const char *name, struct span value,
		     struct err *err);
