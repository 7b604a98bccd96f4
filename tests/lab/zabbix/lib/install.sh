# shellcheck shell=bash disable=SC2154
# From nothing to a chroot with all packages in it.

# Needed by the proxy's program, which comes without its package, are the last three.
packages=(
  postgresql nginx php-fpm php-pgsql php-curl
  zabbix-server-pgsql zabbix-frontend-php zabbix-agent
  fping libsqlite3-0 libxml2
)

install_host_tools() {
  local tool missing=()
  for tool in debootstrap curl jq zstd; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || die "missing: ${missing[*]}, and there is no apt-get to install them"
  mkdir -p "$home"
  say "apt-get install ${missing[*]}"
  logged apt-get -q update
  logged env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "${missing[@]}"
}

debian_mirror() {                              # the one that this machine's apt uses
  local found
  # shellcheck disable=SC2016  # apt expands it
  found=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian')
  found=${found%%$'\n'*}
  echo "${found:-http://deb.debian.org/debian/}"
}

use_proxy_of_apt() {
  local proxy=''
  [[ ${http_proxy:-} ]] && return
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  if [[ $proxy ]]; then export http_proxy=$proxy; fi
}

install_chroot() {
  if [[ -e $home/packages && $(<"$home/packages") == "${packages[*]}" ]]; then return; fi
  use_proxy_of_apt
  if [[ ! -e $home/base ]]; then
    local mirror
    mirror=$(debian_mirror)
    unmount_chroot
    rm -rf --one-file-system "$root"           # what an interrupted attempt left
    say "debootstrap $suite from $mirror"
    logged debootstrap --variant=minbase "$suite" "$root" "$mirror"
    touch "$home/base"
  fi
  mount_chroot
  say "installing packages"
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  # Packages must not start their services: the lab does, with its own settings.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  mkdir -p "$root/etc/postgresql-common"
  echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.conf"
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/lab"
  printf 'path-exclude=%s\n' '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/locale/*' >>"$root/etc/dpkg/dpkg.cfg.d/lab"
  logged in_chroot root dpkg --configure -a    # what an interrupted attempt left
  logged in_chroot root apt-get -q update
  logged in_chroot root apt-get -q install -y --no-install-recommends "${packages[@]}"
  install_proxy_program
  logged in_chroot root apt-get clean
  rm -rf "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale}/*
  echo "${packages[*]}" >"$home/packages"
}

# Debian's packages of server and proxy exclude each other, so the program alone is taken.
install_proxy_program() {
  # shellcheck disable=SC2016  # a script for the shell in the chroot
  logged in_chroot root sh -ec '
    work=$(mktemp -d) && cd "$work" && chmod 755 .
    apt-get -q download zabbix-proxy-sqlite3
    dpkg-deb -x zabbix-proxy-sqlite3_*.deb files
    install -m 755 files/usr/sbin/zabbix_proxy /usr/sbin/zabbix_proxy
    rm -rf "$work"'
}
