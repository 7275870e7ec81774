# The C compiler of rts/, as pip installs it: one release of it, inside and outside Nix.
{ lib, callPackage }:
callPackage ./wheel.nix { } {
  pname = "ziglang";
  version = "0.17.0";
  wheels = {
    x86_64-linux = {
      platform = "manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64";
      hash = "sha256-lweYJwZKdJLM5VQc60OK6AA84eVOOZZ22i1i+3pdwIs=";
    };
    aarch64-linux = {
      platform = "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64";
      hash = "sha256-0oBPlPVPf8+BafSyEqYZrWiKTi5lkul28M8uWOLNivM=";
    };
    x86_64-darwin = {
      platform = "macosx_13_0_x86_64";
      hash = "sha256-TZEPDjY922CmuN21UjVhd5eozLy2xccTKpSdn4M+6kI=";
    };
    aarch64-darwin = {
      platform = "macosx_13_0_arm64";
      hash = "sha256-hydK9onEEoBRsmyA9vZ2dX4KgcL9wTf9i1Z56SjkvE8=";
    };
  };
  meta = {
    description = "Zig's C compiler, from the wheel of the package index";
    license = lib.licenses.mit;
  };
}
