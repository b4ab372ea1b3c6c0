#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The first process of every guest. Which guest it is, is found out here:
#   /proc/vmcore exists   the capture kernel: save the dump, reset
#   role=b on the line    the next kernel: say who it is and what it got, power off
#   anything else         kernel A: find the dump of a boot before, else run /row.sh
# All that the host reads begins with '@@'.
/bin/busybox mkdir -p /bin /proc /sys /dev
/bin/busybox --install -s /bin 2>/dev/null
export PATH=/bin HOME=/
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
echo 4 >/proc/sys/kernel/printk

say() { echo "@@ $*"; }

# The value of a word NAME=VALUE of our own kernel command line.
word() { tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p" | tail -n 1; }

# Sends a small file: @@ begin NAME, base64, @@ end NAME SHA256.
emit()
{
	echo 1 >/proc/sys/kernel/printk
	say "begin $1"
	base64 "$2"
	say "end $1 $(sha256sum <"$2" | cut -c 1-64)"
	echo 4 >/proc/sys/kernel/printk
}

# The bytes of a small file as hexadecimal digits.
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }

# Tells the host that we stand at $1 and waits for a line from it.
ask()
{
	say "ask $1"
	read -r _answer
}

# A test's step that must go well.
must()
{
	"$@" || { say "FAILED ($?): $*"; finish; }
}

# Runs a command between marks, so that the host can tell its words from the kernel's.
show()
{
	say "run $*"
	"$@"
	_rc=$?
	say "ran $_rc"
	return $_rc
}

finish()
{
	sync
	umount /mnt 2>/dev/null
	say "bye"
	poweroff -f
	sleep 60
}

reset_now()
{
	sync
	umount /mnt 2>/dev/null
	reboot -f
	sleep 60
}

mount_disk()
{
	_i=0
	while [ ! -b /dev/vda ] && [ $_i -lt 50 ]; do
		sleep 0.1
		_i=$((_i + 1))
	done
	[ -b /dev/vda ] && mount -t ext4 /dev/vda /mnt
}

for m in /m/*; do
	[ -f "$m" ] && insmod "$m"
done

if [ -e /proc/vmcore ]; then
	ROLE=capture
elif [ "$(word role)" = b ]; then
	ROLE=b
else
	ROLE=a
fi
say "up $ROLE $(uname -r)"
grep -q nodisk /proc/cmdline || mount_disk

case $ROLE in
capture)
	. /capture.sh
	reset_now
	;;
b)
	base64 /proc/cmdline | tr -d '\n' >/tmp/line
	say "cmdline $(cat /tmp/line)"
	[ -f /big.bin ] && say "big $(sha256sum </big.bin | cut -c 1-64)"
	[ -f /b.sh ] && . /b.sh
	finish
	;;
a)
	if [ -f /mnt/vmcore ]; then
		say "found $(stat -c '%s' /mnt/vmcore) bytes of vmcore"
		ls -l /mnt
		finish
	fi
	. /row.sh
	finish
	;;
esac
