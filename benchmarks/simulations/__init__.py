"""Do the intervals cover what they say, and are the findings findings? Tried on verdicts of known truth.

    python -m benchmarks.simulations

writes docs/simulations.md. Each line of its tables is a study of `registry.STUDIES`: a way to draw data
whose truth is known, put through the callables that the report uses. Draws hang on the seed, the study's
name and the run's number alone, so that a study can be added without a change to any other.
"""
