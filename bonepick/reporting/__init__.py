"""Several evaluations side by side: which differences are real, as tables, as Markdown and as a page."""
