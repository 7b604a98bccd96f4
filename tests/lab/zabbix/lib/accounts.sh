# shellcheck shell=bash disable=SC2154
# What a new Zabbix is given through its API: tokens, accounts, proxies. And the env file that tells of them.

admin=Admin admin_password=zabbix              # the account that every new Zabbix has

post() { curl -fsS -m 60 -H 'Content-Type: application/json-rpc' "$@" "$web_url/api_jsonrpc.php"; }

api_version() {
  post -d '{"jsonrpc":"2.0","method":"apiinfo.version","params":[],"id":1}' | jq -er .result
}

# Zabbix 6.0 takes the session in the body only, later ones as a header.
api() {                                        # api METHOD PARAMS [JQ-FILTER]: the result
  local body headers=() reply
  body=$(jq -cn --arg method "$1" --argjson params "$2" '{jsonrpc: "2.0", id: 1, $method, $params}')
  if [[ ${session:-} && $version == 6.0 ]]; then
    body=$(jq -c --arg auth "$session" '. + {$auth}' <<<"$body")
  elif [[ ${session:-} ]]; then
    headers=(-H "Authorization: Bearer $session")
  fi
  reply=$(post "${headers[@]}" --data-binary @- <<<"$body") || die "$1: no answer"
  jq -e 'has("result")' <<<"$reply" >/dev/null || die "$1: $reply"
  jq -cr ".result | ${3:-.}" <<<"$reply"
}

random_password() { echo "Lab.$(head -c 18 /dev/urandom | base64 | tr '+/' 'xy')"; }

token() {                                      # token NAME USERID EXPIRES: 0 never
  local id
  id=$(api token.create "$(jq -cn --arg name "$1" --arg userid "$2" --arg at "$3" \
    '{$name, $userid, expires_at: $at}')" '.tokenids[0]')
  api token.generate "[\"$id\"]" '.[0].token'
}

user() {                                       # user NAME ROLEID GROUP-RIGHTS: a user in a group of its own
  local group
  group=$(api usergroup.create "$(jq -c --arg name "$1" '. + {$name}' <<<"$3")" '.usrgrpids[0]')
  api user.create "$(jq -cn --arg username "$1" --arg roleid "$2" --arg passwd "$(random_password)" --arg usrgrpid "$group" \
    '{$username, $roleid, $passwd, usrgrps: [{$usrgrpid}]}')" '.userids[0]'
}

# group_rights JQ-CONDITION WRITE: rights on the host groups that satisfy the condition (3 read-write, 2 read),
# and read on all template groups, which 6.0 keeps among the host groups.
group_rights() {
  local hosts templates
  hosts=$(api hostgroup.get '{"output":["groupid","name"]}')
  if [[ $version == 6.0 ]]; then
    jq -c --argjson permission "$2" '{rights: (
      map(select(.name | startswith("Templates")) | {id: .groupid, permission: 2})
      + map(select(.name | startswith("Templates") | not) | select('"$1"') | {id: .groupid, $permission}))}' <<<"$hosts"
  else
    templates=$(api templategroup.get '{"output":["groupid"]}')
    jq -c --argjson permission "$2" --argjson templates "$templates" '{
      hostgroup_rights: map(select('"$1"') | {id: .groupid, $permission}),
      templategroup_rights: $templates | map({id: .groupid, permission: 2})}' <<<"$hosts"
  fi
}

# The least that a synchronisation needs: an Admin that may call nothing but this.
limited_role() {
  local methods='["host.*","hostinterface.get","hostgroup.get","template.get","proxy.get","proxygroup.get",
    "usermacro.get","maintenance.get","maintenance.create","maintenance.delete"]'
  if [[ $version == 6.0 ]]; then methods=$(jq -c '. - ["proxygroup.get"]' <<<"$methods"); fi
  api role.create "$(jq -cn --argjson api "$methods" '{name: "lab limited", type: "2", rules: {
    "api.access": "1", "api.mode": "1", $api,
    "actions.default_access": "0", actions: [{name: "edit_maintenance", status: "1"}]}}')" '.roleids[0]'
}

create_proxies() {
  if [[ $version == 6.0 ]]; then
    api proxy.create '[{"host":"lab-proxy","status":"5"},{"host":"lab-proxy-2","status":"5"}]' >/dev/null
    return
  fi
  local group
  group=$(api proxygroup.create '{"name":"lab-group","failover_delay":"1m","min_online":"1"}' '.proxy_groupids[0]')
  api proxy.create "$(jq -cn --arg group "$group" '[
    {name: "lab-proxy", operating_mode: "0"},
    {name: "lab-proxy-2", operating_mode: "0", proxy_groupid: $group, local_address: "127.0.0.1"}]')" >/dev/null
}

create_accounts() {
  local session='' admin_id role limited reader
  say "creating tokens, accounts and proxies"
  session=$(api user.login "{\"username\":\"$admin\",\"password\":\"$admin_password\"}")
  admin_id=$(api user.get "{\"filter\":{\"username\":\"$admin\"},\"output\":[\"userid\"]}" '.[0].userid')
  create_proxies

  role=$(limited_role)
  limited=$(user 'lab limited' "$role" "$(group_rights '.name == ("Linux servers", "Discovered hosts")' 3)")
  role=$(api role.get '{"filter":{"name":"User role"},"output":["roleid"]}' '.[0].roleid')
  reader=$(user 'lab read only' "$role" "$(group_rights true 2)")

  (
    umask 077
    {
      echo "ZABBIX_TOKEN=$(token lab "$admin_id" 0)"
      echo "ZABBIX_LIMITED_TOKEN=$(token limited "$limited" 0)"
      echo "ZABBIX_READONLY_TOKEN=$(token readonly "$reader" 0)"
      echo "ZABBIX_EXPIRED_TOKEN=$(token expired "$admin_id" 1000000000)"
    } >"$home/tokens"
  )
  api user.logout '[]' >/dev/null
}

write_env() {
  (
    umask 077
    printf '%s\n' "ZABBIX_URL=$web_url" "ZABBIX_USER=$admin" "ZABBIX_PASSWORD=$admin_password" |
      cat - "$home/tokens" >"$home/env"
  )
}
