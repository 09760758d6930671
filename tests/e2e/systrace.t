#!/bin/bash
# systrace measures the truth: counts, latencies, and the traps that other tools fall into.
# shellcheck source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need_root

here=$(realpath "$(dirname "$0")")
: "${SPC:=$here/../../build/spc}"
traps=$T/traps
cc -D_GNU_SOURCE -O2 -w -o "$traps" "$here/systrace/traps.c" -lpthread || bail 'cannot compile the traps'
"$SPC" systrace --duration 10ms >"$T/out" 2>"$T/err" ||
	{ grep -q 'CAP_BPF' "$T/err" && skip_all 'BPF is not permitted here'; }

# recorded TRAP [OPTION...]: $T/rows is what was measured of it, $T/expected what it says itself
recorded() {
	local trap=$1
	shift
	"$SPC" systrace record -q -o "$T/recording" "$@" -- "$traps" "$trap" >"$T/expected" &&
		"$SPC" systrace report --json "$T/recording" >"$T/rows"
}

# value CALL FIELD: 0 when the call is not there
value() {
	jq -rs --arg c "$1" --arg f "$2" \
		'map(select(.kind == "call" and .call == $c) | .[$f] // 0) | add // 0' "$T/rows"
}

holds() {
	local what=$1 call field least most got
	while read -r call field least most; do
		if [[ $call == in_flight ]]; then
			got=$(grep -c '^flight end' "$T/recording")
		else
			got=$(value "$call" "$field")
		fi
		[[ $got -ge $least && $got -le $most ]]
		ok $? "$what: $call $field is $got, within $least..$most"
	done <"$T/expected"
}

for trap in $("$traps"); do
	[[ $trap != forever ]] || continue
	cmd_ok "$trap is recorded" recorded "$trap" && holds "$trap"
done

# The lesser probes: everything but what they cannot know.
for probe in slot hash; do
	for trap in steady forks migrate invalid exits sleepers; do
		cmd_ok "$trap is recorded by the $probe probes" recorded "$trap" --probe "$probe" &&
			if [[ $trap == forks || $trap == migrate ]]; then
				# Without BTF children are not followed.
				sed -i '/exit_group/d' "$T/expected" && holds "$probe: $trap"
			else
				holds "$probe: $trap"
			fi
	done
done
recorded blocked --probe slot
[[ $(value read blocked_ns) -gt 200000000 ]]
ok $? 'slot: time blocked is seen'
recorded blocked --probe hash
is "$(value read blocked_ns)" 0 'hash: time blocked is not made up'

# Counts are those of strace -c.
if command -v strace >/dev/null; then
	recorded steady
	strace -c -o "$T/strace" "$traps" steady >/dev/null
	for call in getppid getuid faccessat; do
		is "$(value "$call" count)" "$(awk -v c="$call" '$NF == c { print $4 }' "$T/strace")" \
			"as many calls of $call as strace -c counts"
	done
	is "$(value faccessat errors)" "$(awk '$NF == "faccessat" { print $5 }' "$T/strace")" \
		'as many errors as strace -c counts'
else
	skip 'no strace' 4
fi

# Calls that outlast the measurement, on both ends.
"$traps" forever >/dev/null &
forever=$!
at_exit kill "$forever"
sleep 0.2
cmd_ok 'a blocked process is recorded' "$SPC" systrace record -q -o "$T/recording" --runs 1 \
	--duration 300ms "pid:$forever"
like "$(cat "$T/recording")" "flight start $forever [0-9]+ traps - pause" \
	'a call from before the measurement that is still blocked is told'
kill -STOP "$forever"
cmd_ok 'while it is resumed' bash -c \
	"'$SPC' systrace record -q -o '$T/recording' --runs 1 --duration 1s pid:$forever & sleep 0.8; kill -CONT $forever; wait \$!"
like "$(cat "$T/recording")" "flight (start|end) $forever" 'a call in progress at the end is told'

# -e, -t, --json, errors.
recorded steady -e trace=getppid,close
is "$(jq -rs 'map(select(.kind == "call").call) | sort | join(" ")' "$T/rows")" 'close getppid' \
	'-e trace= leaves only what it names'
like "$("$SPC" systrace report -t "$T/recording" | head -n 1)" \
	'^System Call +Count +Total ns +Avg ns +Min ns +Max ns$' '-t prints the table of syscalltimes'
cmd_status 2 'an unknown call is a usage error' "$SPC" systrace -e trace=opnat
cmd_status 3 'a target that is not there has its own status' "$SPC" systrace pid:999999999
cmd_status 2 'record wants a file' "$SPC" systrace record
cmd_status 1 'a foreign file is refused' "$SPC" systrace report /etc/passwd
cmd_status 1 'a call that was not made' "$SPC" systrace hist opnat "$T/recording"
like "$("$SPC" systrace hist getppi "$T/recording" 2>&1)" 'did you mean getppid' 'and the near one is told'

# Too little memory is told, and has a status of its own: many processes, each with calls of its own.
crowd() {
	local end=$((SECONDS + 3))
	while [[ $SECONDS -lt $end ]]; do
		/bin/true
	done
}
crowd &
crowd=$!
cmd_status 4 'lost data has a status of its own' "$SPC" systrace --duration 2s --memory 65536 -b process
wait "$crowd"
crowd &
crowd=$!
like "$("$SPC" systrace --duration 2s --memory 65536 -b process 2>&1 >/dev/null)" 'lost: [0-9]+ calls' \
	'and what was lost is told'
wait "$crowd"

# An interrupted recording is valid.
"$SPC" systrace record -q -o "$T/cut" --runs 9 --duration 400ms &
recorder=$!
wait_for 20 grep -q '^done 1' "$T/cut"
kill -INT "$recorder"
wait "$recorder"
is $? 0 'an interrupted recording ends well'
like "$(tail -n 1 "$T/cut")" '^end [1-9]' 'and is complete'
"$SPC" systrace record -q -o "$T/killed" --runs 9 --duration 400ms &
recorder=$!
wait_for 20 grep -q '^done 1' "$T/killed"
kill -KILL "$recorder"
wait "$recorder" 2>/dev/null
cmd_ok 'a killed one is read up to its last run' "$SPC" systrace report "$T/killed"
cmd_ok 'and compared' "$SPC" systrace diff "$T/cut" "$T/killed"

# diff
recorded steady --probe hash && mv "$T/recording" "$T/hash"
recorded steady
cmd_status 1 'recordings of different probes are not compared' "$SPC" systrace diff "$T/hash" "$T/recording"
"$SPC" systrace record -q -o "$T/a" --runs 3 -- "$traps" steady >/dev/null
for how in --json --markdown ''; do
	# shellcheck disable=SC2086
	cmd_ok "diff $how" "$SPC" systrace diff -a $how "$T/a" "$T/a"
done
is "$("$SPC" systrace diff --json "$T/a" "$T/a" | jq -rs 'map(select(.kind == "change" and .verdict == "slower")) | length')" \
	0 'a recording is not slower than itself'
for format in ndjson csv prometheus openmetrics; do
	cmd_ok "export as $format" "$SPC" systrace export -f "$format" "$T/a"
done
is "$("$SPC" systrace export -f ndjson "$T/a" | jq -s 'map(select(.call == "getppid" and .hist == "wall").count) | add')" \
	3000 'the exported buckets add up'
"$SPC" systrace export -f prometheus "$T/a" >"$T/metrics"
is "$(awk '/^systrace_call_duration_seconds_count.*"getppid"/ { print $2 }' "$T/metrics")" 3000 \
	'so do the metrics'
if command -v promtool >/dev/null; then
	cmd_ok 'promtool finds nothing wrong' bash -c "promtool check metrics <'$T/metrics'"
fi

done_testing
