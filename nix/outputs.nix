# Everything that the flake offers for one system.
{ self, pkgs }:
let
  inherit (pkgs) lib;
  scope = import ./. pkgs;
  inherit (scope) longpole longpole-perf checks;
  rts = scope.callPackage ./rts.nix {
    # A tree with uncommitted changes has no `rev`: it is no commit, and is not tested as one.
    rev = self.rev or null;
  };
in
{
  lib = { inherit (scope) mkSuite; };
  packages = {
    inherit longpole longpole-perf;
    default = longpole;
  }
  // rts.packages;
  apps = lib.genAttrs [ "default" "longpole" ] (_: {
    type = "app";
    program = "${longpole}/bin/longpole";
    meta = { inherit (longpole.meta) description; };
  });
  checks = checks // rts.checks;
  devShell = scope.callPackage ./devShell.nix { };
  formatter = pkgs.nixfmt;
}
