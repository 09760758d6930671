# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Completion of spc and its tools for bash. The words come from the option tables: packaging/completions/fill.

# The words of a verb or tool: spelling, TAB, what its value is. Without one: the verbs.
_spc_words() {
	case ${1-} in
	# @WORDS@
	*) ;;
	esac
}

# Names of containers may hold anything: they must not reach `compgen -W`, which expands its words.
_spc_targets() {
	local name
	while read -r name _; do
		[[ $name != "$cur"* ]] || COMPREPLY+=("$(printf '%q' "$name")")
	done < <(spc ps 2>/dev/null | tail -n +2)
}

_spc() {
	local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb=${1##*/} first=1 words value word
	COMPREPLY=()
	if [[ $verb == spc ]]; then
		verb=${COMP_WORDS[1]}
		first=2
		if [[ $COMP_CWORD -eq 1 ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_spc_words) --help --version" -- "$cur")
			return
		fi
	fi
	words=$(_spc_words "$verb")
	# bash cuts --name=value into three words.
	if [[ $cur == '=' ]]; then
		cur=
	elif [[ $previous == '=' ]]; then
		previous=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	value=
	while IFS=$'\t' read -r word value; do
		[[ $COMP_CWORD -ge $first && -n $word && $word == "$previous" ]] && break
		value=
	done <<<"$words"
	if [[ $value == *'|'* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "${value//|/ }" -- "$cur")
	elif [[ $value == *FILE* || $value == *DIR* || $value == *PATH* ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	elif [[ -n $value ]]; then
		return
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(cut -f1 <<<"$words") --help --version" -- "$cur")
	elif [[ $verb == help ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_spc_words)" -- "$cur")
	elif [[ $verb == run ]]; then
		mapfile -t COMPREPLY < <(compgen -d -W tools -- "$cur")
	else
		_spc_targets
	fi
}

complete -F _spc spc @ALIASES@
