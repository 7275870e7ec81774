# Everything that the flake offers for one system.
{
  self,
  system,
  pkgs,
}:
let
  fromNixpkgs = import ./from-nixpkgs.nix;
  ours = fromNixpkgs pkgs;
  inherit (ours) lib python;

  # A function of a file, given those of the things above and of `more` that it asks for.
  call =
    path: more:
    let
      function = import path;
      known = ours // { inherit system wasmtime; } // more;
    in
    function (builtins.intersectAttrs (builtins.functionArgs function) known);

  wasmtime = call ./wasmtime.nix { };
  checks = call ./checks.nix { inherit longpole; };
  longpole = call ./longpole.nix { passthru.tests = checks; };
  mkSuite = call ./mkSuite.nix { inherit ours fromNixpkgs longpole; };
  rts = call ./rts.nix {
    inherit mkSuite;
    # A dirty tree tells its commit since Nix 2.17 and nothing before; without one the seeds are the fallback.
    rev = self.rev or self.dirtyRev or null;
  };
in
{
  inherit mkSuite;
  packages = {
    inherit longpole;
    default = longpole;
    rts = rts.default;
    rts-build = rts.build;
    rts-checked = rts.checked;
    rts-results = rts.results;
    rts-checked-sharded = rts.sharded;
  }
  // lib.mapAttrs' (part: lib.nameValuePair "rts-shard-${part}") rts.shards;
  apps = lib.genAttrs [ "default" "longpole" ] (_: {
    type = "app";
    program = "${longpole}/bin/longpole";
  });
  checks = checks // {
    rts-checked = rts.checked;
  };
  devShell = call ./devShell.nix { };
  formatter = ours.nixfmt;
}
