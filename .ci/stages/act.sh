#!/usr/bin/env bash
# The reusable workflow and the examples, run for real: act stands for GitHub, the embedded AWS for AWS and the issuer
# of ID tokens, on 127.0.0.1 alone. No engine builds, an OCI image layout is pushed. Needs go, git, npm.
set -euo pipefail
cd "$(dirname "$0")/../.."

AT=$(mktemp -d)
trap 'rm -rf "$AT"' EXIT
mkdir "$AT/bin" "$AT/library" "$AT/work"

GOBIN="$AT/bin" go install github.com/nektos/act@v0.2.89
npx turbo run bundle build --output-logs=errors-only

# The library as `uses:` fetches it: what is committed, with the bundles as they are now, and nothing else.
git archive HEAD | tar -x -C "$AT/library"
for bundle in actions/*/dist; do cp -R "$bundle" "$AT/library/$(dirname "$bundle")/"; done
# act does not know references to the own repository.
sed -i -E 's#(uses: +)\$/([^ @]+)#\1OWNER/ecs-actions/\2@v1#' "$AT"/library/.github/workflows/*.yml

npx local-aws exec --clock 20 --region eu-central-1 -- \
  node .ci/act/rehearse.mjs "$AT/bin/act" "$AT/library" "$AT/work"
