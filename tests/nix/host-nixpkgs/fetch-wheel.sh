# Downloads one wheel as pip does; Nix compares its hash.
set -eu
export PATH=/usr/local/bin:/usr/bin:/bin
set -- # a wheel's name may have several platforms, with dots between them
IFS=.
for each in $platform; do
  set -- "$@" --platform "$each"
done
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: "$@" --dest wheels \
  "$pname==$version"
mv wheels/*.whl "$out"
