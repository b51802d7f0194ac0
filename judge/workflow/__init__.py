"""One module a command, each a few stages in order. The faces call these and nothing below."""
