# What the derivations of one suite share: its tools, libraries and variables, and where its artifacts are.
{
  lib,
  plan,
  tools,
  buildInputs,
  env,
  buildPython,
  clients,
  meta,
}:
let
  steps = plan.steps or [ ]; # each after those that it needs
  commands = lib.filter (command: command != null) (map (made: made.build) (steps ++ plan.variants));
  usesClients = command: builtins.length (builtins.split "[$]LONGPOLE_CLIENTS" command) > 1;
  variables =
    env
    // {
      PYTHON = "${buildPython}/bin/python3";
    }
    // (if builtins.any usesClients commands then { LONGPOLE_CLIENTS = "${clients}/clients"; } else { });
in
rec {
  inherit commands;
  lines = lib.concatStringsSep "\n";
  targetDirs = map (variant: variant.target_dir) plan.variants;
  # A variant that builds nothing, as one of scenarios for installed programs, need not have a target directory.
  mayLack = map (variant: variant.target_dir) (
    lib.filter (variant: variant.build == null && variant.artifact or null == null) plan.variants
  );
  unlessLacking =
    folder: place: command:
    if builtins.elem folder mayLack then "if [ -d ${place} ]; then\n${command}\nfi" else command;
  outputs = map (step: step.output) steps;

  attributes = {
    strictDeps = true;
    nativeBuildInputs = tools;
    inherit buildInputs;
    env = variables;
    dontConfigure = true;
    dontFixup = true; # artifacts are compared, hashed and tested byte by byte, as they were built
  };

  # A stdenv with a compiler sets CC and its kin after it was given `env`, so shell lines set them again.
  setVariables = lines (
    lib.mapAttrsToList (name: value: "export ${name}=${lib.escapeShellArg (toString value)}") variables
  );

  # Shell lines that put the artifacts, built, where a build would put them.
  link =
    build:
    lines (
      map (
        folder:
        unlessLacking folder "${build}/${folder}" ''
          mkdir -p "$(dirname ${folder})"
          ln -s ${build}/${folder} ${folder}
        ''
      ) (targetDirs ++ outputs)
    );

  # Shell lines that copy the files that `patterns` name out of each target directory, and the outputs of all steps.
  copyArtifacts =
    patterns:
    lines (
      [ ''mkdir -p "$out"'' ]
      ++ map (
        folder:
        unlessLacking folder folder ''
          mkdir -p "$out/${folder}"
          (cd ${folder} && cp -R ${lib.concatStringsSep " " patterns} "$out/${folder}/")
        ''
      ) targetDirs
      ++ map (output: ''
        mkdir -p "$out/$(dirname ${output})"
        cp -RH ${output} "$out/${output}"
      '') outputs
    );

  describe =
    what:
    {
      platforms = lib.platforms.unix;
    }
    // meta
    // {
      description = "${meta.description or plan.suite}: ${what}";
    };
}
