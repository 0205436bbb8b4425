#!/usr/bin/env bash
# Ctrl-C in the middle of the demo leaves no process and no container behind.
set -euo pipefail
cd "$(dirname "$0")/../.."
OUTPUT=$(mktemp -d)
trap 'rm -rf "$OUTPUT"' EXIT

# A session of its own: Ctrl-C in a terminal reaches every process of the foreground group, and so does this.
npx turbo run build --output-logs=errors-only
setsid node scripts/dist/demo/main.js >"$OUTPUT/log" 2>&1 </dev/null &
demo=$!
for _ in $(seq 600); do
  grep -q 'deploy-service' "$OUTPUT/log" && grep -qE 'of 2 tasks running|Created the service' "$OUTPUT/log" && break
  kill -0 "$demo" 2>/dev/null || { cat "$OUTPUT/log"; exit 1; }
  sleep 0.1
done
group=$(ps -o pgid= -p "$demo" | tr -d ' ')
kill -INT -- "-$group"
code=0
wait "$demo" || code=$?
tail -n 12 "$OUTPUT/log"
[ "$code" -eq 1 ] || { echo "The demo ended with exit code $code, not 1."; exit 1; }

left=$(ps -eo pgid=,pid=,args= | awk -v group="$group" '$1 == group')
[ -z "$left" ] || { printf 'Processes are left:\n%s\n' "$left"; exit 1; }
if docker version >/dev/null 2>&1; then
  containers=$(docker ps --all --filter label=local-aws.world --format '{{.Names}}')
  [ -z "$containers" ] || { printf 'Containers are left:\n%s\n' "$containers"; exit 1; }
fi
