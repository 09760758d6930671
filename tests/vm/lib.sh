# shellcheck shell=bash
# What fetch-kernel, fetch-policy and boot share.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Kernels are fetched once; SPC_VM_CACHE lets several trees share them.
VM_CACHE=${SPC_VM_CACHE:-$(dirname "$(dirname "$VM_DIR")")/build/vm}
VM_UNAVAILABLE=77

vm_die() {
	echo "${0##*/}: $*" >&2
	exit 125
}

# The one line after which a test skips instead of failing.
vm_unavailable() {
	echo "${0##*/}: $*" >&2
	exit "$VM_UNAVAILABLE"
}

vm_need() {
	local command
	for command; do
		type -P "$command" >/dev/null || vm_die "no '$command' here: run packaging/deps test"
	done
}

# Lines of a table of this directory, without comments.
vm_table() {
	grep -v -e '^#' -e '^$' "$VM_DIR/$1"
}

# One line of several: the end of what a command had to say.
vm_last_words() {
	grep -v '^$' "$1" | tail -n 2 | tr '\n' ' ' | cut -c 1-200
}

# --- a private apt --------------------------------------------------------------------------------
# Lists, cache and sources of our own, so that the machine's package state is neither used nor changed.
# Where packages come from is what the machine's own apt is set up with.

vm_mirrors() {
	# shellcheck disable=SC2016 # apt's variable
	apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' | sort -u | awk '
		/\/debian\/?$/ { print "main", $1 }
		/\/debian-security\/?$/ { print "security", $1 }'
}

vm_apt_sources() {
	local suite=$1 kind uri
	vm_mirrors | while read -r kind uri; do
		case $kind/$suite in
		security/sid) ;;
		security/*) echo "deb $uri $suite-security main" ;;
		main/*) echo "deb $uri $suite main" ;;
		esac
	done
}

# vm_apt_begin DIR SUITE: lists of SUITE below DIR. The machine's hooks are cleared: one of them may
# delete what another apt is fetching just now.
vm_apt_begin() {
	local dir=$1 suite=$2
	vm_need apt-get apt-cache dpkg-deb
	mkdir -p "$dir"/{state/lists/partial,cache/archives/partial}
	vm_apt_sources "$suite" >"$dir/sources.list"
	grep -q . "$dir/sources.list" || vm_unavailable "no Debian mirror in the machine's apt sources"
	: >"$dir/status"
	cat >"$dir/apt.conf" <<-END
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		#clear DPkg::Post-Invoke;
		Dir::State "$dir/state";
		Dir::State::status "$dir/status";
		Dir::Cache "$dir/cache";
		Dir::Etc::sourcelist "$dir/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::Etc::preferences "-";
		Dir::Etc::preferencesparts "/dev/null";
		Acquire::Languages "none";
		APT::Sandbox::User "";
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; };
	END
	apt-get -c "$dir/apt.conf" -q update >"$dir/log" 2>&1 ||
		vm_unavailable "no package lists of $suite: $(vm_last_words "$dir/log")"
}

# vm_apt_unpack DIR PACKAGE ROOT
vm_apt_unpack() {
	local dir=$1 package=$2 root=$3 deb
	(cd "$dir/cache/archives" && apt-get -c "$dir/apt.conf" -q download "$package") >"$dir/log" 2>&1 ||
		vm_unavailable "no package $package: $(vm_last_words "$dir/log")"
	mkdir -p "$root"
	for deb in "$dir/cache/archives/${package}"_*.deb; do
		dpkg-deb -x "$deb" "$root" || vm_die "cannot unpack $deb"
		rm -f "$deb"
	done
}

# --- programs for guests --------------------------------------------------------------------------

# vm_program NAME [LIBRARY...]: path of NAME.c, compiled to run without any library.
vm_program() {
	local source=$VM_DIR/$1.c program=$VM_CACHE/bin/$1
	shift
	if [[ ! $program -nt $source ]]; then
		mkdir -p "$VM_CACHE/bin"
		"${CC:-cc}" -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -static -s -o "$program.$$" "$source" "$@" >&2 || vm_die "cannot compile $source"
		mv -f "$program.$$" "$program"
	fi
	echo "$program"
}
