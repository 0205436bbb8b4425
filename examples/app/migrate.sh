#!/bin/sh
# Stands for whatever has to run once, before a new version serves.
for migration in 001-create-users 002-index-orders; do
  echo "migrate $VERSION: applying $migration"
  sleep 1
done
echo "migrate $VERSION: done"
