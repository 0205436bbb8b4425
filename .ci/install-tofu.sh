#!/usr/bin/env bash
# install-tofu.sh FOLDER: builds OpenTofu into FOLDER, for a machine without terraform and tofu. Takes minutes of CPU.
# A module of its own pins every source, since `go install` refuses OpenTofu, whose go.mod replaces a dependency.
set -euo pipefail

mkdir -p "$1"
bin=$(cd "$1" && pwd)
cd "$(dirname "$0")/tofu"
go build -mod=readonly -trimpath -ldflags '-X github.com/opentofu/opentofu/version.dev=no' \
  -o "$bin/tofu" github.com/opentofu/opentofu/cmd/tofu
"$bin/tofu" version
