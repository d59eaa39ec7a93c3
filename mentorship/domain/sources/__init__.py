"""Sign-ups and responses that come by themselves: from a ticket shop, or a sheet at an address."""
