class BuildError(Exception):
    pass
RECIPES = {}
SOURCE_OF = {}
