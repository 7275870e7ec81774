# Longpole made of one set of packages: a scope, in which each part can be replaced (`overrideScope`). The flake offers
# it as `mkLib`.
pkgs:
pkgs.lib.makeScope pkgs.newScope (self: {
  python = pkgs.python3;
  wasmtime = self.callPackage ./wasmtime.nix { };
  ziglang = self.callPackage ./ziglang.nix { };
  longpole = self.callPackage ./longpole.nix { };
  longpole-perf = self.callPackage ./longpole.nix { withPerf = true; };
  mkSuite = self.callPackage ./mkSuite.nix { };

  # The checks of this project itself. They are no packages, so `override` is added to each, not to the set.
  checks = pkgs.lib.callPackagesWith (pkgs // self) ./checks.nix { };
})
