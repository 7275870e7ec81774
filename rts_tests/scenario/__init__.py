"""Scenarios: YAML files that set up git repositories, run command lines in a sandbox, and check what they did.

May import `machine` and `contracts`.
"""
