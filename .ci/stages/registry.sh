#!/usr/bin/env bash
# The embedded registry, judged by the OCI conformance suite and by container tools that we did not write.
set -euo pipefail
cd "$(dirname "$0")/../.."
export GOBIN="$TOOLS/bin"

go install github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111
go install github.com/google/go-containerregistry/cmd/crane@v0.22.1
command -v skopeo >/dev/null && command -v buildah >/dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends skopeo buildah
}

npx local-aws exec -- node packages/local-aws/conformance/oci-distribution.mjs "$GOBIN/conformance"
PATH="$GOBIN:$PATH" npx local-aws exec -- \
  node packages/local-aws/conformance/registry-clients.mjs docker skopeo buildah crane
