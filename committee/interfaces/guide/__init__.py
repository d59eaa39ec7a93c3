"""The committee's guide in docs/ as pages of the product, and which section helps on which page."""
