# The artifacts, once every planned unit has run exactly once and passed: fails on what results.nix kept, and prints
# what failed, with its seed and its reproducer, as the last lines of its log, which is what `nix build` shows.
{
  stdenv,
  plan,
  built,
  tests,
  python,
  runs, # one of results.nix, or all of its shards
  name,
}:
stdenv.mkDerivation (
  built.attributes
  // {
    inherit name;
    src = tests;
    nativeBuildInputs = built.attributes.nativeBuildInputs ++ [ python ];
    buildPhase = ''
      runHook preBuild
      ${built.link}
      runHook postBuild
    '';
    doCheck = true;
    checkPhase = ''
      runHook preCheck
      for run in ${toString runs}; do
        if [ ! -f "$run/share/longpole/run.json" ]; then
          cat "$run/share/longpole/make.log"
          exit 1
        fi
      done
      python3 -m longpole prove-shards --suite ${plan.suite_file} --into share/longpole ${
        toString (map (run: "${run}/share/longpole") runs)
      }
      python3 -m longpole report --format brief share/longpole
      runHook postCheck
    '';
    postInstall = ''
      mkdir -p "$out/share"
      cp -R share/longpole "$out/share/longpole"
    '';
  }
)
