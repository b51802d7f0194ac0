"""One module per section of a report, each a pure function of it; registry.SECTIONS has their order."""
