"""The commands: each a few lines over one library function, with the same params object that its stage uses.

A function in one of these modules is a command: its docstring is the help, its arguments are the flags.
"""
