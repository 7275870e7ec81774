# Builds all variants of a suite and runs no test. Its inputs are `src` and `tools` alone, never the suite, the commit
# or the test harness: those change often, and this is what is slow to make again.
#
# `attributes` are what the derivations that test share with it.
{
  stdenv,
  plan,
  src,
  tools,
  python,
  install,
  env,
}:
let
  inherit (builtins) concatStringsSep filter map;
  lines = concatStringsSep "\n";
  steps = plan.steps or [ ]; # each after those that it needs
  commands = filter (command: command != null) (map (made: made.build) (steps ++ plan.variants));
  outputs = map (step: step.output) steps;
  targetDirs = map (variant: variant.target_dir) plan.variants;

  attributes = env // {
    inherit src;
    nativeBuildInputs = tools;
    PYTHON = "${python}/bin/python3";
    dontConfigure = true;
    dontFixup = true; # artifacts are compared, hashed and tested byte by byte, as they were built
    buildPhase = ''
      runHook preBuild
      export MAKEFLAGS="-j$NIX_BUILD_CORES"
      ${lines commands}
      unset MAKEFLAGS
      runHook postBuild
    '';
    installPhase = ''
      runHook preInstall
      ${lines (
        map (folder: ''
          mkdir -p "$out/${folder}"
          (cd ${folder} && cp -R ${concatStringsSep " " install} "$out/${folder}/")
        '') targetDirs
      )}
      ${lines (
        map (output: ''
          mkdir -p "$out/$(dirname ${output})"
          cp -R ${output} "$out/${output}"
        '') outputs
      )}
      runHook postInstall
    '';
  };
  build = stdenv.mkDerivation (attributes // { name = "${plan.suite}-build"; });
in
{
  inherit build attributes;

  # Shell lines that put the artifacts, built, where a build would put them.
  link = lines (
    map (folder: ''
      mkdir -p "$(dirname ${folder})"
      ln -s ${build}/${folder} ${folder}
    '') (targetDirs ++ outputs)
  );
}
