#!/bin/sh
# Serves /www on the port that the configuration names.

# One stream: the log keeps its order.
exec 2>&1
. /etc/web.conf

case "$PORT" in
  '' | *[!0-9]*)
    echo "web $VERSION: reading /etc/web.conf"
    echo "web $VERSION: fatal: PORT is \"$PORT\", which is not a number"
    exit 1
    ;;
esac

echo "web $VERSION: listening on port $PORT"
httpd -f -p "$PORT" -h /www &
server=$!
# The first process of a container is sent SIGTERM on a stop and has to act on it itself.
trap 'echo "web $VERSION: stopping"; kill "$server"; exit 0' TERM
wait "$server"
