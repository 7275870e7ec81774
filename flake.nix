{
  description = "Describe a test suite once; get a Makefile, a Nix split and CI workflows that start the long poles first";

  # The last release with all four systems; docs/nix.md says what happens after it.
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

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
        import ./nix/outputs.nix {
          inherit self;
          pkgs = nixpkgs.legacyPackages.${system};
        }
      );
      each = pick: nixpkgs.lib.mapAttrs (_: pick) outputs;
    in
    {
      mkLib = import ./nix;
      lib = each (of: of.lib);
      packages = each (of: of.packages);
      apps = each (of: of.apps);
      checks = each (of: of.checks);
      devShells = each (of: {
        default = of.devShell;
      });
      formatter = each (of: of.formatter);
    };
}
