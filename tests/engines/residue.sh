# shellcheck shell=bash
# What an engine may leave behind on a machine, and the tidying of what is known to stay.

# Directories that are shared with the engines of the machine itself.
RESIDUE_DIRS=(/run /dev/shm /opt /etc/cni /etc/containers /etc/docker /etc/lxc
	/var/lib/docker /var/lib/containerd /var/lib/containers /var/lib/cni /var/lib/lxc /var/lib/machines /var/cache/lxc
	/var/lib/systemd)

residue_files() {
	find "${RESIDUE_DIRS[@]}" -xdev -not -path "$T*" -printf 'file %p\n' 2>/dev/null
}

# All cgroups but the neighbours of our own: these belong to whoever runs commands beside us.
residue_cgroups() {
	local dir own
	own=$(sed -n 's,^[^/]*\(/.*\)/[^/]*$,\1,p' /proc/self/cgroup | sort -u)
	while read -r dir; do
		find "$dir" -mindepth 1 -type d -printf '%P\n' 2>/dev/null |
			awk -v dir="$dir" -v own="$own" '
				BEGIN { n = split(own, parent, "\n") }
				{
					for (i = 1; i <= n; i++)
						if (index("/" $0, parent[i] "/") == 1)
							next
					print "cgroup", dir "/" $0
				}'
	done < <(awk '/ - cgroup2? / { print $5 }' /proc/self/mountinfo)
}

residue_rules() {
	[[ -z $(type -P iptables-save) ]] || iptables-save 2>/dev/null | sed -n 's/^-A/rule &/p; s/^:/rule &/p' | sed 's/ \[.*//'
}

# One line for everything that there is: compare two of these.
residue() {
	local processes
	processes=$(descendants)
	{
		[[ -z $processes ]] || awk '{ print "process", $0 }' <<<"$processes"
		awk '{ print "mount", $5 }' /proc/self/mountinfo
		ip -o link | awk '{ sub(/@.*/, ":", $2); print "link", $2 }'
		sed 's/^/ip_forward /' /proc/sys/net/ipv4/ip_forward
		residue_cgroups
		residue_files
		residue_rules
	} | sort -u
}

residue_begin() {
	residue >"$T/.residue"
}

# What is new since residue_begin.
residue_new() {
	local now
	now=$(residue)
	comm -13 "$T/.residue" - <<<"$now"
}

residue_none() {
	[[ -z $(residue_new) ]]
}

# tidy_cgroups REGEX: remove what an engine made and forgot, in every hierarchy; nothing that was there before.
tidy_cgroups() {
	local dir
	while read -r _ dir; do
		rmdir "$dir" 2>/dev/null
	done < <(residue_cgroups | sort | comm -13 "$T/.residue" - | grep -E "^cgroup /sys/fs/cgroup(/[^/]*)?$1" | sort -r)
}

# tidy_dirs DIR...: remove empty directories that came since; never a file, it may be another engine's.
tidy_dirs() {
	local dir path
	for dir in "$@"; do
		while read -r _ path; do
			[[ ! -d $path || -L $path ]] || rmdir "$path" 2>/dev/null
		done < <(residue_files | sort | comm -13 "$T/.residue" - | grep -E "^file $dir(/|$)" | sort -r)
	done
}

# tidy_sockets DIR: remove sockets that came since and that nobody listens on, for a daemon that was killed
# does not remove its own; and the directories that get empty.
tidy_sockets() {
	local path
	while read -r _ path; do
		[[ ! -S $path ]] || grep -q " $path\$" /proc/net/unix || rm -f "$path"
	done < <(residue_files | sort | comm -13 "$T/.residue" - | grep -E "^file $1/")
	tidy_dirs "$1"
}
