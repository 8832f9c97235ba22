"""Reports: what was asked, tried and found, as one HTML file that needs nothing else, and as Markdown with its figures."""
