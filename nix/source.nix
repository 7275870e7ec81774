# The named files and folders of a tree, as a source of their own: a change to any other file does not change it.
# With `paths = null` it is the whole tree. A path that does not exist is refused: it would build without what it means.
{
  lib,
  root,
  option, # who named the paths, for messages
  paths ? null,
}:
let
  inherit (builtins) isString pathExists toString;
  part =
    path:
    if !isString path then
      path # a path or a file set, which lib.fileset checks itself
    else if pathExists (root + "/${path}") then
      root + "/${path}"
    else
      throw "${option}: there is no ${path} in ${toString root}; correct it, or `git add` it: a flake has only what git knows";
in
lib.fileset.toSource {
  inherit root;
  fileset = if paths == null then root else lib.fileset.unions (map part paths);
}
