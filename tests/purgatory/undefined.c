/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a purgatory that two functions are missing from: the linker must name both. */
void baton_missing_one(void);
void baton_missing_two(void);
void baton_uses_them(void);

void baton_uses_them(void)
{
	baton_missing_one();
	baton_missing_two();
}
