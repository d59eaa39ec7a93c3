"""What each column of a file is: by heading, by content, or as a person chose."""
