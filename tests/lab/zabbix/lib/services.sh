# shellcheck shell=bash disable=SC2154
# Starting and stopping what runs in the chroot. PostgreSQL itself: database.sh.

declare -A pidfile=(
  [postgresql]=/var/lib/postgresql/lab/postmaster.pid
  [nginx]=/run/nginx.pid
  [php]=/run/php/php-fpm.pid
  [server]=/run/zabbix/zabbix_server.pid
  [agent]=/run/zabbix/zabbix_agentd.pid
  [proxy]=/run/zabbix/zabbix_proxy.pid
)
declare -A logfile=(
  [postgresql]=/var/log/postgresql/lab.log
  [nginx]=/var/log/nginx/error.log
  [php]=/var/log/php-fpm.log
  [server]=/var/log/zabbix/zabbix_server.log
  [agent]=/var/log/zabbix/zabbix_agentd.log
  [proxy]=/var/log/zabbix/zabbix_proxy.log
)

die_of() {                                     # die_of SERVICE WHY: with what the service said last
  # shellcheck disable=SC2034  # explain_failure shows its end
  log=$root${logfile[$1]}
  die "$1 $2"
}

pid_of() {                                     # pid_of SERVICE: nothing unless it runs in this chroot
  local pid='' file=$root${pidfile[$1]}
  [[ -r $file ]] || return 0
  read -r pid <"$file" || true
  if [[ $pid && /proc/$pid/root -ef $root ]]; then echo "$pid"; fi
}

is_running() { [[ $(pid_of "$1") ]]; }
is_stopped() { [[ -z $(pid_of "$1") ]]; }

need_port() {                                  # need_port SERVICE PORT: unless it is running already
  if ! is_running "$1" && (($2)) && port_answers "$2"; then die "port $2 ($1) is taken by another program"; fi
}

need_ports() {
  need_port nginx "$web_port"
  need_port postgresql "$db_port"
  need_port server "$server_port"
  need_port agent "$agent_port"
  need_port proxy "$proxy_port"
}

start() {                                      # start SERVICE PORT COMMAND...; port 0: it listens on none
  local service=$1 port=$2
  shift 2
  if is_running "$service"; then return; fi
  need_port "$service" "$port"
  rm -f "$root${pidfile[$service]}"
  logged in_chroot root "$@" || die_of "$service" "did not start"
  wait_until 30 is_running "$service" || die_of "$service" "did not start"
  ((port == 0)) || wait_until 60 port_answers "$port" || die_of "$service" "does not listen on port $port"
}

start_web() {
  local php
  php=$(only_dir /etc/php)
  in_chroot root install -d -o www-data -g www-data /run/php
  start php 0 "php-fpm$php"
  start nginx "$web_port" nginx
  wait_until 30 api_version || die_of php "or nginx: the Zabbix API does not answer at $web_url"
}

start_zabbix() {
  in_chroot root install -d -o zabbix -g zabbix /run/zabbix /run/zabbix-proxy /var/log/zabbix /var/lib/zabbix
  start server "$server_port" zabbix_server -c /etc/zabbix/zabbix_server.conf
  start agent "$agent_port" zabbix_agentd -c /etc/zabbix/zabbix_agentd.conf
  start proxy "$proxy_port" zabbix_proxy -c /etc/zabbix/zabbix_proxy.conf
}

terminate() {                                  # terminate SERVICE...: ask, do not wait
  local service pid
  for service; do
    pid=$(pid_of "$service")
    if [[ $pid ]]; then kill "$pid" 2>/dev/null || true; fi
  done
}

# Requests that still run or wait end here, so that none of them writes into what comes next.
stop_web() {
  terminate php
  wait_until 10 is_stopped php || die "php-fpm does not stop"
}

only_postgresql_left() {
  local pid
  for pid in $(our_pids); do
    if [[ $(cat "/proc/$pid/comm" 2>/dev/null) != postgres ]]; then return 1; fi
  done
}

stop_all() {
  terminate nginx php agent proxy server
  wait_until 60 only_postgresql_left || say "not everything stopped by itself"
  stop_database
  kill_all
}

kill_all() {
  local pids
  mapfile -t pids < <(our_pids)
  ((${#pids[@]} == 0)) || kill -9 "${pids[@]}" 2>/dev/null || true
}

# For a reset: the database is about to be dropped, so nobody needs to write anything back.
stop_fast() {
  stop_web
  wait_until 10 only_bystanders_left || die "the server or the proxy does not stop"
}

# Kills the server, the proxy, and what they have started (fping holds their sockets), until nothing of it is left: one
# that is just starting makes children while its processes are listed.
only_bystanders_left() {
  local pid left=''
  for pid in $(our_pids); do
    case $(cat "/proc/$pid/comm" 2>/dev/null) in
      postgres | nginx | zabbix_agentd | '') ;;
      *)
        left=yes
        kill -9 "$pid" 2>/dev/null || true
        ;;
    esac
  done
  [[ -z $left ]]
}
