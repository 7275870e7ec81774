# A project of somebody else that uses Longpole in Nix: one call of mkSuite; it returns what the flake offers.
#
#   nix build             calc, tested on Linux, only built on darwin
#   nix build .#calc-checked-sharded
#
# Rendered by `longpole render --nix` and committed: nix/plan.json. docs/nix.md of Longpole tells the rest.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
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
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      eachSystem =
        make: lib.genAttrs systems (system: make (longpole.mkLib nixpkgs.legacyPackages.${system}));
      calc =
        longpoleLib:
        longpoleLib.mkSuite {
          src = ./.;
          buildPaths = [ "src" ];
          testPaths = [ "suite.yaml" ];
          rev = self.rev or null;
        };
    in
    {
      packages = eachSystem (
        longpoleLib:
        (calc longpoleLib).packages
        // {
          inherit (calc longpoleLib) default;
          inherit (longpoleLib) longpole; # for the workflows
        }
      );
      checks = eachSystem (longpoleLib: (calc longpoleLib).checks);
    };
}
