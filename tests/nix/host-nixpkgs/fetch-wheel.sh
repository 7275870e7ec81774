# Downloads one wheel as pip does; Nix compares its hash.
set -eu
export PATH=/usr/local/bin:/usr/bin:/bin
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --platform "$platform" \
  --dest wheels "$pname==$version"
mv wheels/*.whl "$out"
