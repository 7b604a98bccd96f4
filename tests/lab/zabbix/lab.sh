#!/usr/bin/env bash
# Real Zabbix servers for the tests, each in a private Debian chroot.
#
#   lab.sh up VERSION                install (once) and start; repeat as you like
#   lab.sh down VERSION              stop what `up` started and unmount; keeps the data
#   lab.sh reset VERSION [NAME]      back to the state after the first `up`, same tokens; or to that of a snapshot
#   lab.sh snapshot VERSION NAME     remember the state, in place of an earlier one of this name, until a plain `reset`
#   lab.sh destroy VERSION           down, then delete everything
#   lab.sh status                    what is installed and what runs
#   lab.sh env VERSION               print addresses, users and tokens
#   lab.sh save VERSION FILE         pack the installed chroot (stops it for that time)
#   lab.sh load VERSION FILE         unpack one; replaces what is there
#   lab.sh php-memory VERSION VALUE  PHP's memory limit, until `reset` or another value
#   lab.sh reload VERSION            let the server read its configuration now, and not within 10 seconds
#   lab.sh database VERSION SQL      carry out a statement, for what the API cannot make
#
# VERSION is 7.0 or 6.0. Needs root on Debian 12 or newer; everything listens on 127.0.0.1.
# Progress goes to standard error. Environment:
#   NETBOX_ZABBIX_LAB             where it all lives; default /var/lib/netbox-zabbix-lab
#   NETBOX_ZABBIX_LAB_PORT_SHIFT  added to every port, for a second lab on the same machine

# Variables are shared with the sourced files, which not every checker follows (ansible-test's does not).
# shellcheck disable=SC2034,SC2154
set -euo pipefail
umask 022
shopt -s inherit_errexit nullglob

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
lab=$(realpath -m "${NETBOX_ZABBIX_LAB:-/var/lib/netbox-zabbix-lab}")

# What differs by version, ports included: change it here.
#        Debian     web  PostgreSQL server agent proxy
declare -A table=(
  [7.0]="trixie     18070  15470    20070  20170  20270"
  [6.0]="bookworm   18060  15460    20060  20160  20260"
)

version='' step='' log='' leftover=''

# shellcheck source=lib/system.sh
source "$here/lib/system.sh"
# shellcheck source=lib/install.sh
source "$here/lib/install.sh"
# shellcheck source=lib/config.sh
source "$here/lib/config.sh"
# shellcheck source=lib/services.sh
source "$here/lib/services.sh"
# shellcheck source=lib/database.sh
source "$here/lib/database.sh"
# shellcheck source=lib/accounts.sh
source "$here/lib/accounts.sh"

select_version() {
  [[ ${table[${1:-none}]:-} ]] || die "VERSION must be one of: ${!table[*]}"
  local shift=${NETBOX_ZABBIX_LAB_PORT_SHIFT:-0} port
  version=$1
  # shellcheck disable=SC2086  # the row is meant to be split
  set -- ${table[$version]}
  suite=$1
  for port in web_port=$2 db_port=$3 server_port=$4 agent_port=$5 proxy_port=$6; do
    printf -v "${port%=*}" %d $((${port#*=} + shift))
  done
  home=$lab/$version root=$home/root log=$home/log
  web_url=http://127.0.0.1:$web_port
}

# Two callers at once (a test run and a person) take turns.
lock() {
  mkdir -p "$lab"
  exec 9>"$lab/$version.lock"
  flock -w 900 9 || die "another lab.sh has been busy with $version for 15 minutes"
}

# Raise `layout` when accounts, proxies or the database's content change: `up` then makes the pristine state anew.
layout=1
is_installed() { [[ -e $home/pristine && $(<"$home/pristine") == "$version layout $layout" ]]; }
need_installed() { is_installed || die "not installed; run: lab.sh up $version"; }

start_all() {
  start_database
  if ! is_running server; then fit_agent_port; fi
  start_web
  start_zabbix
}

up() {
  local begin=$SECONDS
  need_ports                                   # said now, not after the installation
  install_host_tools
  mkdir -p "$home"
  install_chroot
  mount_chroot
  write_config
  if ! is_installed; then
    make_pristine
    echo "$version layout $layout" >"$home/pristine"
  fi
  start_all
  write_env
  say "Zabbix $(api_version) is up at $web_url after $((SECONDS - begin)) s; see $home/env"
}

down() {
  [[ -d $root ]] || return 0
  stop_all
  unmount_chroot
  say "down"
}

destroy() {
  down
  ! grep -q " $home/" /proc/mounts || die "something is still mounted under $home"
  rm -rf --one-file-system "$home"
  say "gone"
}

reset() {
  local name=${1:-pristine} begin=$EPOCHREALTIME
  need_installed
  need_state "$name"
  mount_chroot
  stop_fast
  rm -f "$home/php-memory" "$root"/var/lib/zabbix/*.db*
  write_config
  start_database
  if [[ $name == pristine ]]; then drop_snapshots; fi
  restore_state "$name"
  start_all
  say "$name again after $(elapsed_since "$begin") s"
}

snapshot() {
  local name=${1:?NAME is missing}
  [[ $name =~ ^[a-z]+$ && $name != pristine ]] || die "NAME is small letters and not pristine, not '$name'"
  need_installed
  stop_fast                                    # PostgreSQL copies no database that somebody uses
  start_database
  keep_state "$name"
  start_all
  say "the state is kept as $name"
}

save() {
  local file=${1:?FILE is missing} was_up=''
  need_installed
  file=$(realpath -m "$file")
  if [[ $(our_pids) ]]; then was_up=yes; fi
  stop_all
  unmount_chroot
  say "packing into $file"
  # Another name until it is whole: a cache must never keep half an archive.
  leftover=$file.part
  tar -C "$home" --one-file-system --exclude='./root/run/*' --exclude='./root/tmp/*' \
    --exclude=./log --exclude=./php-memory -I 'zstd -T0 -3' -cf "$file.part" . 2>>"$log"
  mv "$file.part" "$file"
  say "$(du -h "$file" | cut -f1) in $file"
  if [[ $was_up ]]; then up; fi
}

load() {
  local file=${1:?FILE is missing} begin=$EPOCHREALTIME
  [[ -r $file ]] || die "cannot read $file"
  install_host_tools
  say "unpacking $file"
  leftover=$home.part
  rm -rf "$home.part"
  mkdir -p "$home.part"
  tar -C "$home.part" -I zstd -xpf "$file" || die "$file is no whole archive"
  # Another layout is well: `up` makes it right. Another version is not.
  grep -qs "^$version " "$home.part/pristine" || die "$file does not hold a Zabbix $version"
  destroy
  mv "$home.part" "$home"
  say "loaded after $(elapsed_since "$begin") s; start it with: lab.sh up $version"
}

print_env() {
  [[ -r $home/env ]] || die "no env file; run: lab.sh up $version"
  cat "$home/env"
}

reload() {
  need_installed
  logged in_chroot root zabbix_server -c /etc/zabbix/zabbix_server.conf -R config_cache_reload
}

database() {
  need_installed
  sql zabbix zabbix -c "${1:?SQL is missing}"
}

php_memory() {
  local value=${1:?VALUE is missing}
  [[ $value =~ ^(-1|[0-9]+[KMG]?)$ ]] || die "VALUE is a PHP size such as 64M, not '$value'"
  need_installed
  echo "$value" >"$home/php-memory"
  write_php_config
  stop_web
  start_web
  say "PHP's memory limit is $value"
}

status() {
  local service state
  for version in $(printf '%s\n' "${!table[@]}" | sort -r); do
    select_version "$version"
    if ! is_installed; then
      echo "$version  not installed in $home"
      continue
    fi
    state=$(api_version 2>/dev/null) || state=silent
    echo "$version  API $state at $web_url, $(our_pids | wc -l) processes in $home"
    for service in "${!pidfile[@]}"; do
      printf '     %-10s %s\n' "$service" "$(is_running "$service" && echo running || echo stopped)"
    done | sort
  done
}

trap explain_failure EXIT
case ${1:-} in
  up | down | destroy | reset | snapshot | save | load | php-memory | reload | database)
    ((EUID == 0)) || die "must be root"
    select_version "${2:-}"
    lock
    "${1//-/_}" "${@:3}"
    ;;
  env)
    select_version "${2:-}"
    print_env
    ;;
  status) status ;;
  *)
    sed -n '2,/^$/{s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
    trap - EXIT
    exit 2
    ;;
esac
