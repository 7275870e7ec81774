# The named files and folders of a tree, as a source of their own: a change to any other file does not change it.
# With `paths = null` it is the whole tree.
{
  root,
  name,
  paths ? null,
}:
let
  inherit (builtins) any stringLength substring;
  isBelow = path: folder: path == folder || substring 0 (stringLength folder + 1) path == "${folder}/";
  relative = path: substring (stringLength (toString root) + 1) (-1) path;
  isWanted = path: any (wanted: isBelow path wanted || isBelow wanted path) paths;
in
builtins.path {
  path = root;
  inherit name;
  filter = path: _type: paths == null || isWanted (relative path);
}
