"""What the repository keeps to beyond what linters know: words, links, names, folders."""
