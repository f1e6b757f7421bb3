# shellcheck shell=sh
# What the scripts of this folder share: systems of a Debian release, made once.
# Before it is sourced, set name, for messages, and folder. Sets suite and log.

suite=${BW_DEBIAN_SUITE:-bookworm}
mirror=${BW_DEBIAN_MIRROR-} # empty: the one of debootstrap

say() {
	printf '%s\n' "$name: $*"
}

die() {
	printf '%s\n' "$name: $*" >&2
	exit 1
}

# needs COMMAND...: they are there, and this is root.
needs() {
	[ "$(id -u)" -eq 0 ] || die "must be run by root"
	for needed in "$@"; do
		command -v "$needed" >/dev/null || die "$needed is not installed"
	done
}

# logged COMMAND...: with its output in the log; on failure show the log.
logged() {
	"$@" >>"$log" 2>&1 </dev/null || {
		tail -n 40 "$log" >&2
		die "this failed: $*; all that was said is in $log"
	}
}

# inside SYSTEM COMMAND: a shell's command, with the network of this machine, and
# as free as there: tests look for filters of system calls and make networks.
inside() {
	SYSTEMD_SECCOMP=0 systemd-nspawn --capability=all \
		--quiet --register=no --keep-unit --pipe \
		--directory="$folder/$1" --setenv=DEBIAN_FRONTEND=noninteractive \
		--setenv=LC_ALL=C.UTF-8 sh -ec "$2"
}

# none_mounted FOLDER: end if something is mounted below it. debootstrap leaves the
# machine's /proc mounted in its system when it is interrupted, or when a process
# reads there as it ends.
none_mounted() {
	! grep -q " $1/" /proc/mounts || die "something is mounted below $1"
}

# cleared FOLDER: remove it, but nothing that is mounted there.
cleared() {
	none_mounted "$1"
	rm -rf --one-file-system "${1:?}"
}

# The base system; kept for the next time.
base_system() {
	[ ! -e "$base/ready" ] || return 0
	say "debootstrap $suite"
	cleared "$base"
	logged debootstrap --variant=minbase "$suite" "$base" ${mirror:+"$mirror"}
	none_mounted "$base"
	touch "$base/ready"
}

# system NAME COMMAND: a copy of the base system in which the command has run
# once; kept for the next time.
system() {
	base_system
	[ ! -e "$folder/$1/ready" ] || return 0
	say "making a system of $suite: $1"
	cleared "$folder/$1"
	# debootstrap may leave the machine's /proc mounted in it.
	cp -a --one-file-system "$base" "$folder/$1"
	rm "$folder/$1/ready" # the base's: this one is not ready before the command
	logged inside "$1" "apt-get update && $2"
	touch "$folder/$1/ready"
}

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
log=$folder/$name.$suite.log
: >"$log"
base=$folder/$suite
install='apt-get install -y --no-install-recommends'
