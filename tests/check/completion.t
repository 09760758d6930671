#!/bin/bash
# Completion in bash, with the script as it is installed.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

cd "$(dirname "$0")/../.." || bail 'no tree'
script=$PWD/build/completions/spc
folder=$T
cmd_ok 'the script is valid' bash -n "$script"

# complete_words WORD...: what bash would offer for the last word, sorted, on one line.
complete_words() {
	(
		cd "$folder" || exit
		# shellcheck disable=SC1090
		. "$script"
		# Stands in for the executable: containers whose names are an attack.
		# shellcheck disable=SC2016
		spc() { printf 'NAME  ENGINE\nweb  docker\nwe$(touch${IFS}pwned)  lxc\nother  lxc\n'; }
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_spc "$1"
		printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort | paste -sd' '
	)
}

is "$(complete_words spc str)" strace 'a verb'
like "$(complete_words spc '')" '(^| )ps .*run .*strace' 'all verbs'
is "$(complete_words spc help ru)" run 'the verb to explain'
like "$(complete_words spc run --e)" '(^| )--env( |$)' 'an option of a verb'
like "$(complete_words /usr/bin/strace-lite -)" '(^| )-p( |$)' 'an option of a tool by its own name'
is "$(complete_words spc ps --vers)" --version 'an option of all'
like "$(complete_words spc run to)" '(^| )tools( |$)' 'the built-in image'
mkdir "$folder/some-folder"
is "$(complete_words spc ps --sysroot some)" some-folder 'a directory, where the option wants one'
is "$(complete_words spc ps o)" other 'a container'
# shellcheck disable=SC2016
is "$(complete_words spc strace we)" 'we\$\(touch\$\{IFS\}pwned\) web' 'a hostile name is quoted'
[[ ! -e $folder/pwned ]]
ok $? 'and was not executed'
done_testing
