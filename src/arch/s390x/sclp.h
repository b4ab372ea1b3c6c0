/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The purgatory's console: messages to the service processor (SCLP), as event buffers of an SCCB.
 * Layouts: Linux 6.1 drivers/s390/char/{sclp.h,sclp_rw.h,sclp_early_core.c}.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define SCLP_WRITE_EVENT_DATA 0x00760005u
#define SCLP_WRITE_EVENT_MASK 0x00780005u

#define SCCB_SIZE 512u

/*
 * Of the CPU's part (cpu.c): send @command with the SCCB_SIZE bytes at @sccb and wait for its end,
 * never for ever. The answer is in @sccb. False if there was none.
 */
bool sclp_call(uint32_t command, uint8_t *sccb);

/* The SCLP as the next kernel expects it: nobody listens. */
void sclp_close(void);
