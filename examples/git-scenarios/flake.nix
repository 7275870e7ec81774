# The scenarios in Nix: `nix build` runs all of them, in both variants, with the git of nixpkgs.
#
# Rendered by `longpole render --nix` and committed: nix/plan.json.
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
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      suite =
        system:
        let
          pkgs = nixpkgs.legacyPackages.${system};
        in
        (longpole.mkLib pkgs).mkSuite {
          src = ./.;
          buildPaths = [ ];
          testPaths = [
            "suite.yaml"
            "scenarios"
          ];
          tools = [ pkgs.git ];
          rev = self.rev or null;
        };
    in
    {
      packages = nixpkgs.lib.genAttrs systems (
        system: (suite system).packages // { inherit (suite system) default; }
      );
      checks = nixpkgs.lib.genAttrs systems (system: (suite system).checks);
    };
}
