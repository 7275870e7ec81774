# What pyproject.toml calls the extra `perf`, which `longpole perf` needs; a test compares them.
packages: with packages; [
  numpy
  pygithub
  ruptures
  scipy
]
