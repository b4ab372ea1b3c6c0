# SPDX-License-Identifier: GPL-2.0-or-later
"""Libraries built from Debian's sources: none yet."""


class BuildError(Exception):
    pass
RECIPES = {}
SOURCE_OF = {}
