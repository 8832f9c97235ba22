"""What everything in the interface stands on: the text of others, work in threads, screens and lists that nothing breaks."""
