# What a project gets for one of its suites: { build, results, checked, shards, sharded, default } and, ready to merge
# into a flake, { packages, checks }.
#
# docs/nix.md describes the arguments. `longpole render --nix` renders the plan in `src`: Nix cannot read YAML, and must
# know the platforms before it builds anything.
{
  lib,
  stdenv,
  python,
  longpole,
  callPackage,
}@scope:
lib.makeOverridable (
  {
    src,
    suite ? "suite.yaml",
    pkgs ? null,
    stdenv ? if pkgs == null then scope.stdenv else pkgs.stdenv,
    buildPaths ? null,
    testPaths ? null,
    tools ? [ ],
    buildInputs ? [ ],
    env ? { },
    buildPython ? python,
    pythonPackages ? [ ],
    install ? [ "." ],
    makefile ? "Makefile",
    rev ? null,
    history ? null,
    shards ? null,
    meta ? { },
  }@arguments:
  let
    inherit (builtins)
      fromJSON
      isPath
      match
      pathExists
      readFile
      replaceStrings
      unsafeDiscardStringContext
      ;
    inherit (stdenv.hostPlatform) system;

    # lib.fileset takes paths; the source of a flake (`src = self`) is a string, whose context is added again later.
    root = if isPath src then src else /. + unsafeDiscardStringContext "${src}";

    # suite.yaml has nix/plan.json, tests/slow.yaml has nix/tests-slow.plan.json.
    stem = replaceStrings [ "/" ] [ "-" ] (
      if match "(.*)\\.[^./]*" suite == null then suite else lib.head (match "(.*)\\.[^./]*" suite)
    );
    ownPlan = "nix/${lib.optionalString (suite != "suite.yaml") "${stem}."}plan.json";
    prefix = if pathExists (root + "/${ownPlan}") then lib.removeSuffix "plan.json" ownPlan else "nix/";
    planFile = root + "/${prefix}plan.json";
    shipped = root + "/${prefix}history.json";
    plan =
      if pathExists planFile then
        fromJSON (readFile planFile)
      else
        throw "there is no ${ownPlan} in ${toString root}; run `longpole render --nix --suite ${suite}`, and `git add` it";
    platform = plan.systems.${system} or { };
    total = if shards == null then platform.shards or 1 else shards;
    units = plan.units or total; # plans of before did not say

    common = import ./common.nix {
      inherit
        lib
        plan
        tools
        buildInputs
        env
        buildPython
        meta
        ;
      inherit (longpole) clients;
    };
    source =
      option: paths:
      import ./source.nix {
        inherit
          lib
          root
          option
          paths
          ;
      };
    shared = {
      inherit plan common build;
      src = source "testPaths" testPaths;
      python = python.withPackages (_: [ longpole ] ++ pythonPackages);
    };
    run =
      shard:
      callPackage ./results.nix (
        shared
        // {
          inherit stdenv shard makefile;
          history = if arguments ? history || !pathExists shipped then history else shipped;
          rev = import ./revision.nix rev;
        }
      );
    judge =
      name: attribute: runs:
      callPackage ./checked.nix (shared // { inherit name attribute runs; });

    build = callPackage ./build.nix {
      inherit
        stdenv
        plan
        common
        install
        ;
      src = source "buildPaths" buildPaths;
      tests = { inherit checked sharded; };
    };
    results = run null;
    checked = judge "${plan.suite}-checked" "${plan.suite}-results" [ results ];
    parts = lib.genAttrs (map toString (lib.range 1 total)) (number: run { inherit number total; });
    of = "of-${toString total}";
    named = lib.mapAttrs' (number: lib.nameValuePair "${number}-${of}") parts;
    sharded = judge "${plan.suite}-checked-sharded" "${plan.suite}-shard-K-${of}" (
      lib.attrValues parts
    );

    # Linux tests whatever it builds. Darwin only builds: its machines are few and slow, and nightly.yml tests there.
    default = if (platform.default or "build") == "checked" then checked else build;
  in
  assert lib.assertMsg (
    plan.version == 1
  ) "${prefix}plan.json is of another version; run `longpole render --nix --suite ${suite}`";
  assert lib.assertMsg (plan.suite_file == suite)
    "${prefix}plan.json is of ${plan.suite_file}, not of ${suite}; run `longpole render --nix --suite ${suite}`";
  assert lib.assertMsg (1 <= total && total <= units)
    "${suite}: ${plan.suite} has ${toString units} units, which cannot be split into ${toString total} shards on ${system}; correct `shards`";
  {
    inherit
      build
      results
      checked
      sharded
      default
      ;
    shards = named;
    packages = {
      ${plan.suite} = default;
      "${plan.suite}-build" = build;
      "${plan.suite}-results" = results;
      "${plan.suite}-checked" = checked;
      "${plan.suite}-checked-sharded" = sharded;
    }
    // lib.mapAttrs' (part: lib.nameValuePair "${plan.suite}-shard-${part}") named;
    checks."${plan.suite}-checked" = checked;
  }
)
