# Builds all variants of a suite and runs no test. Its inputs are `src` and `tools` alone, never the suite, the commit
# or the test harness: those change often, and this is what is slow to make again.
{
  stdenv,
  plan,
  common,
  src,
  install,
  tests, # the suite's derivations that test these artifacts
}:
stdenv.mkDerivation (
  common.attributes
  // {
    name = "${plan.suite}-build";
    inherit src;
    buildPhase = ''
      runHook preBuild
      ${common.setVariables}
      export MAKEFLAGS="-j$NIX_BUILD_CORES"
      ${common.lines common.commands}
      unset MAKEFLAGS
      runHook postBuild
    '';
    installPhase = ''
      runHook preInstall
      ${common.copyArtifacts install}
      runHook postInstall
    '';
    passthru = { inherit tests; };
    meta = common.describe "all variants, built and not tested";
  }
)
