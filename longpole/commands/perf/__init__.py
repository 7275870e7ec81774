"""The commands below `longpole perf`. Each is one call into `longpole.perf`, which it imports when it is called."""
