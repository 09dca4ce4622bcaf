"""What every stage needs to run: its arguments, its guards, its params."""
