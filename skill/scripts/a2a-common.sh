# shellcheck shell=bash
# What the scripts share: where the hub is, where a session is kept, how a hub is asked. Sourced, never run.
# Needs bash 3.2, curl, and the tools of any BSD or GNU system. Tokens and codes go to curl through a pipe, since everybody on the machine may read arguments.

umask 077
# Bytes are bytes: patterns stay fast on long messages, and nothing depends on the user's language.
export LC_ALL=C
# It would send cd elsewhere.
unset CDPATH

newline=$'\n'
base='' pin='' token='' answer='' status='' failed=0 role='' session='' event='' message_file=''
previous_base='' previous_pin='' previous_token=''

say() { printf '%s\n' "$*"; }
note() { printf '%s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}

# The partner's text: as it came, but for a terminal without the bytes that it would obey.
show() {
    if [ -t 1 ]; then printf '%s\n' "$1" | tr -d '\000-\010\013-\037\177'; else printf '%s\n' "$1"; fi
}

is_true() { case ${1-} in true | 1 | yes) return 0 ;; *) return 1 ;; esac; }

need_boolean() { case $1 in true | false) ;; *) fail "ERROR: headless is true or false, not '$1'" ;; esac; }

# --- sessions: one folder each, by the working folder or by the name in A2A_SESSION, with ROLE.token, ROLE.url and ROLE.pin in it

take_role() {
    case ${1-} in
    host | join) role=$1 ;;
    listen) role='join' ;;
    *) fail "ERROR: the role is host or join, not '${1-}'" ;;
    esac
}

# open_folder PATH: makes it, or makes sure that it is ours alone; on a shared /tmp somebody else may have been first.
open_folder() {
    mkdir -p "$1" 2>/dev/null
    if [ ! -d "$1" ] || [ -L "$1" ] || [ ! -O "$1" ]; then fail "ERROR: the folder $1 is not this user's (A2A_STATE_DIR names another place)"; fi
    # shellcheck disable=SC2012 # its mode, which no portable tool but ls prints
    case $(ls -ld "$1") in
    d???------*) ;;
    *) fail "ERROR: others may enter the folder $1 (A2A_STATE_DIR names another place)" ;;
    esac
}

sessions_root() {
    local temporary=${TMPDIR:-/tmp}
    printf '%s' "${A2A_STATE_DIR:-${temporary%/}/a2a-rooms-$UID}"
}

# Readable, and unlike that of any other folder.
folder_name() {
    local name=${1//[^A-Za-z0-9]/-} sum
    sum=$(printf '%s' "$1" | cksum)
    if [ ${#name} -gt 60 ]; then name=${name:$((${#name} - 60))}; fi
    printf '%s-%s' "$name" "${sum%% *}"
}

# own_session: the session of this working folder, for scripts that begin one.
own_session() {
    local root
    root=$(sessions_root)
    if [ -n "${A2A_SESSION-}" ]; then
        case $A2A_SESSION in .* | *[!A-Za-z0-9._-]*) fail 'ERROR: A2A_SESSION takes letters, digits, dots, dashes and underscores' ;; esac
        session=$root/named-$A2A_SESSION
    else
        session=$root/$(folder_name "$(pwd -P)")
    fi
}

# find_session: the session of this folder, or of the nearest one above that has a token for the role; agents change folders as they work.
find_session() {
    local root folder
    own_session
    if [ -n "${A2A_SESSION-}" ] || [ -f "$session/$role.token" ]; then return; fi
    root=$(sessions_root)
    folder=$(pwd -P)
    while [ "$folder" != / ]; do
        folder=${folder%/*}
        folder=${folder:-/}
        if [ -f "$root/$(folder_name "$folder")/$role.token" ]; then
            session=$root/$(folder_name "$folder")
            return
        fi
    done
}

saved() { if [ -f "$session/$role.$1" ]; then cat "$session/$role.$1"; fi; }

# Written beside and renamed, so that nobody reads half of it.
save() {
    if ! printf '%s\n' "$2" >"$session/$role.$1.$$" || ! mv -f "$session/$role.$1.$$" "$session/$role.$1"; then fail "ERROR: cannot write to $session"; fi
}

keep_session() {
    open_folder "$(sessions_root)"
    open_folder "$session"
    save url "$base"
    save pin "$pin"
    save token "$token"
}

forget_session() { rm -f "$session/$role.token" "$session/$role.url" "$session/$role.pin"; }

# use_session PREFIX: finds session, hub and token of the role, or says with the prefix that there is none.
use_session() {
    find_session
    token=$(saved token)
    case $token in
    tok_*[!A-Za-z0-9]* | '') fail "$1: No token for role $role here. Connect first, from the same folder or with the same A2A_SESSION." ;;
    tok_*) ;;
    *) fail "$1: $session/$role.token holds no token" ;;
    esac
    base=$(saved url) pin=$(saved pin)
    check_hub
}

# --- the hub: A2A_BASE_URL, A2A_SERVER (https unless it says otherwise), PARLEY_HUB, this machine. A session stays with the hub that it began with,
# so that its token never goes to another one.

# take_target OPTION VALUE: --server and --pin, for tools whose permission rules do not match a command behind a variable.
take_target() {
    if [ -z "${2-}" ]; then fail "ERROR: $1 needs a value"; fi
    case $1 in
    --server) A2A_BASE_URL='' A2A_SERVER=$2 ;;
    --pin) A2A_PINNEDPUBKEY=$2 ;;
    esac
}

find_hub() {
    if [ -n "${A2A_BASE_URL-}" ]; then
        base=$A2A_BASE_URL
    elif [ -n "${A2A_SERVER-}" ]; then
        case $A2A_SERVER in *://*) base=$A2A_SERVER ;; *) base=https://$A2A_SERVER ;; esac
    else
        base=${PARLEY_HUB:-http://127.0.0.1:7420}
    fi
    pin=${A2A_PINNEDPUBKEY-}
    check_hub
}

check_hub() {
    base=${base%/}
    case $base in
    *[!A-Za-z0-9:/._~%\[\]-]*) fail 'ERROR: the address of the hub has characters that no address has' ;;
    http://?* | https://?*) ;;
    *) fail "ERROR: the address of the hub is http:// or https://, not $base" ;;
    esac
    read_pin
}

# A pin is curl's sha256//BASE64, or the 43 characters that Parley prints.
read_pin() {
    case $pin in
    '') return ;;
    sha256//*[!A-Za-z0-9+/=\;]*) ;;
    sha256//?*) case $base in https://*) return ;; *) fail 'ERROR: A2A_PINNEDPUBKEY needs an https address' ;; esac ;;
    *[!A-Za-z0-9_-]*) ;;
    *)
        if [ ${#pin} = 43 ]; then
            pin=sha256//$(printf '%s=' "$pin" | tr '_-' '/+')
            read_pin
            return
        fi
        ;;
    esac
    fail 'ERROR: A2A_PINNEDPUBKEY is sha256//BASE64, or the 43 characters of a pin'
}

is_loopback() {
    local host=${base#*://}
    host=${host%%/*}
    case $host in '[::1]' | '[::1]:'*) return 0 ;; esac
    case ${host%%:*} in
    localhost) return 0 ;;
    127.*[!0-9.]*) return 1 ;;
    127.*) return 0 ;;
    *) return 1 ;;
    esac
}

warn_plain() {
    case $base in http://*) if ! is_loopback; then note "NOTE: $base is not encrypted; whoever is on the way can read along and take the seat."; fi ;; esac
}

curl_config() {
    printf 'silent\nproto = "=http,https"\nrequest = "%s"\nurl = "%s%s"\n' "$1" "$base" "$2"
    if [ -n "$token" ]; then printf 'header = "Authorization: Bearer %s"\n' "$token"; fi
    # With a pin the key is what counts, whoever signed the certificate.
    if [ -n "$pin" ]; then printf 'insecure\npinnedpubkey = "%s"\n' "$pin"; fi
    if is_loopback; then printf 'noproxy = "*"\n'; fi
}

# ask SECONDS METHOD PATH [curl options]: the body in $answer, the status in $status (000: none came), curl's exit code in $failed.
# Asked once more when no connection came about (curl's 6 and 7), and never after a timeout: the hub may have done it.
ask() {
    local seconds=$1 method=$2 path=$3 try
    shift 3
    for try in first second; do
        answer=$(curl -K <(curl_config "$method" "$path") --max-time "$seconds" -w '\n%{http_code}' "$@")
        failed=$?
        status=${answer##*"$newline"}
        answer=${answer%"$newline"*}
        case $failed in 6 | 7) ;; *) return ;; esac
        if [ $try = second ] || is_loopback; then return; fi
        sleep 1
    done
}

# field NAME: a text member of the JSON in $answer, still escaped.
field() { printf '%s\n' "${answer:0:16384}" | sed -nE "s/.*\"$1\" *: *\"(([^\"\\\\]|\\\\.)*)\".*/\\1/p" | head -n 1; }

# literal NAME: a number, true, false or null.
literal() { printf '%s\n' "${answer:0:16384}" | sed -nE "s/.*\"$1\" *: *([a-z0-9]+).*/\\1/p" | head -n 1; }

# Why it did not work, in the hub's words where it has any.
reason() {
    local said
    case $failed in
    0) ;;
    6) say "unknown host in $base"; return ;;
    7) say "nobody listens at $base"; return ;;
    28) say "no answer in time from $base"; return ;;
    60) say "the certificate of $base is not trusted; set A2A_PINNEDPUBKEY or CURL_CA_BUNDLE"; return ;;
    90) say "the key of $base is not the pinned one"; return ;;
    *) say "no answer from $base, curl exit $failed"; return ;;
    esac
    said=$(field error)
    say "${said:-unexpected answer}"
}

# For scripts that begin a session: the answer is theirs, or the reason is printed.
need_success() {
    if [ "$failed" != 0 ]; then fail "ERROR: Cannot reach the A2A server: $(reason)"; fi
    if [ "$status" != 200 ]; then fail "ERROR: $(reason)"; fi
}

# refuse_living: no new session over one that lives, since its partner would wait for nobody. Only a person knows better.
refuse_living() {
    local wanted=$base wanted_pin=$pin
    token=$(saved token)
    if [ -z "$token" ]; then return; fi
    # The old token goes to the old hub, whatever the environment says now.
    base=$(saved url) pin=$(saved pin)
    previous_token=$token previous_base=$base previous_pin=$pin
    ask 5 GET /ping
    if [ "$status" = 200 ] && ! is_true "${A2A_ALLOW_REPLACE_SESSION-}" && { [ "$role" != host ] || ! is_true "${A2A_ALLOW_REPLACE_HOST_SESSION-}"; }; then
        fail "ERROR: this folder has a session as $role that is still open. Go on with it, or name another one with A2A_SESSION=NAME. If a person wants it replaced: A2A_ALLOW_REPLACE_SESSION=true."
    fi
    if [ "$status" != 200 ]; then previous_token=''; fi
    token='' base=$wanted pin=$wanted_pin
}

# leave_previous: the seat that was replaced, once its successor exists.
leave_previous() {
    local kept=$answer
    if [ -z "$previous_token" ]; then return; fi
    token=$previous_token base=$previous_base pin=$previous_pin
    ask 5 POST /leave
    token=$(saved token) base=$(saved url) pin=$(saved pin) answer=$kept
}

begin_session() {
    take_role "$1"
    own_session
    find_hub
    warn_plain
    refuse_living
}

# end_begin: what the hub gave is kept.
end_begin() {
    need_success
    token=$(field token)
    case $token in tok_?*) ;; *) fail 'ERROR: the server gave no token' ;; esac
    keep_session
    leave_previous
}

need_code() {
    case $1 in
    "$2"_*[!A-Za-z0-9]* | "$2"_) ;;
    "$2"_*) return ;;
    esac
    fail "ERROR: $3"
}

# --- messages

# is_inside PATH: a file below the working folder, without detours. Permission rules let these scripts run unasked, so they may not carry off any file that the user can read.
is_inside() {
    local folder here
    here=$(pwd -P)
    folder=$(cd "$(dirname -- "$1")" 2>/dev/null && pwd -P) || return 1
    case $folder/ in "${here%/}"/*) [ -f "$1" ] && [ -r "$1" ] && [ ! -L "$1" ] ;; *) return 1 ;; esac
}

# take_message: --stdin, --file PATH, or words, into $message_file; that stays empty when there is none.
take_message() {
    if [ -z "${1-}" ]; then return; fi
    open_folder "$(sessions_root)"
    open_folder "$session"
    message_file=$(mktemp "$session/message.XXXXXX") || fail "ERROR: cannot write to $session"
    trap 'rm -f "$message_file"' EXIT
    case $1 in
    --stdin) cat >"$message_file" ;;
    --file)
        if [ -z "${2-}" ] || ! is_inside "$2"; then fail "ERROR: --file takes a file in or below this folder, not '${2-}'"; fi
        cat -- "$2" >"$message_file"
        ;;
    *) printf '%s' "$*" >"$message_file" ;;
    esac
}

# is_standby: whether the message at hand ends this side's part.
is_standby() { tail -c 64 "$message_file" | tr '\n\r\t' '   ' | grep -qi '\[standby] *$'; }

# send_message: the outcome in $event; 1 when it did not arrive.
send_message() {
    ask 30 POST /send -H 'Content-Type: text/plain; charset=utf-8' --data-binary "@$message_file"
    case $failed:$status in
    0:200) event=DELIVERED ;;
    0:429)
        case $answer in
        'SYSTEM:'*) event="LOOP_DETECTED: $answer" ;;
        *)
            event="NOT_DELIVERED: $(reason) (HTTP 429)"
            return 1
            ;;
        esac
        ;;
    0:*)
        event="NOT_DELIVERED: $(reason) (HTTP $status)"
        return 1
        ;;
    6:* | 7:* | 60:* | 90:*)
        event="NOT_DELIVERED: $(reason)"
        return 1
        ;;
    *)
        event="NOT_DELIVERED: $(reason); it may have arrived all the same, so ask before you send it again"
        return 1
        ;;
    esac
}

# ping_room: ROOM_ALIVE, ROOM_CLOSED or PING_ERROR in $event; 1 for the last.
ping_room() {
    ask 5 GET /ping
    case $failed:$status in
    0:200) event="ROOM_ALIVE last_seen_ms=$(literal partner_last_seen_ms)" ;;
    0:400) event=ROOM_CLOSED ;;
    0:*)
        event="PING_ERROR: $(reason) (HTTP $status)"
        return 1
        ;;
    *)
        event="PING_ERROR: $(reason)"
        return 1
        ;;
    esac
}

# wait_once SECONDS: one item of the hub, or what kept it from coming, in $event; 1 when nobody can say whether the room lives.
wait_once() {
    ask "$1" GET /wait
    case $failed:$status:$answer in
    0:200:MESSAGE_RECEIVED*) event=${answer%"$newline"}; return ;;
    0:400:*'Not in a room'*) event=TIMEOUT_ROOM_CLOSED; return ;;
    0:401:*) event=WAIT_UNAUTHORIZED; return ;;
    0:409:*) event=WAIT_ALREADY_PENDING; return ;;
    0:503:*'draining'*) event=WAIT_BROKER_DRAINING; return ;;
    0:200:TIMEOUT*) ;;
    28:*) if [ "$1" -lt 110 ]; then event=TIMEOUT_WAIT_EXPIRED; return; fi ;;
    # Too many waits, or a proxy's page: who calls again at once would make it worse.
    0:*) sleep "${A2A_RETRY_SECONDS:-15}" ;;
    6:* | 7:*) ;;
    *) sleep 1 ;;
    esac
    if ping_room; then event=TIMEOUT_$event; else
        event=TIMEOUT_PING_FAILED
        return 1
    fi
}

poll_seconds() {
    case ${A2A_WAIT_POLL_TIMEOUT-} in
    '' | *[!0-9]* | 0) say 115 ;;
    *) say "$A2A_WAIT_POLL_TIMEOUT" ;;
    esac
}
