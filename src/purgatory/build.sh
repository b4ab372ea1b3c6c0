#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds one purgatory: compiles each source and joins them to one relocatable object.
#   build.sh OUT DEPFILE SRC_DIR "COMPILER AND FLAGS" "INTEGER FLAGS" LINKER SOURCE...
# INTEGER FLAGS keep vector registers out of a source; one that is named with a '+' before it may use
# them. LINKER joins the objects; empty: the compiler's own does. Nothing of the host's own flags
# (a distribution's -march, hardening, sanitizers) gets in.
set -eu
out=$1 dep=$2 src=$3 cc=$4 integers=$5 ld=$6
shift 6

# No GOT, PLT, library call, red zone (nobody protects it here), unwind table or entry marker; and
# address 0 is memory like any other.
flags="-std=gnu17 -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes
 -Wmissing-prototypes -ffreestanding -fno-builtin -fpie -fno-common -fno-strict-aliasing
 -fno-delete-null-pointer-checks -fno-stack-protector -fno-asynchronous-unwind-tables
 -fno-unwind-tables -fno-exceptions"
case $($cc --version) in
*clang*)
	flags="$flags -fno-addrsig -fno-unroll-loops"
	;;
*)
	# So that memcpy's loop does not become a call of memcpy; clang does not under -fno-builtin.
	flags="$flags -fno-tree-loop-distribute-patterns"
	;;
esac

parts=$out.parts
rm -rf "$parts"
mkdir -p "$parts"
n=10
for s; do
	f=$integers
	case $s in +*) f= s=${s#+} ;; esac
	$cc $flags $f "-I$src" -include "$src/purgatory/hidden.h" "-ffile-prefix-map=$src=." \
		-MMD -MT "$out" -MF "$parts/$n.d" -c "$s" -o "$parts/$n.o"
	n=$((n + 1))
done
cat "$parts"/*.d >"$dep"
if [ -n "$ld" ]; then
	"$ld" -r -z noexecstack -o "$out" "$parts"/*.o
	exit
fi
$cc -r -nostdlib -Wl,--build-id=none -Wl,-z,noexecstack -o "$out" "$parts"/*.o
