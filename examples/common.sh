# Shared by the examples' run scripts: source it. Shows each command before it runs, and stops the server at the end.
provender=${PROVENDER_BIN:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build/bin/provender}
server=

show() {  # show COMMAND...: as if typed
  printf '\n$ %s\n' "${*/#$provender/provender}"
  "$@"
}

start_server() {  # start_server LOG: sets $url
  "$provender" --log-level info serve --port 0 2>"$1" &
  server=$!
  until url=$(sed -n 's|.*\(http://[0-9.]*:[0-9]*\).*|\1|p' "$1" | head -n 1) && [ -n "$url" ]; do
    kill -0 "$server" 2>/dev/null || { cat "$1" >&2; return 1; }
    sleep 0.02
  done
}

stop_server() {
  [ -z "$server" ] && return
  kill -TERM "$server" 2>/dev/null || true
  wait "$server" && server=
}

ask() {  # ask BODY: posts it to the running server
  printf '\n$ curl -s %s/get-online-features -d %s\n' "$url" "'$1'" >&2
  python3 - "$url" "$1" <<'PY'
import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1] + "/get-online-features", sys.argv[2].encode(), timeout=10).read().decode())
PY
}

prompt() {  # prompt: reads a reply, prints the prompt that is made of it
  python3 "$(dirname "${BASH_SOURCE[0]}")/prompt.py"
}

trap stop_server EXIT
