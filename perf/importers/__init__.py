"""Results of other programs to result files, a file a format. It may import the rest of `perf`, and the contracts.

A document is read into drafts, a draft is completed to a `Result`, and that is written by its content's name.
"""
