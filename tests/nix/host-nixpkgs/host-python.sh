# Writes to $out the path of a Python of this machine that has what the flake takes from nixpkgs, one of, in this order:
# the one that a file `python` beside this script names; .venv in the folder in which Nix was started, as ./configure
# makes it, copied, so that what is built with it outlives that folder; a new environment from the package index.
set -eu
export PATH=/usr/local/bin:/usr/bin:/bin

modules='click, cyclonedx, filelock, github, hatchling, hypothesis, jinja2, mesonbuild, mypy, numpy, pydantic, pyte, pytest, ruptures, scipy, sh, xdist, yaml'
has_all() {
  [ -x "$1" ] && "$1" -c "import $modules" 2>/dev/null
}
site() {
  "$1" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
}
keep() { # HOW PYTHON
  $1 "$(site "$2")" "$out/site-packages"
  $1 "$(dirname "$2")" "$out/programs"
}

mkdir "$out"
if [ -n "$named" ]; then
  has_all "$named" || { echo "host-python.sh: $named is not there or lacks one of $modules" >&2; exit 1; }
  ln -s "$named" "$out/interpreter"
  keep 'ln -s' "$named"
  exit
fi

started_in=$(readlink "/proc/$PPID/cwd" || true)
if has_all "$started_in/.venv/bin/python"; then
  echo "host-python.sh: copying $started_in/.venv"
  ln -s "$(readlink -f "$started_in/.venv/bin/python")" "$out/interpreter"
  keep 'cp -R' "$started_in/.venv/bin/python"
  exit
fi

echo "host-python.sh: installing from the package index"
python3 -m venv --without-pip "$out/environment"
python3 -m pip --python "$out/environment/bin/python" install --quiet --no-cache-dir --disable-pip-version-check \
  --requirement "$requirements"
ln -s environment/bin/python "$out/interpreter"
keep 'ln -s' "$out/environment/bin/python"
