"""Several evaluations side by side, as tables, as Markdown and as a page; and the page of a scored corpus."""
