"""What a verdict table says beyond its means: models, corrections, panels, rankings. Pure."""
