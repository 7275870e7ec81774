# The few functions of nixpkgs' lib that are used, with the meaning that they have there.
rec {
  inherit (builtins) attrValues mapAttrs;
  nameValuePair = name: value: { inherit name value; };
  genAttrs = names: make: builtins.listToAttrs (map (name: nameValuePair name (make name)) names);
  mapAttrs' =
    make: set: builtins.listToAttrs (map (name: make name set.${name}) (builtins.attrNames set));
  range = first: last: if first > last then [ ] else builtins.genList (index: first + index) (last - first + 1);
  optionals = wanted: list: if wanted then list else [ ];
  assertMsg = holds: message: holds || builtins.throw message;
}
