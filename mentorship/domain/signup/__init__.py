"""Open sign-up, and sending people their link: on request, to the address alone."""
