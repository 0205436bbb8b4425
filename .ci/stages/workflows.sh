#!/usr/bin/env bash
# Workflows, actions and examples, read by what did not write them: actionlint with shellcheck, zizmor, and the language
# service of GitHub itself. Needs go, npm and python3 with venv.
set -euo pipefail
cd "$(dirname "$0")/../.."

AT=$(mktemp -d)
trap 'rm -rf "$AT"' EXIT
FAILED=0

command -v shellcheck >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends shellcheck; }
GOBIN=$AT go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
python3 -m venv "$AT/python"
"$AT/python/bin/pip" install --quiet zizmor==1.32.0
mkdir "$AT/npm"
npm install --prefix "$AT/npm" --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error \
  @actions/languageservice@0.3.61 vscode-languageserver-textdocument@1.0.12

node .ci/validate-workflows.mjs "$AT/npm" .github/workflows/*.yml examples/workflows/*.yml actions/*/action.yml || FAILED=1

# actionlint does not know references to the own repository (`$/…`) and cannot look into another one's. In a copy where
# both are local it checks their inputs too, and no complaint has to be overlooked.
mkdir -p "$AT/copy/.github/workflows"
git -C "$AT/copy" init --quiet
cp -R actions "$AT/copy/"
cp .github/workflows/*.yml "$AT/copy/.github/workflows/"
for example in examples/workflows/*.yml; do
  cp "$example" "$AT/copy/.github/workflows/example-$(basename "$example")"
done
sed -i -E 's#(uses: +)\$/#\1./#; s#(uses: +)OWNER/ecs-actions/([^@]+)@v1#\1./\2#' "$AT"/copy/.github/workflows/*.yml
(cd "$AT/copy" && "$AT/actionlint" -no-color) || FAILED=1

"$AT/python/bin/zizmor" --offline --persona=pedantic --no-progress --config .github/zizmor.yml \
  .github actions examples/workflows/*.yml || FAILED=1
exit "$FAILED"
