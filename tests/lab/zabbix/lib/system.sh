# shellcheck shell=bash disable=SC2154
# Messages, the chroot and its processes.

# Messages go to standard error: standard output is for what a verb prints.
say() {
  step=$*
  printf '%(%T)T  zabbix %s  %s\n' -1 "$version" "$*" >&2
}

die() {
  echo "lab.sh: $*" >&2
  exit 1
}

explain_failure() {
  local code=$?
  if [[ $leftover ]]; then rm -rf "$leftover"; fi
  ((code == 0)) && return
  if [[ $step ]]; then echo "lab.sh: failed ($code) after the step: $step" >&2; fi
  if [[ -s $log && $step ]]; then
    echo "lab.sh: the end of $log:" >&2
    tail -n 20 "$log" | sed 's/^/    /' >&2
  fi
}

elapsed_since() {                              # elapsed_since EPOCHREALTIME: seconds, one decimal
  local now=$EPOCHREALTIME
  local tenths=$(((${now/[.,]/} - ${1/[.,]/}) / 100000))
  echo "$((tenths / 10)).$((tenths % 10))"
}

wait_until() {                                 # wait_until SECONDS COMMAND...: ask ten times a second
  local tries=$((10 * $1))
  shift
  for ((; tries > 0; tries--)); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  return 1
}

port_answers() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The lock's descriptor is closed, or the daemons would hold the lock for as long as they live.
in_chroot() {                                  # in_chroot USER COMMAND...
  local user=$1
  shift
  chroot --userspec="$user:$user" "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp \
    LANG=C.UTF-8 TZ=UTC DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} "$@" 9>&-
}

logged() { "$@" >>"$log" 2>&1 </dev/null; }

mount_chroot() {
  mountpoint -q "$root/proc" && return
  mount -t proc proc "$root/proc" || die "cannot mount /proc in $root: a container needs CAP_SYS_ADMIN for this lab"
}

unmount_chroot() {                             # also what an interrupted debootstrap left mounted
  local target
  while read -r _ target _; do
    if [[ $target == "$root"/* ]]; then umount "$target"; fi
  done < <(tac /proc/mounts)
}

our_pids() {                                   # processes whose root is this chroot
  local entry
  for entry in /proc/[0-9]*; do
    [[ $entry/root -ef $root ]] || continue
    echo "${entry#/proc/}"
  done
}
