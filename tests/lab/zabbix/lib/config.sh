# shellcheck shell=bash disable=SC2154
# Every configuration file, written whole each time, so that a change here reaches an installed lab at its next start.

documented_php_memory=128M

write_config() {
  write_zabbix_config
  write_php_config
  write_nginx_config
}

only_dir() {                                   # the one version folder that Debian installed: .../15, .../8.2
  local found=("$root$1"/*/)
  ((${#found[@]} == 1)) || die "expected one folder in $root$1, found ${#found[@]}"
  basename "${found[0]}"
}

# Data of a lab may be lost with the machine, hence no fsync. Shared memory from mmap needs no /dev/shm.
write_postgresql_config() {
  cat >"$root$data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $db_port
unix_socket_directories = '/run/postgresql'
dynamic_shared_memory_type = mmap
max_connections = 150
shared_buffers = 256MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
min_wal_size = 32MB
jit = off
client_min_messages = warning
timezone = 'UTC'
CONF
}

# SourceIP: Zabbix asks nobody beyond this machine, whatever addresses the tests make up.
# Unreachable...: an agent that does not answer is known as unavailable within seconds, where a usual server takes 45.
write_zabbix_config() {
  local proxy_interval=ProxyConfigFrequency server_only_70='AllowSoftwareUpdateCheck=0'
  if [[ $version == 6.0 ]]; then proxy_interval=ConfigFrequency server_only_70=''; fi
  cat >"$root/etc/zabbix/zabbix_server.conf" <<CONF
ListenIP=127.0.0.1
ListenPort=$server_port
SourceIP=127.0.0.1
LogFile=/var/log/zabbix/zabbix_server.log
LogFileSize=10
PidFile=${pidfile[server]}
SocketDir=/run/zabbix
DBHost=127.0.0.1
DBPort=$db_port
DBName=zabbix
DBUser=zabbix
CacheSize=512M
CacheUpdateFrequency=10
UnreachablePeriod=3
UnreachableDelay=1
UnavailableDelay=2
StartPingers=1
FpingLocation=/usr/bin/fping
Fping6Location=/usr/bin/fping6
$server_only_70
CONF
  cat >"$root/etc/zabbix/zabbix_agentd.conf" <<CONF
ListenIP=127.0.0.1
ListenPort=$agent_port
SourceIP=127.0.0.1
Server=127.0.0.1
ServerActive=127.0.0.1:$server_port
Hostname=Zabbix server
LogFile=/var/log/zabbix/zabbix_agentd.log
LogFileSize=10
PidFile=${pidfile[agent]}
CONF
  cat >"$root/etc/zabbix/zabbix_proxy.conf" <<CONF
ListenIP=127.0.0.1
ListenPort=$proxy_port
SourceIP=127.0.0.1
Server=127.0.0.1:$server_port
Hostname=lab-proxy
LogFile=/var/log/zabbix/zabbix_proxy.log
LogFileSize=10
PidFile=${pidfile[proxy]}
SocketDir=/run/zabbix-proxy
DBName=/var/lib/zabbix/lab-proxy.db
$proxy_interval=10
StartPingers=1
FpingLocation=/usr/bin/fping
Fping6Location=/usr/bin/fping6
CONF
  cat >"$root/etc/zabbix/zabbix.conf.php" <<CONF
<?php
\$DB = [
    'TYPE' => 'POSTGRESQL', 'SERVER' => '127.0.0.1', 'PORT' => '$db_port',
    'DATABASE' => 'zabbix', 'SCHEMA' => '', 'USER' => 'zabbix', 'PASSWORD' => '',
    'ENCRYPTION' => false, 'DOUBLE_IEEE754' => true,
];
\$ZBX_SERVER = '127.0.0.1';
\$ZBX_SERVER_PORT = '$server_port';
\$ZBX_SERVER_NAME = 'lab $version';
\$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
CONF
}

# The limits are those that Zabbix's documentation asks for.
write_php_config() {
  local memory=$documented_php_memory php
  if [[ -s $home/php-memory ]]; then memory=$(<"$home/php-memory"); fi
  php=$(only_dir /etc/php)
  cat >"$root/etc/php/$php/fpm/php-fpm.conf" <<CONF
[global]
pid = ${pidfile[php]}
error_log = /var/log/php-fpm.log
daemonize = yes

[zabbix]
user = www-data
group = www-data
listen = /run/php/zabbix.sock
listen.owner = www-data
pm = static
pm.max_children = 8
catch_workers_output = yes
php_admin_value[memory_limit] = $memory
php_admin_value[post_max_size] = 16M
php_admin_value[upload_max_filesize] = 2M
php_admin_value[max_execution_time] = 300
php_admin_value[max_input_time] = 300
php_admin_value[max_input_vars] = 10000
php_admin_value[date.timezone] = UTC
php_admin_flag[log_errors] = on
CONF
}

write_nginx_config() {
  local pages=/usr/share/zabbix
  if [[ -d $root$pages/ui ]]; then pages+=/ui; fi
  cat >"$root/etc/nginx/nginx.conf" <<CONF
user www-data;
worker_processes 1;
pid ${pidfile[nginx]};
error_log /var/log/nginx/error.log;
events { worker_connections 512; }
http {
    include /etc/nginx/mime.types;
    access_log off;
    client_max_body_size 16m;
    client_body_buffer_size 1m;
    keepalive_requests 100000;
    server {
        listen 127.0.0.1:$web_port;
        root $pages;
        index index.php;
        location ~ \\.php\$ {
            include fastcgi_params;
            fastcgi_param SCRIPT_FILENAME \$document_root\$fastcgi_script_name;
            fastcgi_pass unix:/run/php/zabbix.sock;
            fastcgi_read_timeout 300;
            fastcgi_buffers 64 64k;
        }
    }
}
CONF
}
