# The functions of nixpkgs' lib that are used, with the meaning that they have there.
let
  inherit (builtins) isAttrs isFunction pathExists;
in
rec {
  inherit (builtins)
    attrNames
    attrValues
    concatStringsSep
    filter
    functionArgs
    head
    mapAttrs
    ;
  nameValuePair = name: value: { inherit name value; };
  genAttrs = names: make: builtins.listToAttrs (map (name: nameValuePair name (make name)) names);
  mapAttrs' =
    make: set: builtins.listToAttrs (map (name: make name set.${name}) (builtins.attrNames set));
  mapAttrsToList = make: set: map (name: make name set.${name}) (builtins.attrNames set);
  range = first: last: if first > last then [ ] else builtins.genList (index: first + index) (last - first + 1);
  optionals = wanted: list: if wanted then list else [ ];
  optionalString = wanted: text: if wanted then text else "";
  removeSuffix =
    suffix: text:
    let
      kept = builtins.stringLength text - builtins.stringLength suffix;
    in
    if kept >= 0 && builtins.substring kept (-1) text == suffix then builtins.substring 0 kept text else text;
  escapeShellArg = value: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString value)}'";
  assertMsg = holds: message: holds || builtins.throw message;

  platforms.unix = [
    "x86_64-linux"
    "aarch64-linux"
    "x86_64-darwin"
    "aarch64-darwin"
  ];
  licenses = genAttrs [ "asl20" "mit" ] (name: { shortName = name; });
  sourceTypes.binaryNativeCode.shortName = "binaryNativeCode";

  makeOverridable =
    make: arguments:
    let
      made = make arguments;
      override = new: makeOverridable make (arguments // (if isFunction new then new arguments else new));
    in
    if isAttrs made then
      made // { inherit override; }
    else if isFunction made then
      {
        inherit override;
        __functor = _: made;
      }
    else
      made;
  callPackageWith =
    known: file: more:
    let
      make = if isFunction file then file else import file;
    in
    makeOverridable make (builtins.intersectAttrs (functionArgs make) known // more);
  callPackagesWith =
    known: file: more:
    let
      make = import file;
      arguments = builtins.intersectAttrs (functionArgs make) known // more;
    in
    mapAttrs (name: _: makeOverridable (new: (make new).${name}) arguments) (make arguments);
  makeScope =
    newScope: make:
    let
      self = make self // {
        newScope = more: newScope (self // more);
        callPackage = self.newScope { };
        overrideScope =
          overlay:
          makeScope newScope (
            final:
            let
              before = make final;
            in
            before // overlay final before
          );
        packages = make;
      };
    in
    self;

  # A file set is here the list of its paths.
  fileset = {
    unions =
      parts:
      builtins.concatLists (
        map (
          part:
          if builtins.isList part then
            part
          else if !builtins.isPath part then
            throw "lib.fileset.unions: an element is neither a path nor a file set"
          else if !pathExists part then
            throw "lib.fileset.unions: ${toString part} is a path that does not exist"
          else
            [ part ]
        ) parts
      );
    toSource =
      { root, fileset }:
      let
        isBelow = path: folder: path == folder || removePrefix "${folder}/" path != path;
        wanted = map toString (if builtins.isList fileset then fileset else [ fileset ]);
      in
      if !builtins.isPath root then
        throw "lib.fileset.toSource: `root` is not a path"
      else if !builtins.all (path: isBelow path (toString root)) wanted then
        throw "lib.fileset.toSource: `fileset` could contain files which are not under the `root`"
      else
        # An attribute set, as there, and no string.
        {
          outPath = builtins.path {
            path = root;
            name = "source";
            filter = path: _type: builtins.any (part: isBelow path part || isBelow part path) wanted;
          };
        };
  };
  removePrefix =
    prefix: text:
    if builtins.substring 0 (builtins.stringLength prefix) text == prefix then
      builtins.substring (builtins.stringLength prefix) (-1) text
    else
      text;
}
