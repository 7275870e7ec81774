# Runs the suite, or one shard of it, over artifacts that are built, and keeps what it left: records, logs, report,
# JUnit, trace. It succeeds whatever the units did, since a derivation that fails keeps nothing; checked.nix judges.
{
  lib,
  stdenv,
  plan,
  common,
  build,
  src, # the tree that has the suite, and whatever units need beside the artifacts
  makefile, # the name of what Longpole renders, in which reproducers are run
  python, # with Longpole
  history, # estimates, the same for every shard; null where there are none
  rev, # of the commit, for its seeds; null where it is not known
  shard ? null, # { number, total }
}:
let
  label =
    if shard == null then "results" else "shard-${toString shard.number}-of-${toString shard.total}";
  # `nix build --impure` can run some units again: see `longpole nightly-again`.
  targets = builtins.getEnv "LONGPOLE_TARGETS";
in
stdenv.mkDerivation (
  common.attributes
  // {
    name = "${plan.suite}-${label}";
    inherit src; # what is built is built; its sources are not needed again
    nativeBuildInputs = common.attributes.nativeBuildInputs ++ [ python ];
    env = common.attributes.env // {
      LONGPOLE_REV = if rev == null then "" else rev;
    };
    buildPhase = ''
      runHook preBuild
      ${common.setVariables}
      ${common.link build}
      runHook postBuild
    '';
    doCheck = true;
    checkPhase = ''
      runHook preCheck
      mkdir -p .longpole
      ${lib.optionalString (history != null) "install -m 644 ${history} .longpole/history.json"}
      # A build without a sandbox may lie inside somebody's repository, whose commit is not the one under test.
      export GIT_CEILING_DIRECTORIES=$(dirname "$PWD")
      jobs=$NIX_BUILD_CORES
      ${lib.optionalString (
        plan.jobs != null
      ) "jobs=$((jobs < ${toString plan.jobs} ? jobs : ${toString plan.jobs}))"}
      python3 -m longpole render --quiet --suite ${plan.suite_file}${
        lib.optionalString (makefile != "Makefile") " -o ${makefile}"
      }
      make -f ${makefile} -j"$jobs" ${if targets == "" then "test" else targets} PREBUILT=1 ${
        lib.optionalString (shard != null) "SHARD=${toString shard.number}/${toString shard.total}"
      } 2>&1 | tee make.log || true
      runHook postCheck
    '';
    installPhase = ''
      runHook preInstall
      mkdir -p "$out/share/longpole"
      cp make.log "$out/share/longpole/"
      for run in .longpole/runs/*/; do # one; or none, where the run could not even begin
        cp -R "$run". "$out/share/longpole/"
        (cd "$out" && python3 -m longpole report share/longpole >share/longpole/report.txt) || true
      done
      runHook postInstall
    '';
    meta = common.describe "what the tests left, whether they passed or not";
  }
)
