# Runs the suite, or one shard of it, over artifacts that are built, and keeps what it left: records, logs, report,
# JUnit, trace. It succeeds whatever the units did, since a derivation that fails keeps nothing; checked.nix judges.
{
  stdenv,
  plan,
  built,
  tests, # the tree that has the suite, and whatever units need beside the artifacts
  python, # with Longpole
  history, # estimates, the same for every shard; null where there are none
  rev, # of the commit, for its seeds; null where it is not known
  shard ? null, # { number, total }
}:
let
  label = if shard == null then "results" else "shard-${toString shard.number}-of-${toString shard.total}";
in
stdenv.mkDerivation (
  built.attributes
  // {
    name = "${plan.suite}-${label}";
    nativeBuildInputs = built.attributes.nativeBuildInputs ++ [ python ];
    src = tests; # what is built is built; its sources are not needed again
    LONGPOLE_REV = if rev == null then "" else rev;
    buildPhase = ''
      runHook preBuild
      ${built.link}
      runHook postBuild
    '';
    doCheck = true;
    checkPhase = ''
      runHook preCheck
      mkdir -p .longpole
      ${if history == null then "" else "install -m 644 ${history} .longpole/history.json"}
      # A build without a sandbox may lie inside somebody's repository, whose commit is not the one under test.
      export GIT_CEILING_DIRECTORIES=$(dirname "$PWD")
      jobs=$NIX_BUILD_CORES
      ${if plan.jobs == null then "" else "jobs=$((jobs < ${toString plan.jobs} ? jobs : ${toString plan.jobs}))"}
      python3 -m longpole render --quiet --suite ${plan.suite_file}
      make -j"$jobs" test PREBUILT=1 ${
        if shard == null then "" else "SHARD=${toString shard.number}/${toString shard.total}"
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
  }
)
