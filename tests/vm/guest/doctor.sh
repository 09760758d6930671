# shellcheck shell=sh
# In a guest: are the answers of `spc doctor` those of doctor.tbl, and is nothing left behind?
# shellcheck source=../guest-tap.sh
. ./guest-tap.sh

# EROFS takes no file of a tmpfs, and everything else here is one.
mkdir -p /var/tmp
mount -t ext4 -o loop disk /var/tmp

traces() {
	cat /proc/self/mountinfo /proc/modules /proc/sys/kernel/perf_event_paranoid
	cat /sys/kernel/tracing/kprobe_events
	find /sys/fs/bpf /sys/fs/cgroup -maxdepth 1
	find /var/tmp /tmp /run
	pidof spc
}

answers=$(spc doctor --timeout 60s 2>&1) # once before looking, so that both looks see the same caches
echo "$answers" >&2
touch /run/before /run/after
traces >/run/before
cmd_ok 'spc doctor' spc doctor --timeout 60s
rm -f /tmp/.cmd
traces >/run/after
is "$(diff /run/before /run/after)" '' 'spc doctor leaves nothing behind'

column=$(awk -v kernel="$VM_KERNEL" '$2 == "probe" { for (i = 3; i <= NF; i++) if ($i == kernel) print i - 1 }' doctor.tbl)
while read -r name rest; do
	case $name in '#'* | '') continue ;; esac
	expected=$(echo "$name $rest" | awk -v column="$column" '{ print $column }')
	line=$(echo "$answers" | grep "^$name ")
	is "$(echo "$line" | awk '{ print $2 }')" "$expected" "$name is $expected" || diag "$line"
done <doctor.tbl
is "$(echo "$answers" | sed 1d | wc -l)" "$(grep -vc '^#' doctor.tbl)" 'every answer is in the table'

done_testing
