# The artifacts, once every planned unit has run exactly once and passed: fails on what results.nix kept, and prints
# what failed, with its seed, the end of its log and its reproducer, as the last lines of its own log, which is what
# `nix build` shows.
#
# Whoever installs it gets the artifacts and what they need, but nothing that tested them: logs and records name paths
# of the store, which would keep Python and all tools, so their hashes are blotted out.
{
  stdenvNoCC,
  plan,
  common,
  build,
  src,
  longpole,
  python, # with Longpole
  runs, # one of results.nix, or all of its shards
  name,
  attribute, # what `nix build .#` makes the results by
}:
stdenvNoCC.mkDerivation (
  common.attributes
  // {
    inherit name src;
    nativeBuildInputs = [ python ];
    buildInputs = [ ];
    disallowedReferences = [
      longpole
      python
    ];
    buildPhase = ''
      runHook preBuild
      ${common.link build}
      runHook postBuild
    '';
    doCheck = true;
    checkPhase = ''
      runHook preCheck
      where='records and logs: nix build .#${attribute}'
      for run in ${toString runs}; do
        if [ ! -f "$run/share/longpole/run.json" ]; then
          cat "$run/share/longpole/make.log"
          echo "$where"
          exit 1
        fi
      done
      python3 -m longpole prove-shards --suite ${plan.suite_file} --into share/longpole ${
        toString (map (run: "${run}/share/longpole") runs)
      } || { echo "$where"; exit 1; }
      python3 -m longpole report --format brief share/longpole || { echo "$where"; exit 1; }
      runHook postCheck
    '';
    installPhase = ''
      runHook preInstall
      ${common.copyArtifacts [ "." ]}
      mkdir -p "$out/share"
      cp -R share/longpole "$out/share/longpole"
      find "$out/share/longpole" -type f -exec env LC_ALL=C sed -E -i \
        's|/[0-9a-df-np-sv-z]{32}-|/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-|g' {} +
      runHook postInstall
    '';
    passthru = { inherit build runs; };
    meta = common.describe "all variants, tested";
  }
)
