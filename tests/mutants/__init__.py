"""Mutation testing of the pure core: `make mutants`. Imports nothing of the product, which each mutant loads anew."""
