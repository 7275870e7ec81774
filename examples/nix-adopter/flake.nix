# A project of somebody else that uses Longpole in Nix: one call of mkSuite, and names for what it gives.
#
#   nix build             calc, tested on Linux, only built on darwin
#   nix build .#calc-checked-sharded
#
# Rendered by `longpole render --nix` and committed: nix/plan.json. docs/nix.md of Longpole tells the rest.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
    longpole.url = "path:../.."; # in a project of your own: where Longpole is published
    longpole.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    {
      self,
      nixpkgs,
      longpole,
    }:
    let
      inherit (nixpkgs) lib;
      suites = lib.mapAttrs (
        system: _:
        longpole.lib.${system}.mkSuite {
          src = ./.;
          suite = "suite.yaml";
          pkgs = nixpkgs.legacyPackages.${system};
          buildPaths = [ "src" ];
          testPaths = [ "suite.yaml" ];
          rev = self.rev or self.dirtyRev or null;
        }
      ) longpole.lib;
    in
    {
      packages = lib.mapAttrs (
        system: calc:
        {
          inherit (calc) default;
          calc = calc.default;
          calc-build = calc.build;
          calc-checked = calc.checked;
          calc-results = calc.results;
          calc-checked-sharded = calc.sharded;
          longpole = longpole.packages.${system}.longpole; # for the workflows
        }
        // lib.mapAttrs' (part: lib.nameValuePair "calc-shard-${part}") calc.shards
      ) suites;
    };
}
