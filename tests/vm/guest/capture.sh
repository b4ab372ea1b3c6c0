# SPDX-License-Identifier: GPL-2.0-or-later
# What the capture kernel does (sourced by init.sh, which resets the machine afterwards).
say "vmcore $(stat -c '%s' /proc/vmcore) bytes"
show baton save /proc/vmcore /mnt/vmcore
say "saved $?"
sync
