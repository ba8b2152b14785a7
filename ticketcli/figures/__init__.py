"""How fast we react: the figures of many tickets."""
