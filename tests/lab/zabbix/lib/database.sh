# shellcheck shell=bash disable=SC2154
# PostgreSQL, Zabbix's schema, and the pristine copy that a reset goes back to.

data=/var/lib/postgresql/lab

pg() {                                         # pg PROGRAM ARGUMENTS...
  local program=$1 installed
  installed=$(only_dir /usr/lib/postgresql)
  shift
  in_chroot postgres "/usr/lib/postgresql/$installed/bin/$program" "$@"
}

sql() {                                        # sql USER DATABASE ARGUMENTS...
  pg psql -X -q -v ON_ERROR_STOP=1 -h /run/postgresql -p "$db_port" -U "$1" -d "$2" "${@:3}"
}

start_database() {
  if is_running postgresql; then return; fi
  need_port postgresql "$db_port"
  in_chroot root install -d -o postgres -g postgres /run/postgresql /var/log/postgresql
  if [[ ! -e $root$data/PG_VERSION ]]; then
    # Everybody on this machine may enter: the lab's Zabbix has its well-known password anyway.
    logged pg initdb -D "$data" -U postgres --auth trust --encoding UTF8 --locale C.UTF-8 --no-sync
  fi
  write_postgresql_config
  logged pg pg_ctl -D "$data" -l "${logfile[postgresql]}" -w -t 60 start || die_of postgresql "does not start"
}

stop_database() {
  if is_running postgresql; then logged pg pg_ctl -D "$data" -m fast -w -t 60 stop; fi
}

load_schema() {
  local part
  say "loading Zabbix's schema and stock data"
  sql postgres postgres \
    -c 'DROP DATABASE IF EXISTS zabbix_pristine WITH (FORCE)' -c 'DROP DATABASE IF EXISTS zabbix WITH (FORCE)' \
    -c 'DROP ROLE IF EXISTS zabbix' -c 'CREATE ROLE zabbix LOGIN' -c 'CREATE DATABASE zabbix OWNER zabbix' >>"$log" 2>&1
  for part in schema images data; do
    gzip -dc "$root/usr/share/zabbix-server-pgsql/$part.sql.gz"
  done | sql zabbix zabbix >>"$log" 2>&1
}

# The server has not run yet when the copy is made, so it holds no history, problems or availability.
make_pristine() {
  stop_all
  start_database
  load_schema
  start_web
  create_accounts
  stop_web
  sql postgres zabbix -c 'VACUUM ANALYZE' >>"$log" 2>&1
  sql postgres postgres -c 'CREATE DATABASE zabbix_pristine TEMPLATE zabbix' >>"$log" 2>&1
}

states() { sql postgres postgres -At -c "SELECT datname FROM pg_database WHERE datname LIKE 'zabbix\_%'"; }

need_state() {                                 # need_state NAME
  [[ $1 == pristine ]] || { start_database && states | grep -qx "zabbix_$1"; } || die "there is no snapshot $1"
}

restore_state() {                              # restore_state NAME
  sql postgres postgres -c 'DROP DATABASE IF EXISTS zabbix WITH (FORCE)' \
    -c "CREATE DATABASE zabbix OWNER zabbix TEMPLATE zabbix_$1 STRATEGY file_copy" >>"$log" 2>&1
}

keep_state() {                                 # keep_state NAME
  sql postgres postgres -c "DROP DATABASE IF EXISTS zabbix_$1" \
    -c "CREATE DATABASE zabbix_$1 TEMPLATE zabbix STRATEGY file_copy" >>"$log" 2>&1
}

drop_snapshots() {
  local name
  for name in $(states); do
    if [[ $name != zabbix_pristine ]]; then sql postgres postgres -c "DROP DATABASE $name" >>"$log" 2>&1; fi
  done
}

# The stock host expects the agent on its default port; and a loaded lab may have got other ports.
fit_agent_port() {
  sql zabbix zabbix -c "UPDATE interface SET port = '$agent_port' FROM hosts
    WHERE hosts.hostid = interface.hostid AND host = 'Zabbix server' AND port <> '$agent_port'"
}
