# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for baton(8): options and the words of choices come from the program's own help.
_baton()
{
	local cur prev words cword
	if declare -F _init_completion >/dev/null; then
		_init_completion || return
	else
		words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
		cur=${words[cword]} prev=${words[cword - 1]}
	fi
	if ((cword == 1)); then
		COMPREPLY=($(compgen -W "$("$1" --help | awk '/^  [a-z]/ { print $1 }') --help --version" -- "$cur"))
		return
	fi
	case $prev in
	--syscall | --on-mismatch | --entry | --extract)
		COMPREPLY=($(compgen -W "$("$1" "${words[1]}" --help |
			awk -v o="$prev" '$1 == o { gsub(/\|/, " ", $2); print $2 }')" -- "$cur"))
		return
		;;
	--arch)
		COMPREPLY=($(compgen -W "$("$1" "${words[1]}" --help |
			awk '$1 == "--arch" { getline; sub(/.*any of/, ""); print }')" -- "$cur"))
		return
		;;
	--sysroot)
		COMPREPLY=($(compgen -d -- "$cur"))
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$("$1" "${words[1]}" --help | grep -o -- '--[a-z][a-z-]*')" -- "$cur"))
	else
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
} &&
	complete -o filenames -F _baton baton
