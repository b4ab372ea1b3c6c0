#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what ./demo or ./check needs and this machine lacks. Asks nothing, says what it does.
#
#   scripts/deps.sh [demo|check] [--list]
#   scripts/deps.sh demo guests CPU           what ./demo CPU=... needs
#   scripts/deps.sh cross CPU... [--list]     only what `make static CPU=...` needs
#
# When all is there it needs neither root nor network. On Debian it installs with apt (as root);
# elsewhere it prints what is missing. Kernels for the guests are not installed at all: they are
# unpacked below ${BATON_CACHE:-~/.cache/baton} when they are first used (tests/harness/aptroot.py).
# Exit: 0 all there; 1 something is missing that the build needs; 2 only what guests or tests need.
set -u
# The lines that are wanted, by their first column.
want='build demo'
list=
for arg in "$@"; do
	case $arg in
	demo) want='build demo' ;;
	check) want='build demo check guests i386 arm arm64 ppc64le ppc64 s390x riscv64 sources' ;;
	cross) want=build ;;
	guests) want="$want $arg" ;;
	i386 | arm | arm64 | ppc64le | s390x) want="$want $arg" ;;
	ppc64 | riscv64) want="$want $arg sources" ;;
	--list) list=1 ;;
	*) echo "usage: scripts/deps.sh [demo [guests CPU]|check|cross CPU...] [--list]" >&2; exit 2 ;;
	esac
done
PATH=$PATH:/usr/sbin:/sbin

# One line each: who needs it | Debian 12 package | how to see that it is there | what for
table='build|gcc|command -v gcc|the compiler
build|libc6-dev|echo "#include <stdio.h>" > $tmp/t.c && gcc -E $tmp/t.c|the C library, also static
build|make|command -v make|make demo, make check
build|pkg-config|command -v pkg-config|finding libraries
build|meson|command -v meson|the build system
build|ninja-build|command -v ninja|the build system
build|libjson-c-dev|pkg-config --exists json-c|--json
build|libfdt-dev|echo "#include <libfdt.h>" > $tmp/t.c && gcc -E $tmp/t.c|device trees
build|libmd-dev|pkg-config --exists libmd|hashes in FIT images
build|clang|command -v clang|the purgatories of every CPU; the second compiler, fuzzing
build|lld|command -v ld.lld|linking those
build|binutils-s390x-linux-gnu|command -v s390x-linux-gnu-ld|that of s390x (lld 14 cannot)
build|python3|test -x /usr/bin/python3|scripts of the build and the guests
build|binutils|command -v readelf|a reader of ELF files that is not ours
demo|qemu-system-x86|command -v qemu-system-x86_64|the machine in which kernels are started
demo|seabios|test -e /usr/share/seabios/bios-256k.bin -o -e /usr/share/qemu/bios-256k.bin|its firmware
demo|e2fsprogs|command -v mkfs.ext4 && command -v debugfs|the disk for the dump, made without root
demo|python3-libkdumpfile|/usr/bin/python3 -c "import kdumpfile"|a reader of dumps that is not ours
demo|zlib1g-dev|pkg-config --exists zlib|unpacking kernels: gzip
demo|liblzma-dev|pkg-config --exists liblzma|unpacking kernels: xz, lzma
demo|libzstd-dev|pkg-config --exists libzstd|unpacking kernels: zstd
demo|liblz4-dev|pkg-config --exists liblz4|unpacking kernels: lz4
demo|liblzo2-dev|pkg-config --exists lzo2|unpacking kernels: lzo
demo|libbz2-dev|echo "#include <bzlib.h>" > $tmp/t.c && gcc -E $tmp/t.c|unpacking kernels: bzip2
check|libcmocka-dev|pkg-config --exists cmocka|unit tests
check|libclang-rt-14-dev|have_libfuzzer|libFuzzer, sanitizers of clang
check|ovmf|test -e /usr/share/ovmf/OVMF.fd|UEFI guests
guests|qemu-system-arm|command -v qemu-system-aarch64|guests of arm and arm64
guests|qemu-system-ppc|command -v qemu-system-ppc64|guests of ppc64
guests|qemu-system-misc|command -v qemu-system-s390x && command -v qemu-system-riscv64|guests of s390x and riscv64
guests|qemu-efi-aarch64|test -e /usr/share/qemu-efi-aarch64/QEMU_EFI.fd|UEFI guests of arm64
guests|flex|command -v flex|the small kernels of the guests
guests|bison|command -v bison|the small kernels of the guests
guests|bc|command -v bc|the small kernels of the guests
guests|libelf-dev|echo "#include <gelf.h>" > $tmp/t.c && gcc -E $tmp/t.c|the small kernel of x86_64 (objtool)
check|valgrind|command -v valgrind|counting instructions (make bench)
check|gcovr|command -v gcovr|line coverage (make check-full)
check|openssl|command -v openssl|the yardstick for SHA-256 (make bench)
check|libssl-dev|pkg-config --exists libcrypto|the yardstick for SHA-256 (make bench)
check|u-boot-tools|command -v mkimage|containers made by others
check|mkbootimg|command -v mkbootimg|containers made by others
check|device-tree-compiler|command -v dtc|containers made by others
check|xz-utils|command -v xz|test images
check|zstd|command -v zstd|test images
check|lz4|command -v lz4|test images
check|git|command -v git|the version in reports
check|qemu-user|command -v qemu-s390x|tests of programs for other CPUs
i386|gcc-i686-linux-gnu|command -v i686-linux-gnu-gcc|make static CPU=i386
i386|libc6-dev-i386-cross|test -e /usr/i686-linux-gnu/lib/libc.a|its C library
arm|gcc-arm-linux-gnueabihf|command -v arm-linux-gnueabihf-gcc|make static CPU=arm
arm|libc6-dev-armhf-cross|test -e /usr/arm-linux-gnueabihf/lib/libc.a|its C library
arm64|gcc-aarch64-linux-gnu|command -v aarch64-linux-gnu-gcc|make static CPU=arm64
arm64|libc6-dev-arm64-cross|test -e /usr/aarch64-linux-gnu/lib/libc.a|its C library
ppc64le|gcc-powerpc64le-linux-gnu|command -v powerpc64le-linux-gnu-gcc|make static CPU=ppc64le
ppc64le|libc6-dev-ppc64el-cross|test -e /usr/powerpc64le-linux-gnu/lib/libc.a|its C library
ppc64|gcc-powerpc64-linux-gnu|command -v powerpc64-linux-gnu-gcc|make static CPU=ppc64
ppc64|libc6-dev-ppc64-cross|test -e /usr/powerpc64-linux-gnu/lib/libc.a|its C library
s390x|gcc-s390x-linux-gnu|command -v s390x-linux-gnu-gcc|make static CPU=s390x
s390x|libc6-dev-s390x-cross|test -e /usr/s390x-linux-gnu/lib/libc.a|its C library
riscv64|gcc-riscv64-linux-gnu|command -v riscv64-linux-gnu-gcc|make static CPU=riscv64
riscv64|libc6-dev-riscv64-cross|test -e /usr/riscv64-linux-gnu/lib/libc.a|its C library
sources|dpkg-dev|command -v dpkg-source|libraries for CPUs that Debian 12 has none for'

tmp=$(mktemp -d) || exit 1

have_libfuzzer()
{
	echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' >"$tmp/f.c"
	clang -fsanitize=fuzzer,address "$tmp/f.c" -o "$tmp/f"
}

trap 'rm -rf "$tmp"' EXIT

# Prints the lines of the table whose test fails.
missing()
{
	echo "$table" | while IFS='|' read -r who package test what; do
		case " $want " in *" $who "*) ;; *) continue ;; esac
		(eval "$test") >/dev/null 2>&1 || echo "$who|$package|$what"
	done
}

if [ -n "$list" ]; then
	echo "$table" | awk -F'|' -v want=" $want " 'index(want, " " $1 " ") {
		printf "%-7s %-26s %s\n", $1, $2, $4 }'
	exit 0
fi

need=$(missing)
[ -z "$need" ] && exit 0
packages=$(echo "$need" | cut -d'|' -f2 | tr '\n' ' ')

id=$(. /etc/os-release 2>/dev/null; echo "${ID:-} ${ID_LIKE:-}")
case " $id " in
*" debian "*)
	echo "deps: missing here: $packages"
	if [ "$(id -u)" = 0 ]; then
		echo "deps: apt-get update; apt-get install --no-install-recommends $packages"
		export DEBIAN_FRONTEND=noninteractive
		apt-get -qq update || echo "deps: apt-get update failed; trying with what apt knows"
		# shellcheck disable=SC2086 # one word per package
		apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends $packages \
			>"$tmp/log" 2>&1 || { echo "deps: apt-get install failed:"; tail -n 15 "$tmp/log"; }
	else
		echo "deps: not root, so nothing is installed. As root:"
		echo "    apt-get install --no-install-recommends $packages"
	fi
	;;
*)
	echo "deps: this is not Debian, so nothing is installed. Missing, by Debian's package names:"
	echo "$need" | awk -F'|' '{ printf "    %-22s %s\n", $2, $3 }'
	;;
esac

need=$(missing)
[ -z "$need" ] && { echo "deps: all there now"; exit 0; }
echo "deps: still missing: $(echo "$need" | cut -d'|' -f2 | tr '\n' ' ')"
echo "$need" | grep -q '^build' && exit 1
exit 2
