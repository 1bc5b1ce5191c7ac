#!/usr/bin/env bash
# What the scripts of the first generation ask of a hub: the same calls, patterns and time limits, written anew.
#   first-generation.sh COMMAND ...      A2A_SERVER=host:port; https only
set -u

base="https://${A2A_SERVER:?}"
folder="${TMPDIR:-/tmp}"
umask 077

token_file() { echo "$folder/a2a_$1_token"; }
token() { cat "$(token_file "$1")" 2>/dev/null; }
error_of() { grep -o '"error":"[^"]*"' <<<"$1" | sed 's/"error":"//;s/"$//'; }
headless_of() { grep -o '"headless": *[a-z]*' <<<"$1" | grep -o '[a-z]*$'; }
status_of() { grep -o '([0-9]/[0-9] connected)' <<<"$1"; }

fail() {
    local reason
    reason=$(error_of "$1")
    echo "ERROR: ${reason:-unexpected answer}"
    exit 1
}

keep_token() {
    local token
    token=$(grep -o 'tok_[a-f0-9]*' <<<"$2")
    [ -n "$token" ] || fail "$2"
    echo "$token" >"$(token_file "$1")"
}

# post SECONDS PATH [curl options]: the body
post() {
    local seconds=$1 path=$2
    shift 2
    curl -s --max-time "$seconds" -X POST "$base$path" "$@" || { echo "ERROR: Cannot reach A2A Linker server"; exit 1; }
}

setup() { post 15 /setup -H 'Content-Type: application/json' -d "{\"type\":\"$1\",\"headless\":$2}"; }

host_connect() {
    local answer
    if [ -n "$(token host)" ]; then
        curl -s --max-time 15 -X POST "$base/leave" -H "Authorization: Bearer $(token host)" >/dev/null 2>&1 &
    fi
    case ${1-} in
    listen_*)
        answer=$(post 15 "/register-and-join/$1") || { echo "$answer"; exit 1; }
        keep_token host "$answer"
        echo "STATUS: $(status_of "$answer")"
        echo "ROLE: $(grep -o '"role":"[a-z]*"' <<<"$answer" | sed 's/"role":"//;s/"$//')"
        echo "HEADLESS: $(headless_of "$answer")"
        ;;
    *)
        answer=$(setup standard "${2:-false}") || { echo "$answer"; exit 1; }
        keep_token host "$answer"
        echo "INVITE_CODE: $(grep -o 'invite_[a-zA-Z0-9]*' <<<"$answer")"
        echo "HEADLESS_SET: ${2:-false}"
        ;;
    esac
}

join_connect() {
    local answer
    answer=$(post 15 "/register-and-join/${1:-${A2A_INVITE-}}") || { echo "$answer"; exit 1; }
    keep_token join "$answer"
    sed 's/.*"rules":"\([^"]*\)".*/\1/;s/\\n/\n/g' <<<"$answer"
    echo "STATUS: $(status_of "$answer")"
    echo "HEADLESS: $(headless_of "$answer")"
}

listen() {
    local answer
    answer=$(setup listener "${1:-false}") || { echo "$answer"; exit 1; }
    keep_token join "$answer"
    echo "LISTENER_CODE: $(grep -o 'listen_[a-zA-Z0-9]*' <<<"$answer")"
    echo "HEADLESS_SET: ${1:-false}"
}

set_headless() {
    local answer
    answer=$(post 10 /room-rule/headless -H "Authorization: Bearer $(token "$1")" -H 'Content-Type: application/json' -d "{\"headless\":$2}") || { echo "$answer"; exit 1; }
    if grep -q '"ok":true' <<<"$answer"; then
        echo "HEADLESS_SET: $2"
        return
    fi
    if grep -q 'Unauthorized' <<<"$answer"; then rm -f "$(token_file "$1")"; fi
    fail "$answer"
}

send() {
    local answer code
    answer=$(printf '%s\n' "$2" | curl -s --max-time 30 -w '\n%{http_code}' -X POST "$base/send" -H "Authorization: Bearer $(token "$1")" -H 'Content-Type: text/plain' --data-binary @-)
    code=${answer##*$'\n'}
    case $code in
    200) echo DELIVERED ;;
    429) echo "LOOP_DETECTED: (HTTP 429)" ;;
    *)
        echo "NOT_DELIVERED: $(error_of "$answer") (HTTP $code)"
        return 1
        ;;
    esac
}

ping_body() { curl -s --max-time 5 -w '\n%{http_code}' "$base/ping" -H "Authorization: Bearer $(token "$1")"; }
last_seen_of() { grep -o '"partner_last_seen_ms":[0-9]*' <<<"$1" | grep -o '[0-9]*$'; }

ping() {
    local answer
    answer=$(ping_body "$1")
    case ${answer##*$'\n'} in
    200) echo "ROOM_ALIVE last_seen_ms=$(last_seen_of "$answer")" ;;
    400) echo ROOM_CLOSED ;;
    *)
        echo "PING_ERROR: HTTP ${answer##*$'\n'}"
        return 1
        ;;
    esac
}

wait_message() {
    local answer
    answer=$(curl -s --max-time 115 "$base/wait" -H "Authorization: Bearer $(token "$1")")
    if grep -q '^MESSAGE_RECEIVED$' <<<"$answer"; then
        echo "$answer"
        return
    fi
    answer=$(ping_body "$1")
    case ${answer##*$'\n'} in
    200) echo "TIMEOUT_ROOM_ALIVE last_seen_ms=$(last_seen_of "$answer")" ;;
    400) echo TIMEOUT_ROOM_CLOSED ;;
    *)
        echo TIMEOUT_PING_FAILED
        return 1
        ;;
    esac
}

# Sends, then waits until something comes that an agent must see.
loop() {
    local role=$1 answer failures=0
    if [ $# -gt 1 ]; then
        answer=$(send "$role" "$2")
        if [ "$answer" != DELIVERED ]; then
            echo "$answer"
            return 1
        fi
    fi
    while :; do
        answer=$(wait_message "$role")
        case $answer in
        *'[SYSTEM'*)
            if grep -qiE 'has joined|session is live' <<<"$answer"; then continue; fi
            ;;
        TIMEOUT_ROOM_ALIVE*)
            if [ "${answer##*=}" -lt 300000 ] 2>/dev/null; then continue; fi
            ;;
        TIMEOUT_PING_FAILED*)
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

leave() {
    if [ -z "$(token "$1")" ]; then
        echo "LEAVE_ERROR: No token"
        return 1
    fi
    curl -s --max-time 15 -X POST "$base/leave" -H "Authorization: Bearer $(token "$1")" >/dev/null
    rm -f "$(token_file "$1")"
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
    done
}

command=${1//-/_}
shift
"$command" "$@"
