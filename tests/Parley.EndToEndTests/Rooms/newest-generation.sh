#!/usr/bin/env bash
# What the scripts of the newest generation ask of a hub: the same calls, patterns and time limits, written anew.
#   newest-generation.sh COMMAND ...     A2A_BASE_URL=http(s)://host:port, or A2A_SERVER=host:port for https
set -u

base=${A2A_BASE_URL:-https://${A2A_SERVER-}}
folder="${TMPDIR:-/tmp}"
umask 077

token_file() { echo "$folder/a2a_$1_token"; }
token() { cat "$(token_file "$1")" 2>/dev/null; }
field_of() { grep -o "\"$1\":\"[^\"]*\"" <<<"$2" | sed "s/\"$1\":\"//;s/\"\$//"; }
headless_of() { grep -o '"headless": *[a-z]*' <<<"$1" | grep -o '[a-z]*$'; }
status_of() { grep -o '([0-9]/[0-9] connected)' <<<"$1"; }
code_of() { echo "${1##*$'\n'}"; }

# call SECONDS METHOD PATH [curl options]: the body, then the status on a line of its own
call() {
    local seconds=$1 method=$2 path=$3
    shift 3
    curl -s --max-time "$seconds" -w '\n%{http_code}' -X "$method" "$base$path" "$@"
}

connected() {
    [ "$(code_of "$2")" = 200 ] || { echo "ERROR: $(field_of error "$2")"; exit 1; }
    grep -o 'tok_[a-f0-9]*' <<<"$2" >"$(token_file "$1")"
}

host_connect() {
    local answer
    case ${1-} in
    listen_*)
        answer=$(call 15 POST "/register-and-join/$1")
        connected host "$answer"
        echo "STATUS: $(status_of "$answer")"
        echo "ROLE: $(field_of role "$answer")"
        echo "HEADLESS: $(headless_of "$answer")"
        ;;
    *)
        answer=$(call 15 POST /setup -H 'Content-Type: application/json' -d "{\"type\":\"standard\",\"headless\":${2:-false}}")
        connected host "$answer"
        echo "INVITE_CODE: $(grep -o 'invite_[a-zA-Z0-9]*' <<<"$answer")"
        echo "ROLE: $(field_of role "$answer")"
        echo "HEADLESS_SET: ${2:-false}"
        ;;
    esac
}

join_connect() {
    local answer
    case ${1:-${A2A_INVITE-}} in listen_*) echo "ERROR: a listener code is for the host"; exit 1 ;; esac
    answer=$(call 15 POST "/register-and-join/${1:-${A2A_INVITE-}}")
    connected join "$answer"
    field_of rules "$answer" | sed 's/\\n/\n/g'
    echo "STATUS: $(status_of "$answer")"
    echo "HEADLESS: $(headless_of "$answer")"
}

listen() {
    local answer
    answer=$(call 15 POST /setup -H 'Content-Type: application/json' -d "{\"type\":\"listener\",\"headless\":${1:-false}}")
    connected join "$answer"
    echo "LISTENER_CODE: $(grep -o 'listen_[a-zA-Z0-9]*' <<<"$answer")"
    echo "HEADLESS_SET: ${1:-false}"
    echo "ROLE: join"
}

set_headless() {
    local answer
    answer=$(call 10 POST /room-rule/headless -H "Authorization: Bearer $(token "$1")" -H 'Content-Type: application/json' -d "{\"headless\": $2}")
    if grep -q '"ok":true' <<<"$answer"; then
        echo "HEADLESS_SET: $2"
        return
    fi
    if grep -q 'Unauthorized' <<<"$answer"; then rm -f "$(token_file "$1")"; fi
    echo "ERROR: $(field_of error "$answer")"
    return 1
}

# send [ROLE] MESSAGE | send ROLE --stdin
send() {
    local role=host message answer
    if [ $# -gt 1 ]; then
        role=$1
        shift
    fi
    if [ "$1" = --stdin ]; then message=$(cat); else message=$1; fi
    answer=$(printf '%s\n' "$message" | call 30 POST /send -H "Authorization: Bearer $(token "$role")" -H 'Content-Type: text/plain' --data-binary @-) || {
        echo "NOT_DELIVERED: curl failed"
        return 1
    }
    case $(code_of "$answer") in
    200) echo DELIVERED ;;
    429) echo "LOOP_DETECTED: (HTTP 429)" ;;
    *)
        echo "NOT_DELIVERED: $(field_of error "$answer") (HTTP $(code_of "$answer"))"
        return 1
        ;;
    esac
}

last_seen_of() { grep -o '"partner_last_seen_ms":[0-9]*' <<<"$1" | grep -o '[0-9]*$'; }

ping() {
    local answer
    answer=$(call 5 GET /ping -H "Authorization: Bearer $(token "$1")")
    case $(code_of "$answer") in
    200) echo "ROOM_ALIVE last_seen_ms=$(last_seen_of "$answer")" ;;
    400) echo ROOM_CLOSED ;;
    *)
        echo "PING_ERROR: HTTP $(code_of "$answer")"
        return 1
        ;;
    esac
}

wait_message() {
    local answer
    answer=$(call "${A2A_WAIT_POLL_TIMEOUT:-15}" GET /wait -H "Authorization: Bearer $(token "$1")")
    if grep -q '^MESSAGE_RECEIVED$' <<<"$answer"; then
        sed '$d' <<<"$answer"
        return
    fi
    case $(code_of "$answer") in
    409) grep -q 'Wait already pending' <<<"$answer" && { echo WAIT_ALREADY_PENDING; return; } ;;
    503) grep -q 'Broker is draining' <<<"$answer" && { echo WAIT_BROKER_DRAINING; return; } ;;
    400) grep -q 'Not in a room' <<<"$answer" && { echo TIMEOUT_ROOM_CLOSED; return; } ;;
    401) echo WAIT_UNAUTHORIZED; return ;;
    000) echo TIMEOUT_WAIT_EXPIRED; return ;;
    esac
    answer=$(ping "$1")
    case $answer in
    ROOM_ALIVE*) echo "TIMEOUT_${answer}" ;;
    ROOM_CLOSED) echo TIMEOUT_ROOM_CLOSED ;;
    *) echo TIMEOUT_PING_FAILED ;;
    esac
}

# loop [--surface-join-notice] ROLE [MESSAGE|--stdin]
loop() {
    local surface=false answer conflicts=0 failures=0
    if [ "$1" = --surface-join-notice ]; then
        surface=true
        shift
    fi
    if [ $# -gt 1 ]; then
        answer=$(send "$1" "$2")
        if [ "$answer" != DELIVERED ]; then
            echo "$answer"
            return 1
        fi
    fi
    while :; do
        answer=$(wait_message "$1")
        case $answer in
        *'[SYSTEM'*)
            if [ $surface = false ] && grep -qiE 'has joined|session is live' <<<"$answer"; then continue; fi
            ;;
        TIMEOUT_WAIT_EXPIRED) continue ;;
        TIMEOUT_ROOM_ALIVE*)
            if [ "${answer##*=}" -lt 300000 ] 2>/dev/null; then continue; fi
            ;;
        WAIT_ALREADY_PENDING)
            conflicts=$((conflicts + 1))
            if [ $conflicts -lt "${A2A_MAX_WAIT_CONFLICTS:-3}" ]; then
                sleep 2
                continue
            fi
            ;;
        TIMEOUT_PING_FAILED)
            failures=$((failures + 1))
            if [ $failures -le 3 ]; then
                sleep "${EMULATOR_RETRY_SECONDS:-15}"
                continue
            fi
            ;;
        esac
        echo "$answer"
        return
    done
}

mailbox() { echo "$folder/a2a_$1_pending_message.txt"; }
passive_pid() { cat "$folder/a2a_$1_passive_wait.pid" 2>/dev/null; }
is_passive() { [ -n "$(passive_pid "$1")" ] && kill -0 "$(passive_pid "$1")" 2>/dev/null; }

# passive_loop ROLE: waits for the first thing that is worth keeping and puts it where chat looks.
passive_loop() {
    local answer
    answer=$(loop "$1")
    case $answer in MESSAGE_RECEIVED*) printf '%s\n' "$answer" >"$(mailbox "$1").new" && mv "$(mailbox "$1").new" "$(mailbox "$1")" ;; esac
}

# passive_wait ROLE: the same in a session of its own, which outlives whoever started it.
passive_wait() {
    if is_passive "$1"; then return; fi
    setsid bash "$0" passive-loop "$1" >/dev/null 2>&1 </dev/null &
    echo $! >"$folder/a2a_$1_passive_wait.pid"
}

stop_passive() {
    if is_passive "$1"; then kill -- "-$(passive_pid "$1")" 2>/dev/null; fi
    rm -f "$folder/a2a_$1_passive_wait.pid"
}

# chat --park ROLE | chat --pending-only ROLE | chat ROLE MESSAGE
chat() {
    case $1 in
    --park)
        passive_wait "$2"
        ;;
    --pending-only)
        if [ -s "$(mailbox "$2")" ]; then
            cat "$(mailbox "$2")"
        elif is_passive "$2"; then
            echo NO_PENDING_MESSAGE
        else
            echo RECOVERY_REQUIRED
            echo "NEXT_STEP: chat --park $2"
        fi
        ;;
    *)
        stop_passive "$1"
        rm -f "$(mailbox "$1")"
        loop "$1" "$2"
        passive_wait "$1"
        ;;
    esac
}

leave() {
    if [ "${A2A_ALLOW_CLOSE:-false}" != true ]; then
        echo LEAVE_DENIED
        return 1
    fi
    if [ -z "$(token "$1")" ]; then
        echo "LEAVE_ERROR: No token"
        return 1
    fi
    stop_passive "$1"
    call 15 POST /leave -H "Authorization: Bearer $(token "$1")" >/dev/null
    rm -f "$(token_file "$1")" "$(mailbox "$1")"
    echo LEFT
}

check_remote() {
    if [ "$(curl -s --max-time 5 "$base/health")" = '{"status":"ok"}' ]; then
        echo "A2ALinker HTTP API is READY"
    else
        echo "FAILED: unreachable or unhealthy"
        return 1
    fi
}

# talk ROLE TURNS: one side of a conversation, the host begins.
talk() {
    local turn answer
    if [ "$1" = join ]; then loop join; fi
    for turn in $(seq "$2"); do
        if [ "$1" = join ] && [ "$turn" = "$2" ]; then
            send join "last from join [STANDBY]"
            return
        fi
        answer=$(loop "$1" "turn $turn of $1, with more words than any courtesy has, to be on the safe side [OVER]")
        echo "$answer"
        # A hub that is down refuses at once: nobody uses up all turns on it.
        case $answer in *'curl failed'*) sleep 0.2 ;; esac
    done
}

command=${1//-/_}
shift
"$command" "$@"
