# What a project gets for its suite.yaml: { build, results, checked, shards, sharded, default }.
#
# docs/nix.md describes the arguments. `nix/plan.json` in `src` is rendered by `longpole render --nix`: Nix cannot read
# YAML, and must know the platforms before it builds anything.
{
  system,
  ours, # from-nixpkgs.nix, of this flake's own nixpkgs
  fromNixpkgs,
  longpole,
}:
{
  src,
  suite ? "suite.yaml",
  pkgs ? null,
  stdenv ? if pkgs == null then ours.stdenv else (fromNixpkgs pkgs).stdenv,
  buildPaths ? null,
  testPaths ? null,
  tools ? [ ],
  env ? { },
  buildPython ? ours.python,
  pythonPackages ? [ ],
  install ? [ "." ],
  rev ? null,
  history ? if builtins.pathExists (src + "/nix/history.json") then src + "/nix/history.json" else null,
  shards ? null,
}:
let
  inherit (ours) lib;
  plan = builtins.fromJSON (builtins.readFile (src + "/nix/plan.json"));
  platform = plan.systems.${system} or { };
  total = if shards == null then platform.shards or 1 else shards;

  source = import ./source.nix;
  built = import ./build.nix {
    inherit stdenv plan tools install env;
    python = buildPython;
    src = source {
      root = src;
      name = "${plan.suite}-source";
      paths = buildPaths;
    };
  };
  shared = {
    inherit stdenv plan built;
    python = ours.python.withPackages (_: [ longpole ] ++ pythonPackages);
    tests = source {
      root = src;
      name = "${plan.suite}-tests";
      paths = testPaths;
    };
  };
  run =
    shard:
    import ./results.nix (
      shared
      // {
        inherit history shard;
        rev = import ./revision.nix rev;
      }
    );
  judge = name: runs: import ./checked.nix (shared // { inherit name runs; });

  inherit (built) build;
  results = run null;
  checked = judge "${plan.suite}-checked" [ results ];
  parts = lib.genAttrs (map toString (lib.range 1 total)) (
    number:
    run {
      inherit number total;
    }
  );
in
assert lib.assertMsg (plan.version == 1) "nix/plan.json is of another version; run `longpole render --nix`";
assert lib.assertMsg (plan.suite_file == suite) "nix/plan.json is of ${plan.suite_file}, not of ${suite}";
{
  inherit build results checked;
  shards = lib.mapAttrs' (number: lib.nameValuePair "${number}-of-${toString total}") parts;
  sharded = judge "${plan.suite}-checked-sharded" (lib.attrValues parts);

  # Linux tests whatever it builds. Darwin only builds: its machines are few and slow, and nightly.yml tests there.
  default = if (platform.default or "build") == "checked" then checked else build;
}
