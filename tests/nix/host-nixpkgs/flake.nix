# Stands in for nixpkgs, in tests alone: the attributes that nix/from-nixpkgs.nix names, made of this machine's tools.
#
#   nix build .#rts-checked --override-input nixpkgs path:tests/nix/host-nixpkgs
#
# Nothing here is pure: builders use what is installed in /usr, and a Python that host-python.sh finds or makes. It needs
# builds without a sandbox. docs/nix.md says what a build with it proves and what it does not.
{
  description = "This machine's tools in the place of nixpkgs, for tests";

  outputs =
    { self }:
    let
      lib = import ./lib.nix;
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ] (system: import ./packages.nix { inherit lib system; });
    };
}
