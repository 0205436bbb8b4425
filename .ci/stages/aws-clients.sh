#!/bin/sh
# Foreign clients against the embedded AWS, unmodified: the AWS CLI in both major versions and boto3. Their traffic is
# recorded on the way, and then judged by AWS's own API models, those of a botocore of this year; so is what tests left
# in $TOOLS/traffic, if any.
# Needs python3 with venv; installs the rest into a temporary folder.
set -eu
cd "$(dirname "$0")/../.."

AT=$(mktemp -d)
v1='' v2=''
finish() {
  # shellcheck disable=SC2086
  kill $v1 $v2 2>/dev/null || true
  rm -rf "$AT"
}
trap finish EXIT
trap 'exit 130' INT TERM
FIDELITY=packages/local-aws/fidelity
FAILED=0

python3 -m venv "$AT/v1"
"$AT/v1/bin/pip" install --quiet awscli
# A venv of its own, since awscli holds botocore back.
python3 -m venv "$AT/boto3"
"$AT/boto3/bin/pip" install --quiet boto3

# True if the CLI on the PATH is a v2 that knows AWS_ENDPOINT_URL.
has_v2() {
  minor=$(aws --version 2>/dev/null | sed -n 's#^aws-cli/2\.\([0-9]*\)\..*#\1#p')
  [ "${minor:-0}" -ge 13 ]
}

# Debian 12 has a v2 that does not know AWS_ENDPOINT_URL yet. The one of Debian 13 is unpacked beside it; apt's own
# sources stay as they are.
install_v2() {
  mkdir -p "$AT/apt/lists/partial" "$AT/bin-v2"
  mirror=$(awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources)
  keys=/usr/share/keyrings/debian-archive-keyring.gpg
  echo "deb [signed-by=$keys] $mirror trixie main" >"$AT/apt/sources.list"
  apt() {
    apt-get -o Dir::Etc::SourceList="$AT/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
      -o Dir::State::Lists="$AT/apt/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@"
  }
  apt update -qq
  (cd "$AT" && apt download -qq awscli)
  dpkg -x "$AT"/awscli_*.deb "$AT/aws"
  python3 -m venv "$AT/v2"
  "$AT/v2/bin/pip" install --quiet awscrt==0.23.4 'python-dateutil<=2.9.0' 'docutils<0.20' 'prompt_toolkit<3.0.39' \
    ruamel.yaml==0.17.21 'ruamel.yaml.clib<=0.2.8' 'jmespath<1.1' 'urllib3<1.27' 'distro<1.9' 'colorama<0.4.7' \
    'cryptography>=40' 'zipp<3.21'
  packages=$("$AT/v2/bin/python" -c 'import site; print(site.getsitepackages()[0])')
  echo "$AT/aws/usr/lib/python3/dist-packages" >"$packages/awscli.pth"
  printf '#!/bin/sh\nexec "%s" -m awscli "$@"\n' "$AT/v2/bin/python" >"$AT/bin-v2/aws"
  chmod +x "$AT/bin-v2/aws"
}
has_v2 || install_v2

npx turbo run build --filter=@ecs-actions/local-aws --output-logs=errors-only

# walk NAME COMMAND…: runs it against an embedded AWS of its own.
walk() {
  name=$1
  shift
  npx local-aws exec --clock 30 -- node "$FIDELITY/record.mjs" "$AT/$name.jsonl" "$@" >"$AT/$name.log" 2>&1
}

# Mostly they wait, so they walk side by side.
(PATH="$AT/v1/bin:$PATH" && walk cli-v1 sh .ci/aws-cli-walk.sh) &
v1=$!
(PATH="$AT/bin-v2:$PATH" && walk cli-v2 sh .ci/aws-cli-walk.sh) &
v2=$!
walk boto3 "$AT/boto3/bin/python" .ci/boto3-walk.py || FAILED=1
wait "$v1" || FAILED=1
wait "$v2" || FAILED=1
cat "$AT"/*.log

models=$("$AT/boto3/bin/python" -c 'import botocore; print(botocore.__path__[0] + "/data")')
set -- "$AT"/*.jsonl
[ -d "${TOOLS:-}/traffic" ] && set -- "$@" "$TOOLS"/traffic/*.jsonl
node "$FIDELITY/validate.mjs" "$models" "$@" || FAILED=1
exit "$FAILED"
