#!/bin/bash
# The test library tests itself: what must fail does fail, and nothing is left behind.
# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

lib=$(realpath "$(dirname "$0")")

# Write a test FILE from standard input, and run it alone through tests/run.
write_test() {
	{
		printf '#!/bin/bash\n. %q\n' "$lib/tap.sh"
		cat
	} >"$T/$1"
	chmod +x "$T/$1"
}

# Not through our own record directory, and with a list of our own.
run_tests() {
	env -u SPC_TAP_DIR SPC_EXPECTED_SKIPS="$T/expected" "$lib/../run" "$@" >"$T/out" 2>&1
}

# The name of a test of ours as the list of skips has it.
relative() {
	realpath --relative-to="$lib/.." "$T/$1"
}

: >"$T/expected"
write_test good.t <<<'is a a same; like abc ^a likes; cmd_ok yes true; cmd_status 3 "three" sh -c "exit 3"; ok 0 fine; done_testing'
cmd_ok 'a good test passes' run_tests "$T/good.t"
like "$(tail -n 1 "$T/out")" '^Result: PASS$' "the last line is prove's"

write_test bad.t <<<'is a b "differs"; done_testing'
cmd_status 1 'a failed test fails the run' run_tests "$T/bad.t" "$T/good.t"
like "$(<"$T/out")" "expected: 'b'" 'what was expected is shown'
like "$(tail -n 1 "$T/out")" '^Result: FAIL$' "the last line is prove's"

write_test unfinished.t <<<'ok 0 fine; exit 0'
cmd_status 1 'a test without done_testing fails' run_tests "$T/unfinished.t"
write_test short.t <<<'plan 2; ok 0 fine; done_testing'
cmd_status 1 'a test that ran less than planned fails' run_tests "$T/short.t"

write_test skip.t <<<'ok 0 fine; skip "no moon tonight" 2; done_testing'
cmd_status 1 'a skip that is not on the list fails the run' run_tests "$T/skip.t"
like "$(<"$T/out")" '2 .*skip.t: no moon tonight' 'it is named, and counted'
printf '%s\tno moon .*\n' "$(relative skip.t)" >"$T/expected"
cmd_ok 'a skip on the list passes' run_tests "$T/skip.t"
printf '%s\tno moon\n' "$(relative skip.t)" >"$T/expected"
cmd_status 1 'the list must match the whole reason' run_tests "$T/skip.t"

write_test skip-all.t <<<'skip_all "nothing here"'
cmd_status 1 'a skipped file that is not on the list fails the run' run_tests "$T/skip-all.t"
printf '%s\tnothing here\n' "$(relative skip-all.t)" >"$T/expected"
cmd_ok 'a skipped file on the list passes' run_tests "$T/skip-all.t"

write_test todo.t <<<'echo "not ok 1 - later # TODO one day"; TAP_COUNT=1; done_testing'
cmd_status 1 'TODO does not count as passed' run_tests "$T/todo.t"
write_test bail.t <<<'bail "no disk"'
cmd_status 255 'bail out fails the run' run_tests "$T/bail.t"

write_test slow.t <<EOF2
echo "\$T" >$T/dir
at_exit touch $T/first; at_exit cp $T/dir $T/second; at_exit eval '[[ ! -e $T/second ]] && touch $T/third'
sleep 60 & at_exit kill \$!
wait
EOF2
"$T/slow.t" 2>/dev/null &
wait_for 5 test -s "$T/dir"
sleep 0.1
kill -TERM $!
wait $!
is $? 143 'a terminated test ends with the status of its signal'
[[ -e $T/first && -e $T/second && -e $T/third ]]
ok $? 'at_exit commands ran, the last one first'
[[ -s $T/dir && ! -e $(<"$T/dir") ]]
ok $? 'its directory is gone'
done_testing
