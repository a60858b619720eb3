"""The pages: thin, each one service call."""
