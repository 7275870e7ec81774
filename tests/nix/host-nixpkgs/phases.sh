# The phases of a derivation. Commands of the host come after those that were asked for.
set -euo pipefail

PATH=
for input in ${nativeBuildInputs:-}; do
  PATH=$PATH$input/bin:
done
export PATH=$PATH/usr/local/bin:/usr/bin:/bin
export HOME=/homeless-shelter
export PYTHONDONTWRITEBYTECODE=1 # root could write into the store, and what is in it must stay as it was
[ -z "${compiler:-}" ] || export CC=$compiler # as the hook of nixpkgs' compilers does, after `env`
[ "${NIX_BUILD_CORES:-0}" -gt 0 ] || NIX_BUILD_CORES=$(nproc)
export NIX_BUILD_CORES

runHook() { eval "${!1:-}"; }
phase() { # NAME DEFAULT
  local text=$1Phase
  text=${!text:-$2}
  eval "$text"
}

if [ -n "${src:-}" ] && [ -z "${dontUnpack:-}" ]; then
  cp -R "$src" source
  chmod -R u+w source
  cd source
fi
runHook postPatch
phase build ''
[ -z "${doCheck:-}" ] || phase check ''
phase install ''
