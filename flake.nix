{
  description = "Describe a test suite once; get a Makefile, a Nix split and CI workflows that start the long poles first";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      outputs = nixpkgs.lib.genAttrs systems (
        system:
        import ./nix {
          inherit self system;
          pkgs = nixpkgs.legacyPackages.${system};
        }
      );
      each = pick: nixpkgs.lib.mapAttrs (_: pick) outputs;
    in
    {
      packages = each (of: of.packages);
      apps = each (of: of.apps);
      checks = each (of: of.checks);
      devShells = each (of: { default = of.devShell; });
      formatter = each (of: of.formatter);
      lib = each (of: { inherit (of) mkSuite; });
    };
}
