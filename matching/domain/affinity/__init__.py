"""How well two people fit, part by part."""
